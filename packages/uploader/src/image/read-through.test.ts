import { describe, expect, onTestFinished, test } from 'vitest'
import type { PublicRepository } from '../contract/capabilities.js'
import { tls } from '../testing/authority.js'
import { sampleBytes, soon } from '../testing/fixtures.js'
import { memoryRegistry } from '../testing/image/memory-registry.js'
import { portsOf, registryAt } from '../testing/image/publish-image.js'
import { type Shape, storeImage } from '../testing/image/stored-image.js'
import { startRegistry } from '../testing/registry/index.js'
import { type ReadThroughOptions, readThrough } from './read-through.js'

const size = 40_000

/** An image in a registry, and reading it through. */
async function published(shape: Shape = 'of two platforms') {
  const server = await startRegistry({ tls })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  const there = server.image('acme/app')
  const { content, blobs } = storeImage(there, 1, size, { signed: true, shape })
  const layers = blobs.filter((digest) => there.blobs.get(digest)?.length === size)
  const [layer = '', second = ''] = layers
  const at = { format: 'image', image: 'app', tag: '1.0.0' } as const
  there.tags.set(at.tag, `sha256:${content.sha256}`)
  const repository = registryAt(server.url, 'acme')
  const read = (more: Partial<ReadThroughOptions> = {}, signal = new AbortController().signal) => {
    const ports = { ...portsOf({ looks: 3 }), signal }
    const host = ports.hosts.of(server.url)
    return readThrough(
      { repository, destination: { repository: 'hub', advisory: false }, host, at, content, reads: () => true, ...more },
      ports,
    )
  }
  const asked = () => server.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/')).length
  return { server, there, layer, second, repository, at, content, read, asked }
}

describe('everything that users get by a tag is read to its end', () => {
  test.each<[Shape, number]>([
    ['of one platform', 2],
    ['of two platforms', 3],
    ['attested', 5],
  ])('of an image %s, without what is attached to it', async (shape, layers) => {
    const { read, asked } = await published(shape)
    expect(await read()).toEqual({ found: 'sealed-bytes', layers: { read: layers, unread: [] } })
    expect(asked()).toBe(layers)
  })

  test('statement 10: a layer of other bytes and the same size is found out', async () => {
    const { there, layer, read, repository, at } = await published()
    there.blobs.set(layer, sampleBytes(size, 99))
    // Its digest and its length are right, as far as the registry says.
    expect(await repository.served(at, soon())).toBeDefined()
    const { found, problem, layers } = await read()
    expect([found, problem?.code, layers]).toEqual(['other-bytes', 'content/mismatch', { read: 2, unread: [] }])
    expect(problem?.message).toContain(`The layer ${layer}: `)
  })

  test.each([0, 3, size - 1, size + 1])('statement 10: a layer of %i bytes is found out', async (length) => {
    const { there, layer, read } = await published()
    there.blobs.set(layer, sampleBytes(length, 99))
    expect(await read()).toMatchObject({ found: 'other-bytes', layers: { read: 2, unread: [] } })
  })

  test('one that is gone is', async () => {
    const { there, layer, read } = await published()
    there.blobs.delete(layer)
    const unread = [{ digest: layer.slice(7), because: 'unreadable' }]
    expect(await read()).toMatchObject({ found: 'index-broken', problem: { code: 'content/not-there' }, layers: { read: 2, unread } })
  })

  test('a platform that is gone, or has other bytes, is', async () => {
    const { there, content, read } = await published()
    const platform = [...there.manifests.keys()].find((digest) => digest !== `sha256:${content.sha256}`) ?? ''
    const kept = there.manifests.get(platform)
    there.manifests.delete(platform)
    expect(await read()).toMatchObject({ found: 'index-broken', problem: { message: expect.stringContaining(platform) } })
    if (kept) there.manifests.set(platform, { ...kept, data: Buffer.from('{"schemaVersion":2}') })
    expect(await read()).toMatchObject({ found: 'other-bytes', problem: { message: expect.stringContaining(platform) } })
  })

  test('the worst of several problems is reported', async () => {
    const { there, layer, second, read } = await published()
    there.blobs.delete(layer)
    there.blobs.set(second, sampleBytes(size, 99))
    const { found, problem } = await read()
    expect([found, problem?.message]).toEqual([
      'other-bytes',
      expect.stringContaining('1 other layers have the same problem, or could not be read.'),
    ])
  })

  test('statement 3: one that cannot be read for now is unknown and reported; a single failure is no problem', async () => {
    const { server, layer, read } = await published()
    server.faults.add({ on: { method: 'GET', path: layer }, do: { answer: 503 } })
    expect(await read()).toMatchObject({ found: 'sealed-bytes' })
    server.faults.add({ on: { method: 'GET', path: layer }, times: 100, do: { truncateAnswer: 10 } })
    const unread = [{ digest: layer.slice(7), because: 'unreadable' }]
    expect(await read()).toMatchObject({ found: 'unknown', problem: { code: 'http/short' }, layers: { read: 2, unread } })
  })

  test('but for those that were there before the release', async () => {
    const { there, layer, read, asked } = await published()
    there.blobs.set(layer, sampleBytes(size, 99))
    const unread = [{ digest: layer.slice(7), because: 'there-before' }]
    expect(await read({ reads: (digest) => digest !== layer.slice(7) })).toEqual({ found: 'sealed-bytes', layers: { read: 2, unread } })
    expect(asked()).toBe(2)
  })
})

describe('asked for without being read, as users see it, a layer', () => {
  test('cut short makes the image one that cannot be pulled', async () => {
    const { there, layer, repository, at } = await published()
    there.blobs.set(layer, sampleBytes(size).subarray(0, 3))
    const served = repository.served(at, soon())
    await expect(served).rejects.toMatchObject({
      code: 'repository/index-broken',
      what: `the layer ${layer}, which the image names, has different bytes: 3 of them, but there must be ${size}`,
    })
  })

  test('of which the registry says a wrong length is right', async () => {
    const { server, repository, at } = await published()
    server.faults.add({ on: { method: 'HEAD' }, times: 100, do: { answer: 200, headers: { 'content-length': '0' }, body: '' } })
    expect(await repository.served(at, soon())).toBeDefined()
  })
})

describe('a repository that does not say what its users get', () => {
  const filled = async () => {
    const { there, layer, content, read } = await published()
    const memory = memoryRegistry('https://public.example')
    for (const [digest, data] of there.blobs) memory.parts.set(`app/blobs/${digest}`, data)
    for (const [digest, { data }] of there.manifests) memory.parts.set(`app/manifests/${digest}`, data)
    return { memory, layer, content, read }
  }
  test('is read itself', async () => {
    const { memory, layer, read } = await filled()
    expect(await read({ repository: memory })).toEqual({ found: 'sealed-bytes', layers: { read: 3, unread: [] } })
    memory.parts.set(`app/blobs/${layer}`, sampleBytes(size, 99))
    expect(await read({ repository: memory })).toMatchObject({ found: 'other-bytes' })
  })

  test('and cannot be read is refused', async () => {
    const { memory, read } = await filled()
    const repository: PublicRepository = { observe: memory.observe, create: memory.create }
    expect(await read({ repository })).toMatchObject({ found: 'refused', problem: { code: 'repository/unsupported' } })
  })
})

test('if stopped, it reports what it could not read', async () => {
  const { server, layer, read } = await published()
  const controller = new AbortController()
  server.faults.add({ on: { method: 'GET', path: layer }, times: 100, do: { answer: 503 } })
  const repository = registryAt(server.url, 'acme')
  const stopping: PublicRepository = {
    ...repository,
    observe: (at, call) => repository.observe(at, call),
    create: (item, body, call) => repository.create(item, body, call),
    served: (at, call) => {
      if ('digest' in at && at.digest === layer.slice(7)) controller.abort(new Error('told to stop'))
      return repository.served(at, call)
    },
  }
  expect(await read({ repository: stopping }, controller.signal)).toMatchObject({
    found: 'unknown',
    problem: { message: expect.anything() },
  })
})
