import { describe, expect, test } from 'vitest'
import { audit } from './audit.js'
import type { AuditOptions } from './audit-options.js'

const root = `stages: [build, release]
package: {stage: build, script: [make]}
release:
  stage: release
  needs: [package]
  trigger: {include: ci/release.yml, strategy: depend}
  rules: [{if: '$CI_COMMIT_TAG && $CI_COMMIT_REF_PROTECTED == "true"'}]
`
const child = `stages: [deploy, publish]
deploy: {stage: deploy, script: [deploy]}
push: {stage: publish, needs: [deploy], script: [push], rules: [{if: $CI_COMMIT_TAG, when: manual, allow_failure: false}]}
`

function audited(files: Readonly<Record<string, string>>, options: AuditOptions = {}) {
  const all: Readonly<Record<string, string>> = { '.gitlab-ci.yml': root, 'ci/release.yml': child, ...files }
  return audit(all['.gitlab-ci.yml'] ?? '', { publishes: ['push'], gates: ['deploy'], readLocal: (path) => all[path], ...options })
}

const errors = (...given: Parameters<typeof audited>) =>
  audited(...given)
    .findings.filter(({ severity }) => severity === 'error')
    .map(({ code, message }) => `${code}: ${message}`)

describe('a gate in a child pipeline', () => {
  test('holds, with what the rules of its parent say of the ref', () => {
    const result = audited({})
    expect(result.findings.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(result).toMatchObject({ ok: true, gate: 'holds', gates: ['deploy'] })
    expect(result.publishers).toEqual([
      { kind: 'any', where: 'in the pipeline that release starts, in any pipeline', jobs: ['push'], gates: ['deploy'] },
    ])
  })

  test('holds for anyone with the credential, too', () => {
    const options = { publishes: [], secrets: ['PUBLIC_TOKEN'] }
    expect(errors({ 'ci/release.yml': child.replace('[push]', '[push $PUBLIC_TOKEN]') }, options)).toEqual([])
    expect(errors({ 'ci/release.yml': child.replace('[deploy]', '[deploy $PUBLIC_TOKEN]') }, options).join('\n')).toContain(
      'in the pipeline that release starts, in any pipeline the job deploy can reach the credential',
    )
  })

  test('is open where the job of the child does not wait, and the sentence names both pipelines', () => {
    expect(errors({ 'ci/release.yml': child.replace('needs: [deploy]', 'needs: []') })).toEqual([
      'gate/open: in the pipeline that release starts, in any pipeline, push (release.yml:3) can start before its gate: nothing makes it wait for deploy; path: push (release.yml:3) → deploy (release.yml:2)',
    ])
  })

  test.each([
    [
      'its parent starts it for every ref',
      { '.gitlab-ci.yml': root.replace(/ {2}rules.*\n/, '') },
      'no rule requires|also matches an unprotected tag or branch',
    ],
    [
      'one rule of its parent asks for no protected ref',
      { '.gitlab-ci.yml': root.replace(/rules: \[(.*)\]/, 'rules: [$1, {if: $CI_COMMIT_TAG}]') },
      'unprotected',
    ],
    [
      'its parent says itself that the ref is protected',
      { '.gitlab-ci.yml': `${root}variables: {CI_COMMIT_REF_PROTECTED: "true"}\n` },
      'unprotected|sets CI_COMMIT_REF_PROTECTED',
    ],
    ['it starts by itself', { 'ci/release.yml': child.replace(', when: manual, allow_failure: false', '') }, 'without a click before it'],
  ])('is open where %s', (_, files, reason) => {
    expect(errors(files).join('\n')).toMatch(new RegExp(reason))
    expect(audited(files).gate).toBe('open')
  })

  test('is open where a value of the YAML decides whether the parent starts it', () => {
    const text = root.replace(/ {2}rules.*\n/, '  variables: {FORCE: "0"}\n$&').replace('rules: [', `rules: [{if: '$FORCE == "1"'}, `)
    expect(errors({ '.gitlab-ci.yml': text }).join('\n')).toContain('unprotected')
  })

  test('may have rules for pipelines that this parent never starts', () => {
    const workflow = 'workflow: {rules: [{if: $CI_COMMIT_TAG}, {if: $CI_COMMIT_BRANCH}]}\n'
    const result = audited({ 'ci/release.yml': workflow + child })
    expect(result.findings.map(({ code }) => code)).not.toContain('kinds/hidden')
    expect(result.ok).toBe(true)
  })

  test('is found by a comment in the file of the child', () => {
    const marked = child.replace('push: {', '# stagegate: publishes\npush: {').replace('deploy: {', '# stagegate: gate\ndeploy: {')
    const options = { publishes: [], gates: [] }
    expect(audited({ 'ci/release.yml': marked }, options)).toMatchObject({ gates: ['deploy'], ok: true })
    expect(errors({ 'ci/release.yml': marked.replace('needs: [deploy]', 'needs: []') }, options)).toHaveLength(1)
  })

  test('is a child that can pass without its jobs', () => {
    const files = {
      'ci/release.yml': child.replace('script: [deploy]', 'trigger: {include: ci/deploy.yml, strategy: depend}'),
      'ci/deploy.yml': 'x: {script: [x], allow_failure: true}\n',
    }
    expect(errors(files)).toEqual([expect.stringContaining('deploy passes even if no job of its child pipeline succeeds')])
  })
})

describe('a gate in the parent of a child that publishes', () => {
  const parent = root.replace(
    'package: {stage: build, ',
    'approve: {stage: build, script: [x], when: manual, allow_failure: false}\npackage: {stage: build, ',
  )
  const waiting = parent.replace('needs: [package]', 'needs: [package, approve]')
  const automatic = 'push: {script: [push]}\n'

  test('holds where the trigger waits for it', () => {
    expect(errors({ '.gitlab-ci.yml': waiting }, { gates: ['approve', 'deploy'] })).toEqual([])
  })

  test('is open where it does not', () => {
    expect(errors({ '.gitlab-ci.yml': parent }, { gates: ['approve', 'deploy'] })).toEqual([
      expect.stringContaining('release (.gitlab-ci.yml:4) can start before its gate: nothing makes it wait for approve'),
    ])
  })

  test('is the click of all that the child does, where nothing of the child is a gate', () => {
    expect(errors({ '.gitlab-ci.yml': waiting, 'ci/release.yml': automatic }, { gates: [] })).toEqual([])
    expect(errors({ '.gitlab-ci.yml': waiting, 'ci/release.yml': automatic }, { gates: ['package'] }).join('\n')).toContain(
      'without a click before it',
    )
    const clicked = root.replace(`"true"'}`, `"true"', when: manual}`)
    for (const gates of [[], ['package']]) {
      expect(errors({ '.gitlab-ci.yml': clicked, 'ci/release.yml': automatic }, { gates })).toEqual([])
      expect(errors({ 'ci/release.yml': automatic }, { gates }).join('\n')).toContain('without a click before it')
    }
  })

  test('does not count where it is a job of another child', () => {
    const text = `${root}check: {stage: build, trigger: {include: ci/check.yml, strategy: depend}}\n`
    const files = { '.gitlab-ci.yml': text, 'ci/check.yml': 'approve: {script: [x]}\n' }
    expect(errors(files, { gates: ['deploy', 'approve'] })).toEqual([
      'audit/no-such-job: jobs publish, but the gate approve is not a job of the pipeline that release starts, nor of the one that starts it',
    ])
  })

  test('does not count for the parent where it is a job of the child alone', () => {
    const text = `${root}also: {stage: build, script: [push], rules: [{if: '$CI_COMMIT_REF_PROTECTED == "true"', when: manual, allow_failure: false}]}\n`
    expect(errors({ '.gitlab-ci.yml': text }, { publishes: ['push', 'also'] })).toEqual([
      'audit/no-such-job: jobs publish, but the gate deploy is not a job of this file',
    ])
  })

  test('is asked for in both, where both have a job of its name', () => {
    const text = `${root}deploy: {stage: build, script: [x]}\n`
    expect(errors({ '.gitlab-ci.yml': text })).toEqual([expect.stringContaining('nothing makes it wait for deploy')])
  })

  test('is no click for a child with its own gates: it comes too early', () => {
    const files = { '.gitlab-ci.yml': waiting, 'ci/release.yml': child.replace(', when: manual, allow_failure: false', '') }
    expect(errors(files, { gates: ['approve', 'deploy'] }).join('\n')).toContain('without a click before it')
  })
})

test('a child from an artifact is not seen, whatever is named', () => {
  const text = root.replace('include: ci/release.yml', 'include: [{artifact: x.yml, job: package}]')
  const result = audited({ '.gitlab-ci.yml': text }, { publishes: [], gates: ['package'] })
  expect(result).toMatchObject({ gate: 'unseen', ok: false })
  expect(result.unread).toHaveLength(1)
})

test('an undeclared child may not have access to the credential', () => {
  const text = `${root}other: {stage: build, trigger: {include: ci/other.yml}}\n`
  const files = { '.gitlab-ci.yml': text, 'ci/other.yml': 'x: {script: [push $PUBLIC_TOKEN]}\n' }
  expect(errors(files, { secrets: ['PUBLIC_TOKEN'] })).toEqual([
    expect.stringContaining('secrets/in-child: the job x of the pipeline that other starts'),
  ])
})

test('a finding of a child is known again by its starter', () => {
  const [first] = audited({ 'ci/release.yml': child.replace('needs: [deploy]', 'needs: []') }, { eachGate: true }).findings
  expect(first).toMatchObject({ job: 'push', file: 'ci/release.yml', line: 3, facts: { starter: 'release' } })
})
