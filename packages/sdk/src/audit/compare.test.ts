import { expect, test } from 'vitest'
import { Deployment, Duration, PackageTarget, PublicRepo, packagecloud, Secret, type Synthesis } from '../index.js'
import { pinned, smallRelease } from '../testing/small-release.js'
import { comparePipelines } from './compare.js'
import type { PipelineVersion } from './version.js'

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
  if (found.is === 'refused') throw new Error(found.message)
  return found.changes.map(({ what, job, message }) => `${what}: ${job ?? '-'}: ${message}`)
}

const base = versionOf()

test('a pipeline means the same as itself, however its YAML is written', () => {
  expect(changes(base, base)).toEqual([])
  expect(changes(base, { ...base, yaml: base.yaml.replace(/^# .*$/gm, '# other comments') })).toEqual([])
})

test('a pipeline means the same whether its jobs are whole or extend what they share', () => {
  const many = (sharedParts: boolean) => {
    const { app, release } = smallRelease({ ...pinned, sharedParts })
    for (const version of [11, 12]) new PackageTarget(release, `el/${version}`, { build: { script: ['make'] }, packages: 'dist/*' })
    return synthesized(app.synth())
  }
  const [whole, shared] = [many(false), many(true)]
  expect(shared.yaml).not.toBe(whole.yaml)
  expect([changes(whole, shared), changes(shared, whole)]).toEqual([[], []])
  const weaker = shared.yaml.replace(/(:publish:rules:\n.*\n.*\n) {6}when: manual\n {6}allow_failure: false\n/, '$1')
  expect(weaker).not.toBe(shared.yaml)
  expect(changes(whole, { ...shared, yaml: weaker }).filter((change) => change.startsWith('weakened: publish: '))).not.toEqual([])
})

test('a further target appears, and nothing is weaker', () => {
  const more = versionOf(({ release }) => void new PackageTarget(release, 'el/10', { build: { script: ['make'] }, packages: 'dist/*' }))
  const found = changes(base, more)
  expect(found).toContain('appears: publish: [el/10]: appears')
  expect(found).toContain('changes: seal: changes in needs')
  expect(found.filter((change) => change.startsWith('weakened'))).toEqual([])
  // That the others no longer wait for what is gone is no weakness.
  expect(changes(more, base).filter((change) => !change.startsWith('changes'))).toEqual(
    ['build', 'stage', 'publish', 'verify'].map((phase) => `vanishes: ${phase}: [el/10]: vanishes`),
  )
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
    'weakened: -: the hold of acme is reduced from 14 days to 7',
    'weakened: -: one click publishes all of acme; before, each target needed its own',
  ])
  const stable = plan.repositories['stable']
  if (stable === undefined) throw new Error('Expected a repository')
  const moved = { ...plan, repositories: { ...plan.repositories, stable: { ...stable, origin: 'https://other.example' } } }
  expect(changes(base, { ...base, plan: moved })[0]).toContain('go to https://other.example instead of https://packagecloud.io')
  const { read, write } = stable.credentials
  const wider = { ...plan.repositories, stable: { ...stable, credentials: { read, write: [...write, 'OTHER_TOKEN'] } } }
  expect(changes(base, { ...base, plan: { ...plan, repositories: wider } })).toContain(
    'weakened: -: stable now uses the credential OTHER_TOKEN',
  )
  expect(changes(base, { ...base, plan: { ...plan, allowedVariables: ['HTTPS_PROXY'] } })).toEqual([
    'weakened: -: jobs with credentials accept HTTPS_PROXY',
  ])
})

test('a file that is included and not looked at is weaker, and one that opens the gate is found out', () => {
  const local = `include: ci/more.yml\n${base.yaml}`
  expect(changes(base, { ...base, yaml: local })).toEqual(['weakened: -: ci/more.yml was not read. It can redefine the jobs of the gate'])
  const more = (text: string): PipelineVersion => ({ ...base, yaml: local, readLocal: () => text })
  expect(changes(more('seal: {tags: [a]}'), more('seal: {tags: [b]}'))).toEqual(['changes: seal: changes in tags'])
  expect(changes(more('seal: {tags: [a]}'), more('seal: {allow_failure: true}')).join('\n')).toMatch(
    /^weakened: publish: .*seal is allowed to fail/,
  )
})

test('a secret in Vault that another job can fetch is weaker', () => {
  const vault = versionOf(({ app, tagged, staging, release }) => {
    const token = Secret.vault('release/token@ops', { as: 'VAULT_TOKEN', aud: 'https://vault.example/publish' })
    const vaulted = new PublicRepo(app, 'vaulted', { at: packagecloud('acme/vaulted', { token }) })
    const routes = [{ on: tagged, staging, public: vaulted }]
    new PackageTarget(release, 'el/10', { build: { script: ['make'] }, packages: 'dist/*.rpm', routes })
  })
  const wider = vault.yaml.replace(/^("build: \[el\/10\]":\n)/m, '$1  id_tokens: {T: {aud: https://vault.example/publish}}\n')
  expect(wider).not.toBe(vault.yaml)
  expect(changes(vault, { ...vault, yaml: wider }).join('\n')).toMatch(/^weakened: build: \[el\/10\]: .*an ID token for/m)
})

test('a pipeline that GitLab refuses is not compared', () => {
  expect(comparePipelines(base, { yaml: 'a: [' })).toMatchObject({ version: 'after' })
  expect(comparePipelines({ yaml: '' }, base)).toMatchObject({ version: 'before' })
})

// Written by hand, without a plan: comments say which jobs publish, and what comes before.
const marked = `
stages: [build, review, publish]
build: {stage: build, script: [make]}
review: {stage: review, needs: [build], script: [review]}
# stagegate: publishes
publish:
  stage: publish
  needs: [review]
  script: [push]
  rules:
    - if: $CI_COMMIT_TAG && $CI_COMMIT_REF_PROTECTED == "true"
      when: manual
      allow_failure: false
`

test.each([
  ['an optional need', ['needs: [review]', 'needs: [{job: review, optional: true}]'], 'no longer waits for the success of review'],
  ['a gate that may fail', ['script: [review]', 'script: [review], allow_failure: true'], 'no longer waits for the success of review'],
  ['a need that is gone', ['needs: [review]', 'needs: [build]'], 'no longer waits for review'],
  ['a click that is gone', ['when: manual', 'when: on_success'], 'it starts automatically'],
  ['a ref that need not be protected', [' && $CI_COMMIT_REF_PROTECTED == "true"', ''], 'an unprotected tag or branch'],
] as const)('in a pipeline with comments: %s', (_, [from, to], said) => {
  const yaml = marked.replace(from, to)
  expect(yaml).not.toBe(marked)
  const weaker = (one: string, other: string) =>
    changes({ yaml: one }, { yaml: other }).filter((line) => line.startsWith('weakened: publish'))
  expect(weaker(marked, yaml).join('\n')).toContain(said)
  // The other way round it is stronger; and who takes the comment away as well is found all the same.
  expect(weaker(yaml, marked)).toEqual([])
  expect(weaker(marked, yaml.replace('# stagegate: publishes\n', ''))).toEqual(weaker(marked, yaml))
})

test('a job that publishes in one more kind is weaker, and so is one that starts automatically', () => {
  const workflow = 'workflow: {rules: [{if: $CI_COMMIT_TAG}, {if: $CI_COMMIT_BRANCH}]}'
  const both = `${workflow}${marked}`.replace('$CI_COMMIT_TAG && $CI_COMMIT_REF_PROTECTED', '$CI_COMMIT_REF_PROTECTED')
  expect(changes({ yaml: `${workflow}${marked}` }, { yaml: both })).toContain('weakened: publish: now publishes in this kind')
  expect(changes({ yaml: marked }, { yaml: marked.replace('when: manual', 'when: on_success') })).toContain(
    'weakened: publish: starts automatically; before, it waited for a click',
  )
})

test('who publishes is known from the plan, or from a comment, of either version', () => {
  const unmarked = { yaml: marked.replace('# stagegate: publishes\n', '') }
  const knows = (before: PipelineVersion, after: PipelineVersion) => comparePipelines(before, after)
  for (const [before, after] of [
    [base, unmarked],
    [unmarked, { yaml: marked }],
    [unmarked, { ...unmarked, publishes: ['pub*'] }],
  ] as const)
    expect(knows(before, after)).toMatchObject({ knowsPublishers: true })
  expect(knows(unmarked, unmarked)).toMatchObject({ knowsPublishers: false })
})

test('publishing jobs and gates can be given by name', () => {
  const yaml = marked.replace('# stagegate: publishes\n', '')
  const weaker = yaml.replace('needs: [review]', 'needs: []')
  const unknownName = (names: Partial<PipelineVersion>) => {
    const found = comparePipelines({ yaml }, { yaml, ...names })
    return found.is === 'compared' ? found.unknownName : found.message
  }
  expect(unknownName({ publishes: ['pub*', 'build'], gates: ['review'] })).toBeUndefined()
  expect(unknownName({ publishes: ['pub*', 'pubish'] })).toBe('pubish')
  // A gate is one job, and not a pattern.
  expect(unknownName({ gates: ['rev*'] })).toBe('rev*')
  expect(changes({ yaml }, { yaml: weaker })).not.toContainEqual(expect.stringMatching(/^weakened/))
  const named = { publishes: ['pub*'], gates: ['review'] }
  const found = changes({ yaml, ...named }, { yaml: weaker, ...named }).filter((line) => line.startsWith('weakened: publish'))
  expect(found.join('\n')).toContain('no longer waits for review')
  expect(found.length).toBeGreaterThan(
    changes({ yaml, publishes: ['pub*'] }, { yaml: weaker }).filter((line) => line.startsWith('weakened: publish')).length,
  )
})

test('changes have the keywords as they were and are, without the digest of the plan', () => {
  const other = { ...base, yaml: base.yaml.replaceAll(/[0-9a-f]{64}(?= {2}\.stagegate\/release-plan)/g, 'b'.repeat(64)) }
  expect(other.yaml).not.toBe(base.yaml)
  expect(changes(base, other)).toEqual([])
  expect(comparePipelines({ yaml: marked }, { yaml: marked.replace('[make]', '[make all]') })).toMatchObject({
    changes: [{ what: 'changes', job: 'build', keywords: [{ keyword: 'script', before: ['make'], after: ['make all'] }] }],
  })
})

test.each([
  [
    'the workflow',
    'workflow: {rules: [{if: $CI_COMMIT_TAG}, {if: $A}]}\n',
    'workflow: {rules: [{if: $CI_COMMIT_TAG}, {if: $B}]}\n',
    'workflow',
  ],
  ['a variable', 'variables: {A: x}\n', 'variables: {A: y}\n', 'variables'],
  [
    'what the form shows of one',
    'variables: {A: {value: x, description: a}}\n',
    'variables: {A: {value: x, description: b}}\n',
    'variables',
  ],
  ['a default', 'default: {before_script: [a]}\n', 'default: {before_script: [b]}\n', 'default'],
  ['an old default', '', 'image: other\n', 'default'],
])('%s of the whole pipeline is a change', (_, was, is, keyword) => {
  const found = changes({ yaml: `${was}${marked}` }, { yaml: `${is}${marked}` })
  expect(found).toContain(`changes: -: the pipeline changes in ${keyword}`)
})

test('another order of stages is a change, and a new stage alone is not', () => {
  const stages = (list: string) => marked.replace('build, review, publish', `build, review, publish, ${list}`)
  expect(changes({ yaml: stages('x, y') }, { yaml: stages('y, x') })).toEqual(['changes: -: the pipeline changes in stages'])
  expect(changes({ yaml: stages('x, y') }, { yaml: stages('x, z, y') })).toEqual([])
})
