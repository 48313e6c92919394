import { expect, test } from 'vitest'
import { told } from './testing/one-job.js'

test.each<[object, string]>([
  [{ release: { tagName: 'v1' } }, 'release.description of the job job is undefined, but should be a string'],
  [
    { release: { tagName: 'v1', description: 'x', releasedAt: '2026' } },
    'release.releasedAt of the job job is "2026", but should be a Date',
  ],
  [
    { release: { tagName: 'v1', description: 'x', assets: { links: [{ name: 'a', url: 'b', type: 'c' }] } } },
    'the job job has release.assets.links[0].type, which is not a keyword',
  ],
])('a release entry that GitLab would not take is an issue: %j', (props, sentence) => {
  expect(told(props)).toEqual([sentence])
})
