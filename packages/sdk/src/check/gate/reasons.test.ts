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
    'in any pipeline publish (.gitlab-ci.yml:4) can start before its gate: start is clicked before all of its gate has succeeded, and it starts by itself afterwards. Let start need every job of the gate, or give the publishing job when: manual and allow_failure: false.',
  ])
  // Without any click the reason is another.
  expect(reasons(yaml.replace(', when: manual, allow_failure: false', ''))).toEqual([
    expect.stringContaining('it starts by itself (when: on_success), and nobody has clicked before'),
  ])
})

test('a gate whose child pipeline has nothing that must succeed is named', () => {
  const yaml = `stages: [deploy, publish]
deploy: {stage: deploy, trigger: {include: [{local: ci/x.yml}], strategy: depend}}
publish: {stage: publish, needs: [deploy], script: [x], rules: [{if: '$CI_COMMIT_REF_PROTECTED == "true"', when: manual, allow_failure: false}]}
`
  const found = reasons(yaml, { 'ci/x.yml': 'x: {script: [x], allow_failure: true}\n' })
  expect(found).toEqual([expect.stringContaining('deploy is green although no job of its child pipeline has to succeed')])
  expect(found[0]).toContain('Let a job of the child pipeline of deploy exist in any case')
})

test('a redefined variable of GitLab’s is named', () => {
  const yaml = `stages: [deploy, publish]
variables: {CI_COMMIT_TAG: v1}
deploy: {stage: deploy, script: [x]}
publish: {stage: publish, needs: [deploy], script: [x], rules: [{if: '$CI_COMMIT_TAG && $CI_COMMIT_REF_PROTECTED == "true"', when: manual, allow_failure: false}]}
`
  expect(reasons(yaml)).toEqual([expect.stringContaining('the pipeline gives CI_COMMIT_TAG a value of its own')])
  expect(reasons(yaml.replaceAll('CI_COMMIT_TAG', 'OUR_CI_TAG'))).toEqual([])
})
