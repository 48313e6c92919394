import { expect, test } from 'vitest'
import { told } from './testing/one-job.js'

test.each<[object, string]>([
  [{ cache: [{}, {}, {}, {}, {}] }, 'cache of the job job is a list of 5, but should be a list of at most 4'],
  [{ cache: { key: 'a/b' } }, 'cache.key of the job job is "a/b", but should be a string without /, other than . and ..'],
  [{ cache: { key: '..' } }, 'cache.key of the job job is "..", but should be a string without /, other than . and ..'],
  [{ cache: { key: { files: ['a', 'b', 'c'] } } }, 'cache.key.files of the job job is a list of 3, but should be a list of at most 2'],
  [{ cache: { policy: 'xpullx' } }, 'cache.policy of the job job is "xpullx", but should be one of pull-push, pull, push, or a variable'],
  [{ cache: [{ path: ['x'] }] }, 'the job job has cache[0].path, which is not a keyword'],
  [
    { cache: { fallbackKeys: ['1', '2', '3', '4', '5', '6'] } },
    'cache.fallbackKeys of the job job is a list of 6, but should be a list of at most 5',
  ],
])('a cache that GitLab would not take is an issue: %j', (props, sentence) => {
  expect(told(props)).toEqual([sentence])
})
