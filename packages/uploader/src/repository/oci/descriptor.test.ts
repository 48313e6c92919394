import { expect, test } from 'vitest'
import { contentOf } from '../../testing/fixtures.js'
import { digestIn, parseDescriptor, platformOf, readDescriptor } from './descriptor.js'

const digest = `sha256:${contentOf(Buffer.from('x')).sha256}`
const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: 1 }

test.each([
  [null, 'is not an object'],
  [7, 'is not an object'],
  [[], 'is not an object'],
  [{}, 'has no digest'],
  [{ ...layer, digest: null }, 'has no digest'],
  [{ ...layer, digest: 'sha256:0' }, 'has the digest "sha256:0", but only sha256 is supported'],
  [{ ...layer, digest: digest.toUpperCase() }, `has the digest "${digest.toUpperCase().slice(0, 60)}...", but only`],
  [{ ...layer, mediaType: undefined }, 'has no media type'],
  [{ ...layer, mediaType: '' }, 'has no media type'],
  [{ ...layer, mediaType: ' a/b' }, 'has no media type'],
  [{ ...layer, mediaType: 'a/b\n' }, 'has no media type'],
  [{ ...layer, mediaType: 'a'.repeat(256) }, 'has no media type'],
  [{ ...layer, size: undefined }, 'has no size'],
  [{ ...layer, size: 1e300 }, 'has no size'],
  [{ ...layer, size: 0.5 }, 'has no size'],
  [{ ...layer, size: '1' }, 'has no size'],
] as const)('%j is no descriptor: it %s', (value, wrong) => {
  const read = readDescriptor(JSON.parse(JSON.stringify(value)))
  expect('wrong' in read && read.wrong).toContain(wrong)
  expect(parseDescriptor(JSON.parse(JSON.stringify(value)))).toBeUndefined()
})

test.each(['a', 'a/b', 'a/b; c="d, e"', 'a'.repeat(255)])('%j is a media type', (mediaType) => {
  expect(parseDescriptor({ ...layer, mediaType })).toMatchObject({ mediaType, digest: digest.slice(7), size: 1 })
})

test('a digest is found even if everything else is missing', () => {
  expect([{ digest }, { digest: 'sha512:0' }, 'x', null, undefined].map(digestIn)).toEqual([
    digest.slice(7),
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test.each([
  [{ os: 'linux', architecture: 'amd64' }, 'linux/amd64'],
  [{ os: 'linux', architecture: 'arm', variant: 'v7' }, 'linux/arm/v7'],
  [{ os: 'unknown', architecture: 'unknown' }, undefined],
  [{ os: 'linux' }, undefined],
  [null, undefined],
  ['linux/amd64', undefined],
])('the platform %j is %s', (platform, name) => {
  const descriptor = parseDescriptor({ ...layer, platform })
  expect(descriptor && platformOf(descriptor)).toBe(name)
})
