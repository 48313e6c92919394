import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  App,
  Condition,
  Deployment,
  directory,
  Job,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  Release,
  type ReleaseProps,
  Secret,
  StagingRepo,
} from '../index.js'
import { emptyRelease, pinned, smallRelease } from '../testing/small-release.js'

const build = { script: ['make'] }
const packages = 'dist/*'

function runbookOf(app: App): string {
  const { files, issues } = app.synth()
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([])
  return files.find(({ path }) => path.endsWith('RELEASING.md'))?.text ?? ''
}

/** The chapters of one kind, one for each release that publishes in it. */
function chaptersOf(runbook: string, kind: string): readonly string[] {
  return runbook.split(/^(?=## )/m).filter((chapter) => chapter.split('\n', 1)[0]?.endsWith(`, ${kind}`))
}

describe('with approval once', () => {
  const { app, release } = emptyRelease(pinned, { approval: 'once', approvals: true })
  for (const [id, optional] of [
    ['el/9', false],
    ['raspbian/bookworm', true],
  ] as const)
    new PackageTarget(release, id, { build, packages, optional })
  const runbook = runbookOf(app)

  test('the one click is named, and the buttons that are not there are not', () => {
    expect(runbook).toContain('start `approve`, the one click for the whole release')
    expect(runbook).not.toContain('each by its button')
    expect(runbook).toContain('| el/9 | `approve` starts `publish: [el/9]` | stable | `verify: [el/9]` |')
  })

  test('an optional target has a seal and a click of its own', () => {
    const row =
      '| raspbian/bookworm (optional) | your click on `publish: [raspbian/bookworm]`, after `seal: [raspbian/bookworm]` | stable |'
    expect(runbook).toContain(row)
  })

  test('the approvals of GitLab are announced', () => {
    expect(runbook).toContain('until its deployment to `public/stable` has the approvals')
  })
})

test('jobs by hand that wait for a click say what they publish, and who waits for them', () => {
  const { app, release, stable, tagged } = emptyRelease()
  new PackageTarget(release, 'el/9', { build, packages })
  const exempt = { publishes: 'AMI', because: 'the marketplace\nreviews it' }
  for (const name of ['AWS', 'GCP']) new Job(app, name, { on: tagged, manual: 'blocking', script: ['x'], exempt })
  new Job(app, 'brew', { publishes: stable, script: ['x'] })
  new Job(app, 'benchmark', { on: tagged, script: ['x'], rules: [{ if: '$BENCH', manual: 'optional' }, {}] })
  expect(runbookOf(app)).toContain(`Other jobs of this pipeline also wait for a click:

- \`AWS\`, \`GCP\`: publishes AMI outside the gate: the marketplace reviews it; until it is started, the pipeline shows as blocked.
- \`benchmark\`: nothing waits for it; its rules decide whether it exists and waits.
- \`brew\`: publishes to stable behind the gate with your own script: Stagegate does not seal or verify this; until it is started, the pipeline shows as blocked.
`)
  expect(runbookOf(app)).toContain('| `PUBLIC_TOKEN` | publish, brew | `public/*` |')
})

test('a deployment that is confirmed is waited for by its confirming job', () => {
  const { app, release } = emptyRelease()
  new PackageTarget(release, 'el/9', { build, packages })
  new Deployment(release, 'production', { script: ['deploy'], confirm: ['check'] })
  expect(runbookOf(app)).toContain('Wait for `confirm: [production]`')
})

describe('every job that waits for a click in a publishing kind is named in its chapter', () => {
  const releaseProps = fc.record({
    approval: fc.constantFrom<ReleaseProps['approval']>('each', 'once'),
    approvals: fc.boolean(),
    targets: fc.array(fc.record({ optional: fc.boolean(), kinds: fc.constantFrom('both', 'release', 'candidate') }), {
      minLength: 1,
      maxLength: 3,
    }),
    deployments: fc.integer({ min: 0, max: 2 }),
  })
  const handWritten = fc.record({
    start: fc.constantFrom('held', 'exempt', 'blocking', 'optional', 'rule', 'patched', 'automatic'),
    kind: fc.constantFrom('both', 'release', 'candidate'),
  })
  const program = fc.record({
    releases: fc.array(releaseProps, { minLength: 1, maxLength: 2 }),
    jobs: fc.array(handWritten, { maxLength: 4 }),
    isIncluded: fc.boolean(),
  })
  type Program = typeof program extends fc.Arbitrary<infer T> ? T : never

  function appOf({ releases, jobs, isIncluded }: Program): App {
    const app = new App({ ...pinned, ...(isIncluded && { include: [{ local: 'more.yml' }] }) })
    const kinds = {
      release: new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+)$/) }),
      candidate: new PipelineKind(app, 'candidate', { when: Condition.tag(/^v(?<version>\d+)-rc$/) }),
    }
    const on = (which: string) => Object.entries(kinds).flatMap(([name, kind]) => (which === 'both' || which === name ? [kind] : []))
    const staging = new StagingRepo(app, 'staging', { at: directory('/srv/staging') })
    const stable = new PublicRepo(app, 'stable', { at: directory('/srv/stable') })
    for (const [index, { targets, deployments, ...props }] of releases.entries()) {
      const release = new Release(app, `product${index}`, { routes: [{ on: on('both'), staging, public: stable }], ...props })
      for (const [id, { optional, kinds: which }] of targets.entries())
        new PackageTarget(release, `el/${id}`, {
          build,
          packages,
          optional: optional && id > 0,
          routes: [{ on: id === 0 ? on('both') : on(which), staging, public: stable }],
        })
      for (let count = 0; count < deployments; count++) new Deployment(release, `d${count}`, { script: ['x'] })
    }
    for (const [index, { start, kind }] of jobs.entries()) {
      const name = `job ${index}`
      const common = { on: on(kind), script: ['x'] }
      if (start === 'held') new Job(app, name, { ...common, publishes: { name: `place${index}`, because: 'x' } })
      else if (start === 'exempt') new Job(app, name, { ...common, manual: 'optional', exempt: { publishes: 'x', because: 'y' } })
      else if (start === 'rule') new Job(app, name, { ...common, rules: [{ if: '$A == "b"', manual: 'blocking' }, {}] })
      else if (start === 'patched') new Job(app, name, common).addOverride('rules.0.when', 'manual', 'x')
      else new Job(app, name, { ...common, ...(start !== 'automatic' && { manual: start }) })
    }
    return app
  }

  test('whatever the releases, deployments and jobs are', { timeout: 300_000 }, () => {
    fc.assert(
      fc.property(program, (made) => {
        const synthesis = appOf(made).synth({ readLocal: () => 'by hand: { stage: build, script: [x], when: manual }' })
        expect(synthesis.issues.filter(({ severity }) => severity === 'error')).toEqual([])
        const runbook = synthesis.files.find(({ path }) => path.endsWith('RELEASING.md'))?.text ?? ''
        for (const [kind, tag] of [
          ['release', 'v1'],
          ['candidate', 'v1-rc'],
        ] as const) {
          for (const variables of [{}, { A: 'b' }]) {
            const chapters = chaptersOf(runbook, kind)
            const missing = synthesis
              .pipeline({ tag, protected: true, variables })
              .manual.filter((name) => !chapters.join('').includes(`\`${name}\``))
            expect(missing).toEqual([])
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})

test('a variable of the type File is marked', () => {
  const { app } = smallRelease()
  expect(runbookOf(app)).not.toContain('type File')
  new Job(app, 'sign', { secrets: [Secret.file('GPG_KEY_PATH')], script: ['gpg --import "$GPG_KEY_PATH"'] })
  expect(runbookOf(app)).toContain('| `GPG_KEY_PATH`, of the type File | sign | all |')
  expect(runbookOf(app)).toContain('GitLab cannot mask a file with several lines.')
})
