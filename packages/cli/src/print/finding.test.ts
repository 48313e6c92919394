import type { Finding } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { findingLines } from './finding.js'
import { other, sealed, stable, start } from './testing/outcomes.js'

const image: Finding = {
  target: 'hello',
  destination: stable,
  coordinates: { format: 'image', image: 'acme/hello', tag: '1.2.3' },
  found: 'sealed-bytes',
  checkedAt: start,
}
const because = (reason: 'there-before' | 'unreadable') => ({ digest: other, because: reason })

test.each<[string, Partial<Finding>, readonly string[]]>([
  ['a package', {}, []],
  ['an image', { layers: { read: 3, unread: [] } }, ['  3 layers were read.']],
  [
    'an image of which not all was read',
    { layers: { read: 3, unread: [because('there-before'), because('there-before')] } },
    ['  3 layers were read; 2 were not read: by the receipts, they were already there.'],
  ],
  [
    'an image of which not all could be read',
    {
      layers: { read: 0, unread: [because('unreadable')] },
      problem: { code: 'http/reset', message: `sha256:${sealed.sha256}: it broke\nAgain.` },
    },
    [`  sha256:${sealed.sha256}: it broke`, '  Again.', '  0 layers were read; 1 could not be read.'],
  ],
])('what was found of %s is a line, with more below', (_what, more, lines) => {
  expect(findingLines({ ...image, ...more })).toEqual(['sealed-bytes   acme/hello:1.2.3 in stable', ...lines])
})
