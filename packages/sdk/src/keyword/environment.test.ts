import { expect, test } from 'vitest'
import { told } from './testing/one-job.js'

test.each<[object, string]>([
  [{ environment: { url: 'https://x.example' } }, 'environment.name of the job job is undefined, but should be a string'],
  [{ environment: { name: 'x', onStop: 'stop' } }, 'environment.onStop of the job job is "stop", but should be a Job or { name }'],
  [
    { environment: { name: 'x', autoStopIn: '1 day' } },
    'environment.autoStopIn of the job job is "1 day", but should be a Duration, or never',
  ],
  [{ environment: { name: 'x', kubernetes: { agnet: 'x' } } }, 'the job job has environment.kubernetes.agnet, which is not a keyword'],
])('an environment that GitLab would not take is an issue: %j', (props, sentence) => {
  expect(told(props)).toEqual([sentence])
})
