import { bytes, type ImageOutcome, type Outcome, type Receipt, type Verdict } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { contentOf, originOf, planOf, virtualClock } from '../testing/fixtures.js'
import { addedBy } from './added-by.js'

const digest = (text: string) => contentOf(Buffer.from(text)).sha256
const [manifest, other, layer, base] = [digest('manifest'), digest('other'), digest('layer'), digest('base')]
const place = {
  target: 'app',
  destination: { repository: 'hub', advisory: false },
  coordinates: { format: 'image', image: 'acme/app', tag: '1.0.0' },
} as const
const now = virtualClock().now()

function receipt(verdict: Verdict, added: ImageOutcome['added'], more: Partial<Outcome> = {}, of = manifest): Receipt {
  const blobs = { moved: 0, mounted: 0, present: 0 }
  const outcome: Outcome = {
    ...place,
    expected: contentOf(Buffer.from('image')),
    verdict,
    bytesSent: bytes(0),
    startedAt: now,
    finishedAt: now,
    image: { blobs, tags: [], ...(added && { added }) },
    milliseconds: { waiting: 0, looking: 0, sending: 0, confirming: 0 },
    ...more,
  }
  return { apiVersion: 'stagegate/v1', kind: 'Receipt', origin: originOf(planOf()), manifest: of, release: 'acme', outcomes: [outcome] }
}

test.each<[string, readonly Receipt[], boolean, boolean]>([
  ['no receipt', [], true, true],
  ['one of a release that brought a layer', [receipt('published', [layer])], true, false],
  ['one of a release that found all there', [receipt('already-public', [])], false, false],
  ['those of two runs', [receipt('undetermined', [layer]), receipt('published', [base])], true, true],
  [
    'those of two runs, the first of which has not ended well',
    [receipt('undetermined', [layer]), receipt('already-public', [])],
    true,
    false,
  ],
  ['one of a run that has not ended well', [receipt('undetermined', [layer])], true, true],
  ['one that does not say', [receipt('published', undefined)], true, true],
  ['one of another manifest', [receipt('published', [], {}, other)], true, true],
  ['one of another target', [receipt('published', [], { target: 'tools' })], true, true],
  ['one of another registry', [receipt('published', [], { destination: { repository: 'mirror', advisory: false } })], true, true],
  ['one of another version', [receipt('published', [], { coordinates: { ...place.coordinates, tag: '2.0.0' } })], true, true],
])('by %s, it is told what is read', (_what, receipts, ofLayer, ofBase) => {
  const reads = addedBy(receipts, manifest, place)
  expect([reads(layer), reads(base)]).toEqual([ofLayer, ofBase])
})
