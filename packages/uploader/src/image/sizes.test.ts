import type { PlannedImage } from '@stagegate/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../testing/authority.js'
import { originOf, plannedTarget, planOf, sampleBytes } from '../testing/fixtures.js'
import { portsOf, publishImage, registryAt } from '../testing/image/publish-image.js'
import { storeImage, wrongIn } from '../testing/image/stored-image.js'
import { digestOf } from '../testing/registry/image.js'
import { type RegistryServer, startRegistry } from '../testing/registry/index.js'
import { imageToStaging, stagingCoordinates } from './stage-image.js'

/*
 * Layers of another size than their manifest says: in a registry that has lost a part of one, and in images that were built so.
 */

async function start(): Promise<RegistryServer> {
  const server = await startRegistry({ tls })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  return server
}

const size = 40_000

describe('a layer that the public registry has', () => {
  async function published() {
    const server = await start()
    const build = server.image('builds/app')
    const { content, blobs } = storeImage(build, 1, size, { signed: false })
    const ends = { source: registryAt(server.url, 'builds'), to: registryAt(server.url, 'acme'), content }
    const there = server.image('acme/app')
    const layer = blobs.find((digest) => build.blobs.get(digest)?.length === size) ?? ''
    return { server, there, layer, publish: () => publishImage(ends) }
  }

  test.each([0, 3, size - 1])('cut to %i bytes is a conflict before anything is written, and says how much is missing', async (length) => {
    const { server, there, layer, publish } = await published()
    there.blobs.set(layer, sampleBytes(size).subarray(0, length))
    const outcome = await publish()
    expect(outcome).toMatchObject({ verdict: 'conflict', problem: { code: 'content/conflict' } })
    expect(outcome.problem?.message).toContain(
      `The layer ${layer}: A different file is there under this name. It is ${size - length} bytes shorter`,
    )
    expect(server.requests.filter(({ method, path }) => method === 'PUT' && path.startsWith('/v2/acme/app/manifests'))).toEqual([])
  })

  test('cut short after it was published is a conflict, each time, until it is whole again', async () => {
    const { there, layer, publish } = await published()
    expect(await publish()).toMatchObject({ verdict: 'published' })
    const whole = there.blobs.get(layer) ?? Buffer.alloc(0)
    there.blobs.set(layer, whole.subarray(0, 3))
    expect([(await publish()).verdict, (await publish()).verdict]).toEqual(['conflict', 'conflict'])
    there.blobs.set(layer, whole)
    expect(await publish()).toMatchObject({ verdict: 'already-public' })
  })

  test('longer than it must be is a conflict', async () => {
    const { there, layer, publish } = await published()
    there.blobs.set(layer, sampleBytes(size + 1))
    expect(await publish()).toMatchObject({ verdict: 'conflict' })
  })

  test('and of which it says a wrong length is read, and is there', async () => {
    const { server, there, publish } = await published()
    await publish()
    const headers = { 'content-length': '0' }
    server.faults.add({ on: { method: 'HEAD', path: /acme/ }, times: 100, do: { answer: 200, headers, body: '' } })
    expect(await publish()).toMatchObject({ verdict: 'already-public', image: { blobs: { present: 2 } } })
    expect(wrongIn(there)).toEqual([])
  })

  test('mounted from where it was cut short is a conflict, and nothing refers to it', async () => {
    const { server, there, layer, publish } = await published()
    server.image('builds/app').blobs.set(layer, sampleBytes(size).subarray(0, 3))
    expect(await publish()).toMatchObject({ verdict: 'conflict' })
    expect([there.manifests.size, there.tags.size]).toEqual([0, 0])
  })
})

describe('staging an image whose manifest says', () => {
  const image = 'application/vnd.oci.image.manifest.v1+json'
  const index = 'application/vnd.oci.image.index.v1+json'
  const layer = sampleBytes(size)
  const config = Buffer.from('{}')
  const right = { layer: layer.length, config: config.length, manifest: undefined }

  async function staging(
    says: { layer?: number; config?: number; manifest?: number },
    alter: (server: RegistryServer) => void = () => undefined,
  ) {
    const server = await start()
    const build = server.image('builds/app')
    const put = (data: Buffer, mediaType: string, length: number) => {
      build.blobs.set(digestOf(data), data)
      return { mediaType, digest: digestOf(data), size: length }
    }
    const sizes = { ...right, ...says }
    const layers = [put(layer, 'application/vnd.oci.image.layer.v1.tar', sizes.layer)]
    const manifest = {
      schemaVersion: 2,
      mediaType: image,
      config: put(config, 'application/vnd.oci.image.config.v1+json', sizes.config),
      layers,
    }
    const data = Buffer.from(JSON.stringify(manifest))
    const manifests = [{ mediaType: image, digest: build.add(image, data), size: sizes.manifest ?? data.length }]
    build.add(index, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: index, manifests })), 'aaaaaaaa-100')
    alter(server)
    const what: PlannedImage = { type: 'image', image: 'app', tags: [] }
    const place = { name: 'staging', repository: registryAt(server.url, 'builds') }
    const coordinates = stagingCoordinates(what, { origin: originOf(planOf()) })
    return imageToStaging({ target: plannedTarget('app'), what, coordinates, staging: place }, portsOf())
  }

  test('what it has is staged', async () => {
    expect(await staging({})).toMatchObject({ is: 'staged', artifact: { location: expect.stringContaining('app/manifests/sha256:') } })
  })

  test.each([
    ['one byte more for a layer', { layer: size + 1 }, `has ${size} bytes, but the manifest gives ${size + 1}`],
    ['one byte less for a layer', { layer: size - 1 }, `has ${size} bytes, but the manifest gives ${size - 1}`],
    ['nothing for the configuration', { config: 0 }, 'has 2 bytes, but the manifest gives 0'],
  ])('%s is refused as a faulty build', async (_what, says, what) => {
    await expect(staging(says)).rejects.toMatchObject({
      code: 'content/image-refused',
      what: expect.stringContaining(what),
      next: 'The build wrote a wrong size. Build the image again with another tool or tool version, under a new version.',
    })
  })

  test.each([100, 1_000_000])('%i bytes for a platform is refused as a faulty build', async (manifest) => {
    await expect(staging({ manifest })).rejects.toMatchObject({
      code: 'content/image-refused',
      what: expect.stringMatching(new RegExp(`^it has \\d+ bytes, but the descriptor that refers to it gives ${manifest}$`)),
      where: expect.stringMatching(/^app@sha256:/),
    })
  })

  test('the build is not blamed if the registry has lost a part of the layer', async () => {
    const cut = staging({}, (server) => server.image('builds/app').blobs.set(digestOf(layer), layer.subarray(0, 3)))
    await expect(cut).rejects.toMatchObject({
      code: 'content/image-refused',
      what: `its layer ${digestOf(layer)} has different bytes: 3 of them, but there must be ${size}`,
      next: expect.stringContaining('The registry lost or changed it.'),
    })
  })

  test('the right size is staged, whatever length the registry says', async () => {
    const lying = staging({}, (server) => {
      server.faults.add({ on: { method: 'HEAD' }, times: 10, do: { answer: 200, headers: { 'content-length': '0' }, body: '' } })
    })
    expect(await lying).toMatchObject({ artifact: { location: expect.anything() } })
  })

  test('is refused where the layer is gone', async () => {
    const gone = staging({}, (server) => server.image('builds/app').blobs.delete(digestOf(layer)))
    await expect(gone).rejects.toMatchObject({ what: `its layer ${digestOf(layer)} is not there` })
  })
})
