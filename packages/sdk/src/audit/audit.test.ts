import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { audit } from './audit.js'
import type { AuditOptions } from './audit-options.js'

const held = `
stages: [build, deploy, release]
workflow:
  rules:
    - if: $CI_COMMIT_TAG =~ /^v/ && $CI_COMMIT_REF_PROTECTED == "true"
    - if: $CI_COMMIT_BRANCH
build:
  stage: build
  script: [make]
# stagegate: gate
deploy:
  stage: deploy
  needs: [build]
  script: [deploy]
  rules:
    - if: $CI_COMMIT_TAG =~ /^v/ && $CI_COMMIT_REF_PROTECTED == "true"
release:
  # stagegate: publishes
  stage: release
  needs: [deploy]
  script: [upload]
  rules:
    - if: $CI_COMMIT_TAG =~ /^v/ && $CI_COMMIT_REF_PROTECTED == "true"
      when: manual
      allow_failure: false
`

const codes = (yaml: string, options?: AuditOptions) => audit(yaml, options).findings.map(({ code }) => code)
const errors = (yaml: string, options?: AuditOptions) =>
  audit(yaml, options)
    .findings.filter(({ severity }) => severity === 'error')
    .map(({ code, job, line, message }) => ({ code, job, line, message }))

test('a pipeline whose gate holds has nothing to find, and says which jobs publish', () => {
  expect(errors(held)).toEqual([])
  const { ok, publishers } = audit(held)
  expect(ok).toBe(true)
  expect(publishers.map(({ jobs }) => jobs)).toEqual([['release']])
})

describe('a gate that does not hold is found at its job', () => {
  const line = held.split('\n').indexOf('release:') + 1
  test.each([
    ['the job starts by itself', held.replace('      when: manual\n      allow_failure: false\n', ''), 'gate/open'],
    ['it does not need the gate', held.replace('needs: [deploy]', 'needs: [build]'), 'gate/open'],
    ['it needs the gate optionally', held.replace('needs: [deploy]', 'needs: [{job: deploy, optional: true}]'), 'gate/open'],
    ['the gate may fail', held.replace('script: [deploy]', 'script: [deploy]\n  allow_failure: true'), 'gate/open'],
    ['unprotected tags reach it', held.replaceAll(' && $CI_COMMIT_REF_PROTECTED == "true"', ''), 'gate/open'],
  ])('%s', (_, yaml, code) => {
    expect(yaml).not.toBe(held)
    const found = errors(yaml).filter(({ job }) => job === 'release')
    expect(found.map((finding) => finding.code)).toContain(code)
    expect(found[0]?.line).toBe(yaml.split('\n').indexOf('release:') + 1)
    expect(line).toBeGreaterThan(0)
  })
})

test('jobs that publish are found by a pattern, and by the credential that they use', () => {
  const yaml = held
    .replace('  # stagegate: publishes\n', '')
    .replace('script: [upload]', 'script: ["upload --token-from PUBLIC_TOKEN"]')
    .replace('when: manual', 'when: on_success')
  expect(errors(yaml)).toEqual([])
  expect(errors(yaml, { publishes: ['rel*'] }).map(({ code }) => code)).toContain('gate/open')
  expect(errors(yaml, { secrets: ['PUBLIC_TOKEN'] }).map(({ code }) => code)).toContain('gate/open')
})

test('a job with the credential is one that publishes, and behind the gate it may; where others are named it may not', () => {
  const yaml = held.replace('  # stagegate: publishes\n', '').replace('script: [upload]', 'script: ["upload --token-from PUBLIC_TOKEN"]')
  const { ok, publishers } = audit(yaml, { secrets: ['PUBLIC_TOKEN'] })
  expect([ok, publishers.map(({ jobs }) => jobs)]).toEqual([true, [['release']]])
  const leaking = yaml.replace('script: [make]', 'script: ["make --token-from PUBLIC_TOKEN"]')
  expect(new Set(errors(leaking, { secrets: ['PUBLIC_TOKEN'] }).map(({ code, job }) => `${code} ${job}`))).toEqual(
    new Set(['gate/open build', 'secrets/reachable build']),
  )
  expect(errors(yaml, { secrets: ['PUBLIC_TOKEN'], publishes: ['deploy'] })).toContainEqual(
    expect.objectContaining({ code: 'secrets/reachable', job: 'release' }),
  )
})

test('a refusal by GitLab comes first, and then nothing is proved', () => {
  const result = audit('release:\n  script: [x]\n  needs: [nobody]\n', { publishes: ['release'] })
  expect(result.ok).toBe(false)
  expect(result.findings).toEqual([expect.objectContaining({ code: 'gitlab/needs-undefined', job: 'release', severity: 'error' })])
  expect(audit('a: [').ok).toBe(false)
})

test('extends, references and local includes are seen through', () => {
  const yaml = `
include: [{local: ci/release.yml}]
.base:
  rules:
    - if: $CI_COMMIT_REF_PROTECTED == "true"
      when: manual
      allow_failure: false
release: {extends: [.base, .more], script: [x], needs: [deploy]}
deploy: {script: [x], needs: []}
`
  const more = '.more:\n  rules:\n    - when: on_success\n'
  const options = { publishes: ['release'], gates: ['deploy'] }
  expect(audit(yaml.replace(', .more', ''), { ...options, readLocal: () => '.more: {script: [y]}' }).ok).toBe(true)
  expect(codes(yaml, { ...options, readLocal: () => more })).toContain('gate/open')
  expect(audit(yaml, options).unread).toEqual(['ci/release.yml'])
})

test('all problems of a job are reported, not only the first', () => {
  const yaml = `
deploy: {script: [x]}
release:
  needs: []
  script: [x]
  rules:
    - if: $CI_COMMIT_TAG
`
  const found = audit(yaml, { publishes: ['release'], gates: ['deploy'], file: 'ci.yml' }).findings.filter(
    ({ code }) => code === 'gate/open',
  )
  expect(found.map(({ message }) => message)).toEqual([
    'in any pipeline, release (ci.yml:3) can start before its gate: its rule $CI_COMMIT_TAG also matches an unprotected tag or branch',
    'in any pipeline, release (ci.yml:3) can start before its gate: it starts automatically (when: on_success), without a click before it',
    'in any pipeline, release (ci.yml:3) can start before its gate: nothing makes it wait for deploy; path: release (ci.yml:3) → deploy (ci.yml:2)',
  ])
})

test('jobs and comments of local includes are reported with their own file and line', () => {
  const files: Readonly<Record<string, string>> = {
    'ci/release.yml': '# stagegate: publishes\nrelease:\n  needs: [deploy]\n  script: [upload]\n',
    'ci/deploy.yml': 'deploy:\n  # stagegate: gate\n  script: [deploy]\n',
  }
  const yaml = 'include: [/ci/release.yml, ci/deploy.yml]\nlint: {script: [lint]}\n'
  const { publishers, gates, findings } = audit(yaml, { readLocal: (path) => files[path] })
  expect(publishers).toEqual([{ kind: 'any', where: 'in any pipeline', jobs: ['release'], gates: ['deploy'] }])
  expect(gates).toEqual(['deploy'])
  const [first] = findings.filter(({ code }) => code === 'gate/open')
  expect(first).toMatchObject({ job: 'release', file: 'ci/release.yml', line: 2 })
})

test('a rule of the workflow is named where pipelines have no kind', () => {
  const yaml = 'workflow: {rules: [{if: $CI_COMMIT_BRANCH}]}\nrelease: {script: [x]}\n'
  const { publishers } = audit(yaml, { publishes: ['release'] })
  expect(publishers).toEqual([{ kind: '$CI_COMMIT_BRANCH', where: 'in pipelines with $CI_COMMIT_BRANCH', jobs: ['release'], gates: [] }])
})

test('a job with the ID token for which a credential is fetched can publish', () => {
  const yaml = `
release:
  id_tokens: {VAULT: {aud: https://vault.example/publish}}
  secrets: {PUBLIC_TOKEN: {vault: release/token@ops, token: $VAULT}}
  script: [upload]
build:
  id_tokens: {ANY: {aud: [https://vault.example/publish]}}
  script: [make]
test:
  id_tokens: {ANY: {aud: https://vault.example}}
  script: [test]
`
  const { publishers, findings } = audit(yaml, { secrets: ['PUBLIC_TOKEN'] })
  expect(publishers.map(({ jobs }) => jobs)).toEqual([['release', 'build']])
  expect(findings.find(({ job, code }) => job === 'build' && code === 'secrets/reachable')?.message).toContain(
    'it requests an ID token for https://vault.example/publish, which can write to a public repository (PUBLIC_TOKEN)',
  )
})

test('a child pipeline is looked at too', () => {
  const files: Readonly<Record<string, string>> = { 'child.yml': 'peek:\n  script: [upload $PUBLIC_TOKEN]\n' }
  const yaml = 'child: {trigger: {include: child.yml}}\nother: {trigger: {include: [{project: acme/ci, file: child.yml}]}}\n'
  const result = audit(yaml, { secrets: ['PUBLIC_TOKEN'], readLocal: (path) => files[path] })
  expect(result.findings).toContainEqual(
    expect.objectContaining({ code: 'secrets/in-child', job: 'child', file: 'child.yml', line: 1, severity: 'error' }),
  )
  expect(result.unread).toEqual(['acme/ci: child.yml'])
})

test('a publishing job of a child pipeline can be named by a comment or by its name', () => {
  const yaml = 'child: {trigger: {include: child.yml}}\n'
  const read = (text: string, options?: AuditOptions) =>
    audit(yaml, { readLocal: () => text, ...options }).findings.filter(({ severity }) => severity === 'error')
  const told = expect.objectContaining({ code: 'gate/open', job: 'push', file: 'child.yml', severity: 'error' })
  expect(read('lint: {script: [lint]}\npush:\n  # stagegate: publishes\n  script: [push]\n')).toEqual([told, told])
  expect(read('push: {script: [push]}\n', { publishes: ['push'] })).toEqual([told, told])
  expect(read('push: {script: [push]}\n')).toEqual([])
})

test('a pattern that no job matches is an error: no job would be checked', () => {
  expect(errors(held, { publishes: ['rlease'] })).toEqual([expect.objectContaining({ code: 'audit/no-such-job', job: 'rlease' })])
  expect(audit(held, { publishes: ['rlease'] }).findings.map(({ help }) => help)).toContain('Did you mean release?')
})

test('a gate that is not a job is an error', () => {
  expect(errors(held, { gates: ['nobody'] })).toEqual([expect.objectContaining({ code: 'audit/no-such-job', job: 'nobody' })])
})

test.each([
  ['quickstart', ['publish: *', 'announce: *']],
  ['omnibus', ['publish: *']],
])('the pipeline of examples/%s passes', (name, publishes) => {
  const yaml = readFileSync(new URL(`../../../../examples/${name}/.gitlab-ci.yml`, import.meta.url), 'utf8')
  expect(errors(yaml, { publishes, gates: ['seal'] })).toEqual([])
})

test('a baseline has a separate finding for each gate, and other rules make a new one', () => {
  const yaml = `
a: {stage: build, script: [x]}
b: {stage: build, script: [x]}
push: {stage: deploy, script: [x], needs: [b], rules: [{if: $CI_COMMIT_TAG, when: manual, allow_failure: false}]}
`
  const factsOf = (text: string) =>
    audit(text, { publishes: ['push'], gates: ['a', 'b'], eachGate: true })
      .findings.filter(({ code }) => code === 'gate/open')
      .map(({ facts }) => facts)
  const reasons = (text: string) => factsOf(text).map(({ because }) => because)
  expect(reasons(yaml)).toEqual([
    { is: 'unprotected', rule: '$CI_COMMIT_TAG' },
    { is: 'not-needed', gate: 'a' },
  ])
  expect(reasons(yaml.replace('needs: [b]', 'needs: []'))).toEqual([
    { is: 'unprotected', rule: '$CI_COMMIT_TAG' },
    { is: 'not-needed', gate: 'a' },
    { is: 'not-needed', gate: 'b' },
  ])
  const [before, after] = [
    factsOf(yaml),
    factsOf(yaml.replace('false}]', 'false}, {if: $CI_COMMIT_BRANCH, when: manual, allow_failure: false}]')),
  ]
  expect(after[0]?.['because']).toEqual(before[0]?.['because'])
  expect(after[0]).not.toEqual(before[0])
})

test('help for a hand-written pipeline names options of audit, and nothing of pipeline.ts', () => {
  const text = `
include: [{ remote: 'https://acme.example/x.yml' }]
stages: [publish]
push: { stage: publish, script: [docker push acme/app] }
pages: { stage: publish, script: [npm publish], rules: [{ if: '$CI_COMMIT_TAG', when: manual }] }
`
  const { findings } = audit(text, { file: '.gitlab-ci.yml', publishes: ['pages'] })
  const helpOf = (code: string) => findings.find((finding) => finding.code === code)?.help
  expect(helpOf('gate/undeclared')).toContain('--publishes push')
  expect(findings.map(({ help }) => help).join('\n')).not.toMatch(/app\.accept|new [A-Z]|exempt:/)
})
