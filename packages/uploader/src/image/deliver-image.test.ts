import { setMaxListeners } from 'node:events'
import { bytes, type ImageCoordinates, type SealedTag } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { type ImageRepository, NotThere } from '../contract/capabilities.js'
import { sampleBytes, virtualClock } from '../testing/fixtures.js'
import { Builder, json, type MadeImage, type MemoryRegistry, memoryRegistry } from '../testing/image/memory-registry.js'
import type { Happening } from '../transfer/event.js'
import { Hosts } from '../transfer/host.js'
import { defaultLimits } from '../transfer/limits.js'
import { deliverImage } from './deliver-image.js'

const layers = [sampleBytes(200_000, 1), sampleBytes(3000, 2), sampleBytes(150_000, 3)]

/** A multi-platform index with a signature and an SBOM, in staging. */
function staged(host = 'https://staging.example') {
  const registry = memoryRegistry(host)
  const build = new Builder(registry, 'builds/hello')
  const [first, second, third] = layers.map((data) => build.blob(data)) as [MadeImage, MadeImage, MadeImage]
  const amd64 = build.manifest([first, second])
  const arm64 = build.manifest([first, third])
  const index = build.index([
    { ...amd64, platform: 'linux/amd64' },
    { ...arm64, platform: 'linux/arm64' },
  ])
  build.manifest([build.blob(Buffer.from('{"sbom": true}'), 'application/spdx+json')], {
    subject: json(index),
    artifactType: 'application/spdx+json',
  })
  build.tag(`sha256-${index.digest}.sig`, build.manifest([build.blob(Buffer.from('a signature'), 'application/octet-stream')]))
  build.tag('abc-1', index)
  return { registry, index }
}

interface Setting {
  readonly version?: string
  readonly tags?: readonly SealedTag[]
  readonly source?: ImageRepository
  readonly signal?: AbortSignal
  readonly onEvent?: (event: Happening) => void
}

async function publish({ registry, index }: ReturnType<typeof staged>, to: readonly ImageRepository[], setting: Setting = {}) {
  const { version = '1.2.3', tags = [{ tag: version, moves: false }] } = setting
  const clock = virtualClock()
  const content = { sha256: index.digest, size: bytes(index.size) }
  const coordinates: ImageCoordinates = { format: 'image', image: 'builds/hello', tag: 'abc-1' }
  const ports = { clock, random: () => 0.5, limits: defaultLimits }
  const arrivals = await deliverImage(
    {
      target: 'hello',
      item: { coordinates, content },
      source: setting.source ?? registry,
      from: registry.host ?? '',
      version,
      destinations: to.map((repository, position) => ({
        plan: { repository: `to ${position}`, advisory: false },
        repository,
        at: { format: 'image', image: 'hello', tag: tags.find(({ moves }) => !moves)?.tag ?? version },
        tags,
      })),
    },
    {
      ...ports,
      hosts: new Hosts({ ...ports, random: () => 0 }),
      signal: setting.signal ?? new AbortController().signal,
      emit: setting.onEvent ?? (() => undefined),
    },
  ).arrivals
  return arrivals.map(({ outcome }) => outcome)
}

/** All parts of an image, whatever it is called. */
const partsOf = ({ parts }: MemoryRegistry) =>
  [...parts].map(([location, data]) => [location.replace(/^.*?\/(?=blobs|manifests)/, ''), data.toString('base64')]).sort()

test('an index with all its platforms and referrers arrives whole, tags last', async () => {
  const image = staged()
  const there = memoryRegistry('https://public.example')
  const [outcome] = await publish(image, [there])
  expect(outcome).toMatchObject({
    verdict: 'published',
    seen: image.index.digest,
    coordinates: { format: 'image', image: 'hello', tag: '1.2.3' },
    image: { blobs: { moved: 7, mounted: 0, present: 0 }, tags: [{ tag: '1.2.3', before: null, after: image.index.digest }] },
  })
  expect(partsOf(there)).toEqual(partsOf(image.registry))
  expect(there.pointers.get('hello:1.2.3')).toBe(image.index.digest)
  expect(there.pointers.has(`hello:sha256-${image.index.digest}.sig`)).toBe(true)
  expect(there.writes.at(-1)).toBe('tag 1.2.3')
  const kinds = there.writes.map((write) => write.split(' ').slice(0, 2).join(' '))
  expect(kinds.lastIndexOf('put blob')).toBeLessThan(kinds.indexOf('put manifest'))
})

test('statement 4: published again, it moves nothing', async () => {
  const image = staged()
  const there = memoryRegistry('https://public.example')
  await publish(image, [there])
  const before = [...there.writes]
  const [outcome] = await publish(image, [there])
  expect(outcome).toMatchObject({ verdict: 'already-public', bytesSent: 0, image: { blobs: { moved: 0, mounted: 0, present: 7 } } })
  expect(there.writes.slice(before.length).filter((write) => !write.startsWith('attach'))).toEqual([])
})

test('within one registry no blob is sent', async () => {
  const image = staged()
  const [outcome] = await publish(image, [image.registry])
  expect(outcome).toMatchObject({ verdict: 'published', image: { blobs: { moved: 0, mounted: 7 } } })
  expect(image.registry.writes.some((write) => write.startsWith('put blob'))).toBe(false)
})

test('statement 8: for several registries the staged image is read once', async () => {
  const image = staged()
  const reads: string[] = []
  const source: ImageRepository = {
    ...image.registry,
    read: (location, call) => {
      reads.push(location)
      return image.registry.read(location, call)
    },
  }
  const to = [memoryRegistry('https://a.example'), memoryRegistry('https://b.example')]
  const outcomes = await publish(image, to, { source })
  expect(outcomes.map(({ verdict }) => verdict)).toEqual(['published', 'published'])
  expect(new Set(reads).size).toBe(reads.length)
})

describe('statement 2: a tag that is there already', () => {
  test('with another image is a conflict, and nothing is moved', async () => {
    const image = staged()
    const there = memoryRegistry('https://public.example')
    const other = new Builder(there, 'hello')
    other.tag('1.2.3', other.manifest([]))
    const [outcome] = await publish(image, [there])
    expect(outcome).toMatchObject({ verdict: 'conflict', bytesSent: 0, problem: { code: 'content/conflict' } })
    expect(there.writes).toEqual([])
  })
})

test('statement 4: an image that an interrupted copy left broken is repaired', async () => {
  const image = staged()
  const there = memoryRegistry('https://public.example')
  await publish(image, [there])
  const lost = [...there.parts.keys()].find((location) => location.includes('/blobs/')) ?? ''
  there.parts.delete(lost)
  const [outcome] = await publish(image, [there])
  expect(outcome).toMatchObject({ verdict: 'published', image: { blobs: { moved: 1, present: 6 } } })
  expect(there.parts.has(lost)).toBe(true)
})

test('statement 10: a registry that loses a layer after accepting it does not get the tag', async () => {
  const image = staged()
  const memory = memoryRegistry('https://public.example')
  const there: ImageRepository = {
    ...memory,
    async create(item, body, call) {
      const written = await memory.create(item, body, call)
      if (item.coordinates.format === 'blob' && item.content.size === 3000) memory.parts.delete(`hello/blobs/sha256:${item.content.sha256}`)
      return written
    },
  }
  const [outcome] = await publish(image, [there])
  expect(outcome).toMatchObject({
    verdict: 'undetermined',
    problem: { message: expect.stringMatching(/^The layer sha256:[0-9a-f]{64}: /) },
  })
  expect(memory.pointers.size).toBe(0)
  expect(memory.writes.some((write) => write.startsWith('put manifest'))).toBe(false)
})

describe('statement 3: a registry that cannot be asked', () => {
  test('for the tag gets nothing', async () => {
    const image = staged()
    const memory = memoryRegistry('https://public.example')
    const there: ImageRepository = {
      ...memory,
      observe: (at, call) => (at.format === 'image' ? Promise.reject(new Error('502')) : memory.observe(at, call)),
    }
    const outcomes = await publish(image, [there, memoryRegistry('https://other.example')])
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['undetermined', 'published'])
    expect(memory.writes).toEqual([])
  })

  test('once for each thing is asked again', async () => {
    const image = staged()
    const asked = new Set<string>()
    const shaky = (memory: MemoryRegistry): ImageRepository => {
      const once = <T>(what: string, then: () => Promise<T>): Promise<T> => {
        if (asked.has(what)) return then()
        asked.add(what)
        return Promise.reject(new Error('502'))
      }
      return {
        ...memory,
        observe: (at, call) => once(JSON.stringify([memory.host, at]), () => memory.observe(at, call)),
        read: (location, call) => once(JSON.stringify([memory.host, location]), () => memory.read(location, call)),
        referrers: (of, subject, call) => once(JSON.stringify([memory.host, subject]), () => memory.referrers(of, subject, call)),
        attach: (of, subject, all, call) => once(`attach ${subject}`, () => memory.attach(of, subject, all, call)),
        point: (at, to, expected, call) => once(`point ${at.tag}`, () => memory.point(at, to, expected, call)),
        tags: (of, call) => once('tags', () => memory.tags(of, call)),
      }
    }
    const there = memoryRegistry('https://public.example')
    const tags: SealedTag[] = [
      { tag: '1.2.3', moves: false },
      { tag: 'latest', moves: true, scope: 0 },
    ]
    const [outcome] = await publish(image, [shaky(there)], { source: shaky(image.registry), tags })
    expect(outcome).toMatchObject({ verdict: 'published', image: { blobs: { moved: 7 } } })
    expect(there.pointers.get('hello:latest')).toBe(image.index.digest)
    expect(asked.size).toBeGreaterThan(30)
  })
})

test('a delivery that is stopped says so', async () => {
  const image = staged()
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const there = memoryRegistry('https://public.example')
  const stopping: ImageRepository = {
    ...there,
    async create(item, body, call) {
      const written = await there.create(item, body, call)
      if (item.coordinates.format === 'manifest') controller.abort()
      return written
    },
  }
  const [outcome] = await publish(image, [stopping], { signal: controller.signal })
  expect(outcome?.verdict).toBe('undetermined')
  expect(there.pointers.size).toBe(0)
  expect(await publish(image, [there])).toMatchObject([{ verdict: 'published', image: { blobs: { moved: 0, present: 7 } } }])
})

test('how far it is, is that of all layers together', async () => {
  const image = staged()
  const sums: number[] = []
  const onEvent = (event: Happening) => {
    if (event.event === 'progress') sums.push(event.bytes)
  }
  const [outcome] = await publish(image, [memoryRegistry('https://public.example')], { onEvent })
  expect(sums).toEqual(sums.toSorted((a, b) => a - b))
  const manifests = [...image.registry.parts].reduce(
    (sum, [location, data]) => sum + (location.includes('/manifests/') ? data.length : 0),
    0,
  )
  expect(sums.at(-1)).toBe((outcome?.bytesSent ?? 0) - manifests)
})

describe('signatures under tags', () => {
  test('that somebody has made there stay', async () => {
    const image = staged()
    const there = memoryRegistry('https://public.example')
    const build = new Builder(there, 'hello')
    const own = build.manifest([build.blob(Buffer.from('a countersignature'))])
    const tag = `sha256-${image.index.digest}.sig`
    build.tag(tag, own)
    expect(await publish(image, [there])).toMatchObject([{ verdict: 'published' }])
    expect(there.pointers.get(`hello:${tag}`)).toBe(own.digest)
  })

  test('that the registry does not take are a failure, before the tag', async () => {
    const image = staged()
    const memory = memoryRegistry('https://public.example')
    const there: ImageRepository = { ...memory, point: async () => ({ outcome: 'refused', because: { code: 'DENIED', message: 'no' } }) }
    expect(await publish(image, [there])).toMatchObject([{ verdict: 'failed', problem: { code: 'DENIED' } }])
  })

  test('that were added since are published with it', async () => {
    const image = staged()
    const there = memoryRegistry('https://public.example')
    await publish(image, [there])
    const build = new Builder(image.registry, 'builds/hello')
    const sbom = build.manifest([], { subject: json(image.index), artifactType: 'application/spdx+json' })
    expect(await publish(image, [there])).toMatchObject([{ verdict: 'published', image: { tags: [{ before: image.index.digest }] } }])
    expect(there.parts.has(`hello/manifests/sha256:${sbom.digest}`)).toBe(true)
  })
})

describe('statement 1: staging', () => {
  test('with other bytes in a layer: it is tampered, and the tag is not set', async () => {
    const image = staged()
    const location = [...image.registry.parts].find(([, data]) => data.length === 200_000)?.[0] ?? ''
    image.registry.parts.set(location, sampleBytes(200_000, 99))
    const there = memoryRegistry('https://public.example')
    const [outcome] = await publish(image, [there])
    expect(outcome).toMatchObject({ verdict: 'tampered' })
    expect(there.pointers.size).toBe(0)
  })

  test('with another manifest under the digest: it is tampered', async () => {
    const image = staged()
    image.registry.parts.set(`builds/hello/manifests/sha256:${image.index.digest}`, Buffer.alloc(image.index.size, 32))
    const [outcome] = await publish(image, [memoryRegistry('https://public.example')])
    expect(outcome?.verdict).toBe('tampered')
  })

  test('that lost a layer: it is missing', async () => {
    const image = staged()
    const location = [...image.registry.parts].find(([, data]) => data.length === 3000)?.[0] ?? ''
    image.registry.parts.delete(location)
    const [outcome] = await publish(image, [memoryRegistry('https://public.example')])
    expect(outcome?.verdict).toBe('missing')
  })

  test('that lost everything: what is public already stays already public', async () => {
    const image = staged()
    const there = memoryRegistry('https://public.example')
    await publish(image, [there])
    const source: ImageRepository = { ...image.registry, read: () => Promise.reject(new NotThere('gone')) }
    const outcomes = await publish(image, [there, memoryRegistry('https://other.example')], { source })
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['already-public', 'missing'])
  })
})

describe('statement 6: a tag that moves', () => {
  const moving: SealedTag[] = [
    { tag: '1.2.3', moves: false },
    { tag: 'latest', moves: true, scope: 0 },
    { tag: '1', moves: true, scope: 1 },
  ]
  test('goes forward, after everything else', async () => {
    const image = staged()
    const there = memoryRegistry('https://public.example')
    const old = new Builder(there, 'hello')
    const older = old.manifest([])
    for (const tag of ['1.2.2', 'latest', '1']) old.tag(tag, older)
    const [outcome] = await publish(image, [there], { tags: moving })
    expect(outcome?.image?.tags).toEqual([
      { tag: '1.2.3', before: null, after: image.index.digest },
      { tag: 'latest', before: older.digest, after: image.index.digest },
      { tag: '1', before: older.digest, after: image.index.digest },
    ])
    expect(there.writes.slice(-3)).toEqual(['tag 1.2.3', 'tag latest', 'tag 1'])
  })

  test('does not go back for a patch of an older line, but its own line’s does go forward', async () => {
    const image = staged()
    const there = memoryRegistry('https://public.example')
    const build = new Builder(there, 'hello')
    const newer = build.manifest([build.blob(Buffer.from('2'))])
    for (const tag of ['2.0.0', 'latest', '2']) build.tag(tag, newer)
    const [outcome] = await publish(image, [there], { tags: moving })
    expect(outcome).toMatchObject({ verdict: 'published' })
    expect(outcome?.image?.tags.slice(1)).toEqual([
      { tag: 'latest', before: newer.digest, after: newer.digest, because: '2.0.0 is newer' },
      { tag: '1', before: null, after: image.index.digest },
    ])
  })

  test('follows the versions of its flavour alone', async () => {
    const image = staged()
    const there = memoryRegistry('https://public.example')
    const build = new Builder(there, 'hello')
    const plain = build.manifest([build.blob(Buffer.from('2'))])
    for (const tag of ['2.0.0', 'latest', '2']) build.tag(tag, plain)
    const flavour = { suffix: '-fips' }
    const [outcome] = await publish(image, [there], {
      tags: [
        { tag: '1.2.3-fips', moves: false },
        { tag: 'latest-fips', moves: true, scope: 0, flavour, others: [{}] },
      ],
    })
    expect(outcome).toMatchObject({ verdict: 'published' })
    expect(outcome?.image?.tags).toEqual([
      { tag: '1.2.3-fips', before: null, after: image.index.digest },
      { tag: 'latest-fips', before: null, after: image.index.digest },
    ])
    expect(there.pointers.get('hello:latest')).toBe(plain.digest)
  })

  test('that somebody else moves between look and write is left to the newer one', async () => {
    const image = staged()
    const memory = memoryRegistry('https://public.example')
    const build = new Builder(memory, 'hello')
    const newer = build.manifest([build.blob(Buffer.from('2'))])
    let raced = false
    const there: ImageRepository = {
      ...memory,
      async point(at, to, expected, call) {
        if (at.tag === 'latest' && !raced) {
          raced = true
          build.tag('2.0.0', newer)
          build.tag('latest', newer)
        }
        return memory.point(at, to, expected, call)
      },
    }
    const [outcome] = await publish(image, [there], { tags: moving })
    expect(outcome?.verdict).toBe('published')
    expect(memory.pointers.get('hello:latest')).toBe(newer.digest)
  })

  test('that two releases race for ends at the newest, on a server without compare-and-set too', async () => {
    const memory = memoryRegistry('https://public.example')
    const careless: ImageRepository = {
      ...memory,
      async point({ image, tag }, to) {
        await new Promise((resolve) => setImmediate(resolve))
        memory.pointers.set(`${image}:${tag}`, to)
        return { outcome: 'accepted' }
      },
    }
    for (let round = 0; round < 20; round++) {
      memory.pointers.clear()
      const older = staged()
      const newer = staged()
      const other = new Builder(newer.registry, 'builds/hello')
      const made = other.manifest([other.blob(Buffer.from(`newer ${round}`))])
      const tags = (version: string): SealedTag[] => [
        { tag: version, moves: false },
        { tag: 'latest', moves: true, scope: 0 },
      ]
      await Promise.all([
        publish(older, [careless], { version: '1.2.3', tags: tags('1.2.3') }),
        publish({ ...newer, index: made }, [careless], { version: '1.3.0', tags: tags('1.3.0') }),
      ])
      expect(memory.pointers.get('hello:latest')).toBe(made.digest)
    }
  })
})

test('statement 5: one registry’s refusal stops no other', async () => {
  const image = staged()
  const refusing: ImageRepository = {
    ...memoryRegistry('https://full.example'),
    create: async () => ({ outcome: 'refused', because: { code: 'DENIED', message: 'the account is full' } }),
  }
  const outcomes = await publish(image, [refusing, memoryRegistry('https://public.example')])
  expect(outcomes.map(({ verdict }) => verdict)).toEqual(['failed', 'published'])
  expect(outcomes[0]).toMatchObject({ problem: { code: 'DENIED' } })
})

test('layers that must not be distributed are refused with the reason', async () => {
  const image = staged()
  const build = new Builder(image.registry, 'builds/hello')
  const foreign = build.manifest([build.blob(Buffer.from('windows'), 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip')])
  const [outcome] = await publish({ ...image, index: foreign }, [memoryRegistry('https://public.example')])
  expect(outcome).toMatchObject({ verdict: 'failed', problem: { code: 'content/image-refused' } })
})
