import { expect, test } from 'vitest'
import { told } from './testing/one-job.js'

test.each<[object, string]>([
  [{ allowFailure: { exitCodes: 1, exitCode: 1 } }, 'the job job has allowFailure.exitCode, which is not a keyword'],
  [{ hooks: { preGetSources: ['x'] } }, 'the job job has hooks.preGetSources, which is not a keyword'],
  [{ pages: { publsh: 'x' } }, 'the job job has pages.publsh, which is not a keyword'],
  [{ run: [{ name: 'a-b', script: 'x' }] }, 'run[0].name of the job job is "a-b", but should be a name of letters, digits and _'],
  [
    { inputs: { a: { type: 'text', default: 'x' } } },
    'inputs.a.type of the job job is "text", but should be one of string, number, boolean, array',
  ],
  [{ variables: { A: { value: 'x', expnd: false } } }, 'the job job has variables.A.expnd, which is not a keyword'],
  [{ manualConfirmation: true }, 'manualConfirmation of the job job is true, but should be a string'],
])('the shorter keywords are checked too: %j', (props, sentence) => {
  expect(told(props)).toEqual([sentence])
})
