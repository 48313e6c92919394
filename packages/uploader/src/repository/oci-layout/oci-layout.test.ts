import { readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytes, type ImageCoordinates } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { ImageRepository, Served } from '../../contract/capabilities.js'
import { deliverImage } from '../../image/deliver-image.js'
import { bodyOf, bytesOf, contentOf, itemOf, sampleBytes, soon, temporaryFolder, virtualClock } from '../../testing/fixtures.js'
import { Builder, json, memoryRegistry } from '../../testing/image/memory-registry.js'
import { Hosts } from '../../transfer/host.js'
import { defaultLimits } from '../../transfer/limits.js'
import { partLocation } from '../oci/part.js'
import { builtLayout, ociLayout } from './index.js'

const environment = (root: string) => ({
  clock: virtualClock(),
  directory: (path: string) => join(root, path),
  http: () => {
    throw new Error('A layout needs no network')
  },
})
async function open(): Promise<{ root: string; layout: ImageRepository & Served }> {
  const root = await temporaryFolder()
  const opened = ociLayout.open(
    { settings: { path: 'images' }, role: 'public', access: 'write', origin: '', credentials: [] },
    environment(root),
  )
  // The cast: the definition says what every kind of repository is.
  return { root: join(root, 'images'), layout: opened as ImageRepository & Served }
}

function made() {
  const registry = memoryRegistry('https://staging.example')
  const build = new Builder(registry, 'hello')
  const amd64 = build.manifest([build.blob(sampleBytes(100_000))])
  const arm64 = build.manifest([build.blob(sampleBytes(1000, 2))])
  const index = build.index([
    { ...amd64, platform: 'linux/amd64' },
    { ...arm64, platform: 'linux/arm64' },
  ])
  build.manifest([build.blob(Buffer.from('sbom'), 'application/spdx+json')], { subject: json(index) })
  build.tag('1', index)
  return { registry, index }
}

async function publish(source: ImageRepository, { index }: ReturnType<typeof made>, to: ImageRepository, tag = '1.0.0') {
  const clock = virtualClock()
  const ports = { clock, random: () => 0, limits: defaultLimits }
  const coordinates: ImageCoordinates = { format: 'image', image: 'hello', tag: '1' }
  const [arrival] = await deliverImage(
    {
      target: 'hello',
      item: { coordinates, content: { sha256: index.digest, size: bytes(index.size) } },
      source,
      from: 'source',
      version: tag,
      destinations: [
        {
          plan: { repository: 'layout', advisory: false },
          repository: to,
          at: { format: 'image', image: 'acme/hello', tag },
          tags: [{ tag, moves: false }],
        },
      ],
    },
    { ...ports, hosts: new Hosts(ports), signal: new AbortController().signal, emit: () => undefined },
  ).arrivals
  return arrival?.outcome
}

test('an image arrives as a layout that other tools read', async () => {
  const { root, layout } = await open()
  const image = made()
  expect(await publish(image.registry, image, layout)).toMatchObject({ verdict: 'published', image: { blobs: { moved: 4 } } })
  const folder = join(root, 'acme/hello')
  expect(JSON.parse(await readFile(join(folder, 'oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' })
  const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8'))
  expect(index.manifests.map((one: { annotations?: object }) => one.annotations)).toEqual([
    undefined,
    { 'org.opencontainers.image.ref.name': '1.0.0' },
  ])
  for (const name of await readdir(join(folder, 'blobs/sha256'))) {
    expect(contentOf(await readFile(join(folder, 'blobs/sha256', name))).sha256).toBe(name)
  }
  expect(await publish(image.registry, image, layout)).toMatchObject({ verdict: 'already-public', bytesSent: 0 })
})

test('an image in a layout has its digest and size, and what refers to it', async () => {
  const { layout } = await open()
  const image = made()
  await publish(image.registry, image, layout)
  const seen = await layout.observe({ format: 'image', image: 'acme/hello', tag: '1.0.0' }, soon())
  expect(seen).toMatchObject({ saw: 'present', sha256: image.index.digest, size: image.index.size })
  expect((await layout.referrers('acme/hello', image.index.digest, soon())).map(({ json }) => json['mediaType'])).toEqual([
    'application/vnd.oci.image.manifest.v1+json',
  ])
})

test('users get an image only if all of its parts are there, with the right lengths', async () => {
  const { layout, root } = await open()
  const image = made()
  await publish(image.registry, image, layout)
  const at = { format: 'image', image: 'acme/hello', tag: '1.0.0' } as const
  const served = () => layout.served(at, soon())
  expect(await served()).toBeDefined()
  expect(await layout.served({ ...at, tag: '2.0.0' }, soon())).toBeUndefined()
  const [layer] = [...image.registry.parts].filter(([location]) => location.includes('/blobs/')).map(([, data]) => contentOf(data))
  if (layer === undefined) throw new Error('Expected a layer')
  const path = join(root, 'acme/hello/blobs/sha256', layer.sha256)
  await truncate(path, layer.size - 1)
  await expect(served()).rejects.toMatchObject({
    code: 'repository/index-broken',
    what: expect.stringContaining(`has different bytes: ${layer.size - 1} of them, but there must be ${layer.size}`),
  })
  await rm(path)
  await expect(served()).rejects.toMatchObject({ code: 'repository/index-broken', what: expect.stringContaining('does not exist') })
})

describe('a tag', () => {
  test('moves only if it is where it was seen', async () => {
    const { layout } = await open()
    const image = made()
    await publish(image.registry, image, layout)
    const at = { image: 'acme/hello', tag: 'latest' }
    const other = contentOf(Buffer.from('other')).sha256
    expect(await layout.point(at, image.index.digest, other, soon())).toEqual({ outcome: 'exists' })
    expect(await layout.point(at, image.index.digest, undefined, soon())).toEqual({ outcome: 'accepted' })
    expect(await layout.point(at, image.index.digest, undefined, soon())).toEqual({ outcome: 'exists' })
    expect(await layout.resolve(at, soon())).toBe(image.index.digest)
    expect((await layout.tags('acme/hello', soon())).toSorted()).toEqual(['1.0.0', 'latest'])
  })

  test('that many set at once is set by one', async () => {
    const { layout } = await open()
    const image = made()
    await publish(image.registry, image, layout)
    const at = { image: 'acme/hello', tag: 'latest' }
    const answers = await Promise.all(Array.from({ length: 8 }, () => layout.point(at, image.index.digest, undefined, soon())))
    expect(answers.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1)
  })
})

test('statement 2: a part that is there is never replaced', async () => {
  const { layout } = await open()
  const item = itemOf(Buffer.from('a layer'), {
    format: 'blob',
    image: 'hello',
    mediaType: 'application/x',
    digest: contentOf(Buffer.from('a layer')).sha256,
  })
  expect(await layout.create(item, bodyOf(Buffer.from('a layer')), soon())).toEqual({ outcome: 'accepted' })
  expect(await layout.create(item, bodyOf(Buffer.from('another')), soon())).toEqual({ outcome: 'exists' })
  expect(
    (await bytesOf(await layout.read(partLocation({ format: 'blob', image: 'hello', digest: item.content.sha256 }), soon()))).toString(),
  ).toBe('a layer')
})

test('the bytes of a part are known by reading it', async () => {
  const { root, layout } = await open()
  const image = made()
  await publish(image.registry, image, layout)
  await writeFile(join(root, 'acme/hello/blobs/sha256', image.index.digest), 'altered')
  const at = { format: 'manifest', image: 'acme/hello', mediaType: 'application/x', digest: image.index.digest } as const
  expect(await layout.observe(at, soon())).toMatchObject({ sha256: contentOf(Buffer.from('altered')).sha256 })
  expect(await layout.observe({ format: 'image', image: 'acme/hello', tag: '1.0.0' }, soon())).toMatchObject({
    sha256: contentOf(Buffer.from('altered')).sha256,
  })
})

test('a link that leads out of it is refused, and so is an invalid index', async () => {
  const { root, layout } = await open()
  const image = made()
  await publish(image.registry, image, layout)
  await writeFile(join(root, 'acme/hello/index.json'), '[]')
  await expect(layout.tags('acme/hello', soon())).rejects.toMatchObject({ code: 'layout/broken' })
  await symlink('/tmp', join(root, 'outside'))
  await expect(layout.tags('outside', soon())).rejects.toMatchObject({ code: 'directory/outside' })
})

test('the layout of a build has one image', async () => {
  const { root, layout } = await open()
  const image = made()
  await expect(builtLayout(root)).rejects.toMatchObject({ code: 'usage/layout', what: 'there is no image in the layout' })
  await publish(image.registry, image, layout)
  expect(await builtLayout(join(root, 'acme/hello'))).toMatchObject({ content: { sha256: image.index.digest } })
  const other = new Builder(image.registry, 'hello').manifest([])
  await publish(image.registry, { ...image, index: other }, layout, '2.0.0')
  await expect(builtLayout(join(root, 'acme/hello'))).rejects.toMatchObject({ what: 'the layout has 2 images' })
})
