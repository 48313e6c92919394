import { expect, test } from 'vitest'
import { Deployment, Duration, PackageTarget, type Synthesis } from '../index.js'
import { smallRelease } from '../testing/small-release.js'
import { comparePipelines, type PipelineVersion } from './compare.js'

type Base = ReturnType<typeof smallRelease>

function versionOf(change: (base: Base) => void = () => undefined): PipelineVersion {
  const base = smallRelease()
  change(base)
  return synthesized(base.app.synth())
}
function synthesized({ files, plan, issues }: Synthesis): PipelineVersion {
  expect(issues).toEqual([])
  return { yaml: files[0]?.text ?? '', plan }
}

function changes(before: PipelineVersion, after: PipelineVersion): readonly string[] {
  const found = comparePipelines(before, after)
  if ('message' in found) throw new Error(found.message)
  return found.map(({ what, job, message }) => `${what}: ${job ?? '-'}: ${message}`)
}

const base = versionOf()

test('a pipeline means the same as itself, however its YAML is written', () => {
  expect(changes(base, base)).toEqual([])
  expect(changes(base, { ...base, yaml: base.yaml.replace(/^# .*$/gm, '# other comments') })).toEqual([])
})

test('a further target appears, and nothing is weaker', () => {
  const more = versionOf(({ release }) => void new PackageTarget(release, 'el/10', { build: { script: ['make'] }, packages: 'dist/*' }))
  const found = changes(base, more)
  expect(found).toContain('appears: publish: [el/10]: appears')
  expect(found).toContain('changes: seal: changes in needs')
  expect(found.filter((change) => change.startsWith('weakened'))).toEqual([])
  expect(changes(more, base)).toContain('vanishes: publish: [el/10]: vanishes')
})

test('a deployment that publishing no longer waits for comes first', () => {
  const less = versionOf()
  const waits = versionOf(({ release, production }) => void new Deployment(release, 'canary', { script: ['x'], after: [production] }))
  expect(changes(waits, less)[0]).toBe('weakened: publish: [ubuntu/jammy]: no longer waits for deploy: [canary]')
})

test.each([
  ['the click is gone', ['      when: manual\n      allow_failure: false\n', ''], 'can start before'],
  ['branches reach it', [' && $CI_COMMIT_REF_PROTECTED == "true"\n      when: manual', '\n      when: manual'], 'publish: [ubuntu/jammy]'],
  ['defaults reach it', ['inherit: {default: false, variables: false}', 'inherit: {default: true, variables: false}'], 'inherits defaults'],
  ['the command is not checked', [/^ {4}- echo .*sha256sum -c -\n/gm, ''], 'no longer checks the sha256'],
] as const)('by hand: %s', (_, [from, to], said) => {
  const yaml = base.yaml.replaceAll(from, to)
  expect(yaml).not.toBe(base.yaml)
  const [first] = changes(base, { ...base, yaml })
  expect(first).toMatch(/^weakened: /)
  expect(changes(base, { ...base, yaml }).join('\n')).toContain(said)
})

test('a shorter hold, one click for all, and a credential that goes elsewhere are weaker', () => {
  const plan = base.plan
  if (plan === undefined) throw new Error('Expected a plan')
  const [release] = plan.releases
  if (release === undefined) throw new Error('Expected a release')
  const shorter = { ...plan, releases: [{ ...release, hold: Duration.days(7).seconds, approval: 'once' as const }] }
  expect(changes(base, { ...base, plan: shorter })).toEqual([
    'weakened: -: acme is held for 7 days, and was for 14',
    'weakened: -: one click publishes all of acme, and each target had its own',
  ])
  const stable = plan.repositories['stable']
  if (stable === undefined) throw new Error('Expected a repository')
  const moved = { ...plan, repositories: { ...plan.repositories, stable: { ...stable, origin: 'https://other.example' } } }
  expect(changes(base, { ...base, plan: moved })[0]).toContain('go to https://other.example, and went to https://packagecloud.io')
  expect(changes(base, { ...base, plan: { ...plan, allowedVariables: ['HTTPS_PROXY'] } })).toEqual([
    'weakened: -: jobs with credentials accept HTTPS_PROXY',
  ])
})

test('what GitLab refuses is not compared', () => {
  expect(comparePipelines(base, { yaml: 'a: [' })).toMatchObject({ version: 'after' })
  expect(comparePipelines({ yaml: '' }, base)).toMatchObject({ version: 'before' })
})
