import { describe, expect, test } from 'vitest'
import { contentOf } from '../../testing/fixtures.js'
import { ImageRefused, isManifest, mostBlobs, parseManifest, subjectOf } from './manifest.js'

const digest = `sha256:${contentOf(Buffer.from('x')).sha256}`
const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: 1 }
const oci = { index: 'application/vnd.oci.image.index.v1+json', image: 'application/vnd.oci.image.manifest.v1+json' }
const docker = {
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  image: 'application/vnd.docker.distribution.manifest.v2+json',
}
const artifact = 'application/vnd.oci.artifact.manifest.v1+json'
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

test.each([undefined, null, []])('a list that is %j is an empty one', (list) => {
  expect(parse({ ...image, layers: list }).blobs).toHaveLength(1)
  expect(parse({ ...image, mediaType: oci.image, manifests: null, fsLayers: null }).mediaType).toBe(oci.image)
  expect(parse({ ...index, mediaType: oci.index, manifests: list, layers: null, config: null }).manifests).toEqual([])
  expect(parse({ mediaType: artifact, blobs: list }).blobs).toEqual([])
})

test('a media type is whatever was written, with its parameters', () => {
  for (const mediaType of ['application/vnd.dev.sigstore.bundle+json;version=0.2', 'text/plain; charset="utf-8"', 'x']) {
    expect(parse({ ...image, layers: [{ ...layer, mediaType }] }).blobs[1]?.mediaType).toBe(mediaType)
  }
})

test('an artifact has its blobs, and no schema version', () => {
  const made = parse(
    { mediaType: artifact, artifactType: 'x/y', blobs: [layer, layer], subject: { ...layer, mediaType: oci.image } },
    artifact,
  )
  expect([made.mediaType, made.manifests, made.blobs.map(({ json }) => json)]).toEqual([artifact, [], [layer, layer]])
})

test('an image’s subject is not a part of it', () => {
  const about = { ...image, subject: { ...layer, mediaType: oci.image } }
  expect(parse(about).manifests).toEqual([])
  expect(subjectOf(Buffer.from(JSON.stringify(about)))).toBe(digest.slice(7))
})

test.each(['', '{', '[]', '{}', '{"subject":null}', '{"subject":{}}', '{"subject":{"digest":7}}', `{"subject":"${digest}"}`])(
  '%s is about nothing',
  (text) => {
    expect(subjectOf(Buffer.from(text))).toBeUndefined()
  },
)

test.each([
  [JSON.stringify(image), true],
  [JSON.stringify({ mediaType: artifact }), true],
  ['{"schemaVersion":1,"fsLayers":[]}', true],
  ['{"errors":[]}', false],
  ['{"mediaType":"application/json"}', false],
  ['{}', false],
  ['[{"schemaVersion":2}]', false],
  ['"schemaVersion"', false],
  ['<!DOCTYPE html><html>', false],
  [JSON.stringify(image).slice(0, -1), false],
  ['', false],
])('statement 3: that %j may be a manifest: %s', (text, may) => {
  expect(isManifest(Buffer.from(text))).toBe(may)
})

describe('refused is', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['what is no object', '[]', 'not a JSON object'],
    ['what is no JSON', '{', 'not a JSON object'],
    ['another version', { ...image, schemaVersion: 1 }, 'does not have the schema version 2'],
    ['a type that nobody knows', { ...image, mediaType: 'application/vnd.oci.other.v1+json' }, 'the unknown type'],
    ['an artifact and index in one', { ...index, mediaType: artifact }, 'both an image and an index'],
    ['a layer of an artifact that lies elsewhere', { mediaType: artifact, blobs: [{ ...layer, urls: ['x'] }] }, 'must not be distributed'],
    ['an image and index in one', { ...image, ...index, mediaType: oci.image }, 'both an image and an index'],
    ['an index and image in one', { ...image, ...index, mediaType: oci.index }, 'both an image and an index'],
    ['no configuration', { schemaVersion: 2, layers: [] }, 'one of its config is not an object'],
    ['layers that are no list', { ...image, layers: {} }, 'no list of layers'],
    ['manifests that are no list', { ...index, manifests: 'x' }, 'no list of manifests'],
    [
      'a digest of another kind',
      { ...image, layers: [{ ...layer, digest: `sha512:${'0'.repeat(128)}` }] },
      'one of its layers has the digest "sha512:',
    ],
    ['a size that is none', { ...image, layers: [{ ...layer, size: -1 }] }, 'one of its layers has no size'],
    ['a type that is none', { ...image, layers: [{ ...layer, mediaType: 'x\r\ny: z/a' }] }, 'one of its layers has no media type'],
    ['too many layers', { ...image, layers: Array(mostBlobs + 1).fill(layer) }, `${mostBlobs + 1} layers`],
    ['a layer that lies elsewhere', { ...image, layers: [{ ...layer, urls: ['https://x.example'] }] }, 'must not be distributed'],
    ...[
      'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      'application/vnd.oci.image.layer.nondistributable.v1.tar',
      'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
    ].map(
      (mediaType) =>
        [`a layer of the type ${mediaType}`, { ...image, layers: [{ ...layer, mediaType }] }, 'must not be distributed'] as const,
    ),
  ]
  test.each(cases)('%s', (_, json, what) => {
    expect(() => parse(json)).toThrow(ImageRefused)
    expect(() => parse(json)).toThrow(what)
  })

  test('one of a different kind than announced', () => {
    expect(() => parse(image, oci.index)).toThrow('is referred to as')
  })

  test('a name of any length, in a message of few letters', () => {
    const mediaType = `application/${'x'.repeat(100_000)}\u001b[31m`
    expect(() => parse({ ...image, mediaType })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^[^\p{Cc}]{0,200}\n/u) }),
    )
  })
})
