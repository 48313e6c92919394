import { expect, test } from 'vitest'
import { told } from './testing/one-job.js'

test.each<[object, string]>([
  [
    { inherit: { default: ['before_script'] } },
    'inherit.default[0] of the job job is "before_script", but should be one of image, services, tags, idTokens, identity, timeout, interruptible, hooks, beforeScript, afterScript, retry, cache, artifacts',
  ],
])('what is no keyword of default cannot be inherited: %j', (props, sentence) => {
  expect(told(props)).toEqual([sentence])
})
