import { expect, test } from 'vitest'
import { told } from './testing/one-job.js'

test.each<[object, string]>([
  [{ artifacts: { reports: { codeQuality: 'x' } } }, 'the job job has artifacts.reports.codeQuality, which is not a keyword'],
  [
    { artifacts: { reports: { annotations: ['x'] } } },
    'artifacts.reports.annotations of the job job is a list of 1, but should be a string',
  ],
  [
    { artifacts: { reports: { coverageReport: { coverageFormat: 'lcov', path: 'x' } } } },
    'artifacts.reports.coverageReport.coverageFormat of the job job is "lcov", but should be one of cobertura, jacoco',
  ],
  [
    { artifacts: { reports: { coverageReport: { coverageFormat: 'jacoco' } } } },
    'artifacts.reports.coverageReport.path of the job job is undefined, but should be a string',
  ],
  [
    { artifacts: { exposeAs: 'a/b' } },
    'artifacts.exposeAs of the job job is "a/b", but should be at most 100 letters, digits, - _ and spaces',
  ],
])('artifacts that GitLab would not take are an issue: %j', (props, sentence) => {
  expect(told(props)).toEqual([sentence])
})
