import { later } from '@stagegate/schema'
import type { Foreseen } from '@stagegate/uploader'
import { expect, test } from 'vitest'
import { expiryLine, foreseenLines } from './foreseen.js'
import { other, packageFor, sealed, stable, start } from './testing/outcomes.js'

const expiresAt = later(start, 2.5 * 86_400)
function foreseen(would: Foreseen['would'], more: Partial<Foreseen> = {}): Foreseen {
  return {
    target: 'ubuntu/jammy',
    destination: stable,
    coordinates: packageFor('ubuntu/jammy'),
    expected: sealed,
    would,
    expiresAt,
    ...more,
  }
}

test('each forecast is a line in plain words, with the reason below if nothing would be sent', () => {
  const problem = { code: 'test', message: 'the credential is refused\nCheck TOKEN.' }
  expect(
    foreseenLines([
      foreseen('publish', { destination: { repository: 'mirror', advisory: true } }),
      foreseen('already-public'),
      foreseen('conflict', { seen: other }),
      foreseen('tampered'),
      foreseen('missing'),
      foreseen('fail', { problem }),
      foreseen('unknown', { problem }),
    ]),
  ).toEqual([
    'publish         acme_1.2.3_amd64.deb for ubuntu/jammy -> mirror  100.0 MiB  (advisory)',
    'already public  acme_1.2.3_amd64.deb for ubuntu/jammy -> stable',
    'conflict        acme_1.2.3_amd64.deb for ubuntu/jammy -> stable',
    `  sealed  sha256 ${sealed.sha256}`,
    `  public  sha256 ${other}`,
    'tampered        acme_1.2.3_amd64.deb for ubuntu/jammy -> stable',
    '  The bytes in staging differ from the sealed ones.',
    'missing         acme_1.2.3_amd64.deb for ubuntu/jammy -> stable',
    '  It is no longer in staging.',
    'would fail      acme_1.2.3_amd64.deb for ubuntu/jammy -> stable',
    '  the credential is refused',
    '  Check TOKEN.',
    // For the same reason.
    'unknown         acme_1.2.3_amd64.deb for ubuntu/jammy -> stable',
  ])
})

test('the forecast of an image says how much of it is there, and how its tags would change', () => {
  const image = { coordinates: { format: 'image', image: 'acme/hello', tag: '1.2.3' } } as const
  const tags = [
    { tag: '1.2.3', before: null, after: sealed.sha256 },
    { tag: '1.2', before: other, after: sealed.sha256 },
    { tag: '1', before: sealed.sha256, after: sealed.sha256 },
    { tag: 'latest', before: other, after: other, because: '2.0.0 is newer' },
    { tag: 'stable', before: sealed.sha256, after: other, because: '1.2.4 is newer' },
  ]
  const problem = { code: 'content/conflict', message: 'The layer sha256:aa: A different file is there under this name.' }
  expect(foreseenLines([foreseen('conflict', { ...image, problem })])).toEqual([
    'conflict        acme/hello:1.2.3 -> stable',
    '  The layer sha256:aa: A different file is there under this name.',
  ])
  const lines = foreseenLines([foreseen('publish', { ...image, image: { graph: 'incomplete', blobs: { present: 4, absent: 2 }, tags } })])
  expect(lines).toEqual([
    expect.stringMatching(/^publish {9}acme\/hello:1\.2\.3 .*-> stable$/),
    '  It is incomplete: 4 of 6 layers exist.',
    '  1.2.3 would be set',
    '  1.2 would move',
    '  latest would not move: 2.0.0 is newer',
    '  stable would move: 1.2.4 is newer',
  ])
  const there = { graph: 'present', blobs: { present: 6, absent: 0 } } as const
  expect(foreseenLines([foreseen('already-public', { ...image, image: { ...there, tags: [] } })])).toHaveLength(1)
})

test('the hold is shown in words, and exactly', () => {
  expect(expiryLine([foreseen('publish')], Date.parse(start))).toBe('The release expires in 2 days, at 2026-02-03T00:00:00.000Z.')
})
