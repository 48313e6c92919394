import { expect, test } from 'vitest'
import { audit } from '../../index.js'

const rule = '{if: \'$CI_COMMIT_REF_PROTECTED == "true"\'}'
const reasons = (yaml: string, files: Readonly<Record<string, string>> = {}) =>
  audit(yaml, { publishes: ['publish'], gates: ['deploy'], readLocal: (path) => files[path] }).findings.flatMap(
    ({ code, message, help }) => (code === 'gate/open' ? [`${message}. ${help}`] : []),
  )

test('a click before the gate is named with its job', () => {
  const yaml = `stages: [build, deploy, publish]
start: {stage: build, script: [x], rules: [{if: '$CI_COMMIT_REF_PROTECTED == "true"', when: manual, allow_failure: false}]}
deploy: {stage: deploy, needs: [start], script: [x], rules: [${rule}]}
publish: {stage: publish, needs: [deploy], script: [x], rules: [${rule}]}
`
  expect(reasons(yaml)).toEqual([
    'in any pipeline, publish (.gitlab-ci.yml:4) can start before its gate: start can be clicked before the whole gate has succeeded, and the publishing job then starts automatically. Let start need every job of the gate, or give the publishing job when: manual and allow_failure: false.',
  ])
  // Without any click the reason is another.
  expect(reasons(yaml.replace(', when: manual, allow_failure: false', ''))).toEqual([
    expect.stringContaining('it starts automatically (when: on_success), without a click before it'),
  ])
})

test('a gate whose child pipeline has nothing that must succeed is named', () => {
  const yaml = `stages: [deploy, publish]
deploy: {stage: deploy, trigger: {include: [{local: ci/x.yml}], strategy: depend}}
publish: {stage: publish, needs: [deploy], script: [x], rules: [{if: '$CI_COMMIT_REF_PROTECTED == "true"', when: manual, allow_failure: false}]}
`
  const found = reasons(yaml, { 'ci/x.yml': 'x: {script: [x], allow_failure: true}\n' })
  expect(found).toEqual([expect.stringContaining('deploy passes even if no job of its child pipeline succeeds')])
  expect(found[0]).toContain('Make a job of the child pipeline of deploy run in every case')
})

test('a redefined variable of GitLab’s is named', () => {
  const yaml = `stages: [deploy, publish]
variables: {CI_COMMIT_TAG: v1}
deploy: {stage: deploy, script: [x]}
publish: {stage: publish, needs: [deploy], script: [x], rules: [{if: '$CI_COMMIT_TAG && $CI_COMMIT_REF_PROTECTED == "true"', when: manual, allow_failure: false}]}
`
  expect(reasons(yaml)).toEqual([expect.stringContaining('the pipeline sets CI_COMMIT_TAG')])
  expect(reasons(yaml.replaceAll('CI_COMMIT_TAG', 'OUR_CI_TAG'))).toEqual([])
})

test.each<[string, readonly string[], string]>([
  ['a gate that does not exist', ['deploy: {script: [x], rules: [{if: $CI_COMMIT_BRANCH}]}'], 'deploy does not exist there'],
  ['a gate that nothing waits for', ['deploy: {script: [x]}', 'check: {script: [x]}'], 'nothing makes it wait for deploy'],
  [
    'an optional need',
    ['deploy: {script: [x]}', 'check: {needs: [{job: deploy, optional: true}], script: [x]}'],
    'check needs deploy only optionally',
  ],
  [
    'a gate that may fail',
    ['deploy: {script: [x], allow_failure: true}', 'check: {needs: [deploy], script: [x]}'],
    'deploy is allowed to fail',
  ],
  [
    'a job after a failure',
    ['deploy: {script: [x]}', 'check: {needs: [deploy], when: on_failure, script: [x]}'],
    'check starts with when: on_failure',
  ],
  [
    'the order of stages',
    ['deploy: {stage: .pre, script: [x]}', 'check: {script: [x]}'],
    'check has no needs, and the order of stages ignores skipped jobs',
  ],
  [
    'a job that needs it by one of its rules',
    [
      'deploy: {script: [x]}',
      'build: {needs: [deploy], script: [x]}',
      'test: {needs: [build], script: [x], rules: [{if: $A, needs: [build]}, {needs: []}]}',
      'check: {needs: [test], script: [x], rules: [{if: $A}, {when: on_success}]}',
    ],
    'test needs build only by some of its rules',
  ],
])('the reason is %s', (_, jobs, reason) => {
  const condition = '$CI_COMMIT_TAG && $CI_COMMIT_REF_PROTECTED == "true"'
  const rules = `[{if: '${condition}', when: manual, allow_failure: false}]`
  const check = jobs.some((job) => job.startsWith('check')) ? 'check' : '{job: deploy, optional: true}'
  const yaml = `stages: [test]\nworkflow: {rules: [{if: $CI_COMMIT_TAG}]}\n${jobs.join('\n')}\npublish: {needs: [${check}], script: [x], rules: ${rules}}\n`
  expect(reasons(yaml)).toEqual([expect.stringContaining(reason)])
})
