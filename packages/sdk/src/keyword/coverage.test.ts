import { expect, test } from 'vitest'
import { told } from './testing/one-job.js'

test.each<[object, string]>([
  [{ coverage: '/x/' }, 'coverage of the job job is "/x/", but should be a regular expression without flags'],
  [{ coverage: /x/i }, 'coverage of the job job is /x/i, but should be a regular expression without flags'],
])('a coverage expression that RE2 does not read is an issue: %j', (props, sentence) => {
  expect(told(props)).toEqual([sentence])
})
