import { expect, test } from 'vitest'
import { Job, type JobProps, Secret, sentenceOf } from '../index.js'
import { smallRelease } from '../testing/small-release.js'

/** The design's release with a job that publishes by itself. */
function withHeld(props: (base: ReturnType<typeof smallRelease>) => JobProps) {
  const base = smallRelease()
  const job = new Job(base.app, 'homebrew', { script: ['./push-formula'], ...props(base) })
  return { ...base, job, synthesis: base.app.synth() }
}

const homebrew = { name: 'homebrew', because: 'a formula is a commit in another project' }

test('a hand-written publishing job waits for a click after the whole gate, only on protected refs', () => {
  const { synthesis } = withHeld(({ stable, targets }) => ({ publishes: stable, needs: targets.slice(0, 1).map(({ jobs }) => jobs.build) }))
  expect(synthesis.issues.map(sentenceOf)).toEqual([])
  expect(synthesis.document.jobs['homebrew']).toEqual({
    stage: 'publish',
    needs: [
      'build: [ubuntu/jammy]',
      { job: 'seal', artifacts: false },
      { job: 'deploy: [staging]', artifacts: false },
      { job: 'deploy: [production]', artifacts: false },
    ],
    inherit: { default: false, variables: false },
    interruptible: false,
    environment: { name: 'public/stable', action: 'prepare' },
    script: ['./push-formula'],
    rules: [
      {
        if: String.raw`$CI_COMMIT_TAG =~ /^v\d+\.\d+\.\d+$/ && $CI_COMMIT_REF_PROTECTED == "true"`,
        when: 'manual',
        allow_failure: false,
      },
    ],
  })
  expect(synthesis.factsOf('homebrew')?.secrets).toEqual(['PUBLIC_TOKEN'])
  expect(synthesis.files[2]?.text).toContain('- `homebrew`: publishes to stable behind the gate with your own script')
})

test('a place that is no repository has an environment, and the credentials that the job declares', () => {
  const { synthesis } = withHeld(() => ({ publishes: homebrew, secrets: [Secret.variable('BREW_TOKEN')], tags: ['mac'] }))
  expect(synthesis.issues).toEqual([])
  expect(synthesis.document.jobs['homebrew']).toMatchObject({ environment: { name: 'public/homebrew' }, tags: ['mac'] })
})

test('it exists where a release publishes, or where the author says; elsewhere the gate is open', () => {
  const { synthesis } = withHeld(({ app }) => {
    new Job(app, 'more', { publishes: homebrew, script: ['./more'] })
    return { publishes: homebrew }
  })
  expect(synthesis.explain('more').map(({ kind, exists }) => [kind, exists])).toEqual([
    ['release', 'always'],
    ['refused', 'never'],
  ])
})

test('the proof watches it as any other job that publishes', () => {
  const base = smallRelease()
  const job = new Job(base.app, 'homebrew', { publishes: base.stable, script: ['./push-formula'] })
  job.addOverride('needs', ['seal'], 'faster')
  expect(base.app.synth().issues).toMatchObject([{ code: 'gate/open', job: 'homebrew', through: ['homebrew', 'deploy: [staging]'] }])
})

test.each<[string, Partial<JobProps>, string]>([
  ['a start of its own', { when: 'always' }, 'when'],
  ['cases', { rules: [{ if: '$A' }] }, 'rules'],
  ['a click that nobody has to make', { manual: 'optional' }, 'manual'],
])('%s beside publishes is refused', (_, props, keyword) => {
  const { synthesis } = withHeld(() => ({ publishes: homebrew, ...props }))
  expect(synthesis.issues).toMatchObject([{ code: 'structure/value', job: 'homebrew', keyword }])
})

test.each([{ name: 'homebrew' }, { name: '', because: 'x' }, { name: 'a/b', because: 'x' }, 'homebrew', null])(
  '%j is no place',
  (publishes) => {
    const { app, staging } = smallRelease()
    // As a program without types would say it.
    const place = publishes as never
    expect(() => new Job(app, 'x', { publishes: place, script: ['x'] })).toThrow('Expected a PublicRepo in publishes')
    // @ts-expect-error a staging repository is not public
    expect(() => new Job(app, 'y', { publishes: staging, script: ['x'] })).toThrow('Expected a PublicRepo in publishes')
  },
)
