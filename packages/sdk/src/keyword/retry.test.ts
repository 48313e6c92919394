import { expect, test } from 'vitest'
import { told } from './testing/one-job.js'

test.each<[object, string]>([
  [{ retry: { when: 'always' } }, 'retry.max of the job job is undefined, but should be an integer from 0 to 2'],
  [{ retry: { max: 1, exitCodes: [256] } }, 'retry.exitCodes[0] of the job job is 256, but should be an integer from 0 to 255'],
])('a retry that GitLab would not take is an issue: %j', (props, sentence) => {
  expect(told(props)).toEqual([sentence])
})
