import { expect, test } from 'vitest'
import { told } from './testing/one-job.js'

test.each<[object, string]>([
  [
    { script: undefined, trigger: { project: 'a/b' }, image: 'x' },
    'image of the job job is "x", but should be nothing, in a job with a trigger',
  ],
  [
    { script: undefined, trigger: { project: 'a/b', forward: { yaml: true } } },
    'the job job has trigger.forward.yaml, which is not a keyword',
  ],
  [
    { script: undefined, trigger: { include: [{ artifact: 'x.yml' }] } },
    'trigger.include[0].job of the job job is undefined, but should be a Job or { name }',
  ],
  [
    { script: undefined, trigger: { include: [{ artifact: 'x.yml', job: 'build' }] } },
    'trigger.include[0].job of the job job is "build", but should be a Job or { name }',
  ],
  [
    { script: undefined, trigger: { include: 'x.yml', inputs: { a: () => 1 } } },
    'trigger.inputs.a of the job job is a function, but should be text, numbers, true, false, null, lists or objects',
  ],
])('a trigger that GitLab would not take is an issue: %j', (props, sentence) => {
  expect(told(props)).toEqual([sentence])
})
