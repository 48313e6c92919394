import { describe, expect, test } from 'vitest'
import { contentOf } from '../testing/fixtures.js'
import { ImageRefused, mostBlobs, parseDescriptor, parseManifest, parseReferrers, platformOf } from './manifest.js'

const digest = `sha256:${contentOf(Buffer.from('x')).sha256}`
const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: 1 }
const oci = { index: 'application/vnd.oci.image.index.v1+json', image: 'application/vnd.oci.image.manifest.v1+json' }
const docker = {
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  image: 'application/vnd.docker.distribution.manifest.v2+json',
}
const image = { schemaVersion: 2, config: layer, layers: [layer, layer] }
const index = { schemaVersion: 2, manifests: [{ ...layer, mediaType: oci.image }] }
const parse = (json: unknown, claimed?: string) =>
  parseManifest(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)), claimed)

test.each([oci, docker])('an image has its configuration and layers, an index its manifests (%j)', (types) => {
  const made = parse({ ...image, mediaType: types.image }, types.image)
  expect([made.mediaType, made.manifests, made.blobs.map(({ json }) => json)]).toEqual([types.image, [], [layer, layer, layer]])
  const list = parse({ ...index, mediaType: types.index }, types.index)
  expect([list.mediaType, list.manifests.map(({ json }) => json), list.blobs]).toEqual([types.index, index.manifests, []])
})

test('one that does not say what it is, is what it has', () => {
  expect(parse(image).mediaType).toBe(oci.image)
  expect(parse(index).mediaType).toBe(oci.index)
})

test('what an image is about is no part of it', () => {
  expect(parse({ ...image, subject: { ...layer, mediaType: oci.image } }).manifests).toEqual([])
})

describe('refused is', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['what is no object', '[]', 'no JSON object'],
    ['what is no JSON', '{', 'no JSON object'],
    ['another version', { ...image, schemaVersion: 1 }, 'another schema version'],
    ['a type that nobody knows', { ...image, mediaType: 'application/vnd.oci.artifact.manifest.v1+json' }, 'which is not known'],
    ['an image and index in one', { ...image, ...index, mediaType: oci.image }, 'as an image and as an index'],
    ['an index and image in one', { ...image, ...index, mediaType: oci.index }, 'as an image and as an index'],
    ['no configuration', { schemaVersion: 2, layers: [] }, 'one of its config is no descriptor'],
    ['no layers', { schemaVersion: 2, config: layer }, 'no list of layers'],
    ['a digest of another kind', { ...image, layers: [{ ...layer, digest: `sha512:${'0'.repeat(128)}` }] }, 'one of its layers'],
    ['a size that is none', { ...image, layers: [{ ...layer, size: -1 }] }, 'one of its layers'],
    ['a type that is none', { ...image, layers: [{ ...layer, mediaType: 'x\r\ny: z/a' }] }, 'one of its layers'],
    ['too many layers', { ...image, layers: Array(mostBlobs + 1).fill(layer) }, `${mostBlobs + 1} layers`],
    ['a layer that lies elsewhere', { ...image, layers: [{ ...layer, urls: ['https://x.example'] }] }, 'may not be distributed'],
    ...[
      'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      'application/vnd.oci.image.layer.nondistributable.v1.tar',
      'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
    ].map(
      (mediaType) =>
        [`a layer of the type ${mediaType}`, { ...image, layers: [{ ...layer, mediaType }] }, 'may not be distributed'] as const,
    ),
  ]
  test.each(cases)('%s', (_, json, what) => {
    expect(() => parse(json)).toThrow(ImageRefused)
    expect(() => parse(json)).toThrow(what)
  })

  test('one that is another kind than was said', () => {
    expect(() => parse(image, oci.index)).toThrow('is said to be')
  })

  test('a name of any length, in a message of few letters', () => {
    const mediaType = `application/${'x'.repeat(100_000)}\u001b[31m`
    expect(() => parse({ ...image, mediaType })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^[^\p{Cc}]{0,200}\n/u) }),
    )
  })

  test('a referrer with a digest of another kind', () => {
    expect(() => parseReferrers([{ ...layer, digest: 'sha512:0' }])).toThrow('one of its referrers')
  })
})

test.each([null, 7, 'x', [], {}, { ...layer, digest: 'sha256:0' }, { ...layer, size: 1e300 }, { ...layer, size: 0.5 }])(
  '%j is no descriptor',
  (value) => {
    expect(parseDescriptor(value)).toBeUndefined()
  },
)

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
