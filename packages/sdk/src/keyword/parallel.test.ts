import { expect, test } from 'vitest'
import { told } from './testing/one-job.js'

test.each<[object, string]>([
  [{ parallel: 0 }, 'parallel of the job job is 0, but should be an integer from 1 to 200'],
  [
    { parallel: { matrix: [] } },
    'parallel.matrix of the job job is a list of 0, but should be a list of rows with at least one variable, of 1 to 200 combinations',
  ],
  [
    { parallel: { matrix: [{}] } },
    'parallel.matrix of the job job is a list of 1, but should be a list of rows with at least one variable, of 1 to 200 combinations',
  ],
  [
    { parallel: { matrix: [{ A: Array(201).fill('x') }] } },
    'parallel.matrix of the job job is a list of 1, but should be a list of rows with at least one variable, of 1 to 200 combinations',
  ],
  [{ parallel: { matrix: [{ A: true }] } }, 'parallel.matrix[0].A of the job job is true, but should be a string'],
])('a matrix that GitLab would not take is an issue: %j', (props, sentence) => {
  expect(told(props)).toEqual([sentence])
})
