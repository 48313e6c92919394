import { bytes, type SealedTag } from '@stagegate/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RepositoryRefusal } from '../contract/refusal.js'
import { exitCodeOf } from '../exit-code.js'
import { repositoryOf } from '../ports.js'
import { manifestOf, originOf, planOf, sampleBytes, virtualClock } from '../testing/fixtures.js'
import { Builder, json, type MadeImage, type MemoryRegistry, memoryRegistry } from '../testing/image/memory-registry.js'
import type { TransferEvent } from '../transfer/event.js'
import { exitCodeOfForeseen, foresee } from '../verb/foresee.js'
import { type PublishOptions, publish } from '../verb/publish.js'

interface Made {
  readonly index: MadeImage
  /** One platform of two. */
  readonly child: MadeImage
  readonly layer: MadeImage
}

/** An image of two platforms with an SBOM and a signature, under any name. */
function make(registry: MemoryRegistry, image: string, seed = 1): Made {
  const build = new Builder(registry, image)
  const [shared, layer] = [build.blob(sampleBytes(90_000, seed)), build.blob(sampleBytes(300, seed + 1))] as const
  const child = build.manifest([shared, layer])
  const index = build.index([child, build.manifest([shared])])
  build.manifest([build.blob(Buffer.from(`sbom ${seed}`), 'application/spdx+json')], { subject: json(index) })
  build.tag(`sha256-${index.digest}.sig`, build.manifest([build.blob(Buffer.from(`signature ${seed}`), 'application/octet-stream')]))
  return { index, child, layer }
}
const drop = ({ parts }: MemoryRegistry, format: 'blob' | 'manifest', { digest }: MadeImage) => {
  for (const location of [...parts.keys()]) if (location.endsWith(`/${format}s/sha256:${digest}`)) parts.delete(location)
}
const fails = () => Promise.reject(new Error('503'))
const refuses = () => Promise.reject(new RepositoryRefusal({ code: 'repository/forbidden', what: 'no' }))

/** Alters a registry, or puts one with a fault in its place. */
type Alter = (there: MemoryRegistry, made: Made) => MemoryRegistry | undefined

const stagingStates: Readonly<Record<string, Alter>> = {
  right: () => undefined,
  'with its tag at another image': (there) => {
    there.pointers.set('builds/hello:staged', make(there, 'builds/hello', 50).index.digest)
  },
  'without a tag': (there) => {
    there.pointers.delete('builds/hello:staged')
  },
  'without a layer': (there, { layer }) => {
    drop(there, 'blob', layer)
  },
  'without a platform': (there, { child }) => {
    drop(there, 'manifest', child)
  },
  'without the index': (there, { index }) => {
    drop(there, 'manifest', index)
  },
  'with another platform': ({ parts }, { child }) => {
    parts.set(`builds/hello/manifests/sha256:${child.digest}`, Buffer.from('{}'))
  },
  unreachable: (there) => ({ ...there, observe: fails, read: fails, referrers: fails }),
  forbidden: (there) => ({ ...there, observe: refuses, read: refuses, referrers: refuses }),
}
const publicStates: Readonly<Record<string, Alter>> = {
  empty: () => undefined,
  'with some layers': (there, made) => {
    complete(there)
    for (const location of [...there.parts.keys()]) if (location.includes('/manifests/')) there.parts.delete(location)
    drop(there, 'blob', made.layer)
    there.pointers.clear()
  },
  'with all but the tags': (there) => {
    complete(there)
    there.pointers.clear()
  },
  complete: (there) => {
    complete(there)
  },
  'without the tags that move': (there) => {
    complete(there)
    for (const tag of ['latest', '1.2']) there.pointers.delete(`hello:${tag}`)
  },
  'without a layer': (there, { layer }) => {
    complete(there)
    drop(there, 'blob', layer)
  },
  'with a layer cut short': (there, { layer }) => {
    complete(there)
    for (const [location, data] of there.parts) if (location.endsWith(layer.digest)) there.parts.set(location, data.subarray(0, 3))
  },
  'without a platform': (there, { child }) => {
    complete(there)
    drop(there, 'manifest', child)
  },
  'without the signature’s tag': (there, { index }) => {
    complete(there)
    there.pointers.delete(`hello:sha256-${index.digest}.sig`)
  },
  'with another image under the tag': (there) => {
    there.pointers.set('hello:1.2.3', make(there, 'hello', 60).index.digest)
  },
  'with an older release': (there) => {
    const { digest } = make(there, 'hello', 70).index
    for (const tag of ['1.2.2', 'latest', '1.2']) there.pointers.set(`hello:${tag}`, digest)
  },
  'with a newer release': (there) => {
    const { digest } = make(there, 'hello', 80).index
    for (const tag of ['2.0.0', 'latest']) there.pointers.set(`hello:${tag}`, digest)
  },
  'with a newer release, and latest left behind': (there) => {
    complete(there)
    there.pointers.set('hello:1.2.10', make(there, 'hello', 90).index.digest)
  },
  unreachable: (there) => ({ ...there, observe: fails }),
  forbidden: (there) => ({ ...there, observe: refuses }),
  'that lists no tags': (there) => ({ ...there, tags: fails }),
}

/** All of it is public, as publishing leaves it. */
function complete(there: MemoryRegistry): void {
  const { index } = make(there, 'hello')
  for (const tag of ['1.2.3', 'latest', '1.2']) there.pointers.set(`hello:${tag}`, index.digest)
}

function worldOf(staging: string, publics: readonly string[], oneHost = false) {
  const registry = memoryRegistry('https://staging.example')
  const made = make(registry, 'builds/hello')
  registry.pointers.set('builds/hello:staged', made.index.digest)
  const source = stagingStates[staging]?.(registry, made) ?? registry
  const there = publics.map((state, index) => {
    const one = memoryRegistry(oneHost && index === 0 ? 'https://staging.example' : `https://public-${index}.example`)
    // On one host, layers are mounted from where they are staged.
    if (oneHost && index === 0)
      for (const [location, data] of registry.parts) if (location.includes('/blobs/')) one.parts.set(location, data)
    return publicStates[state]?.(one, made) ?? one
  })
  const names = there.map((_, index) => `public ${index}`)
  const content = { sha256: made.index.digest, size: bytes(made.index.size) }
  const coordinates = { format: 'image', image: 'builds/hello', tag: 'staged' } as const
  const destinations = names.map((repository) => ({ repository, image: 'hello', advisory: false }))
  const base = manifestOf([{ coordinates, content }], { destinations })
  const tags: SealedTag[] = [
    { tag: '1.2.3', moves: false },
    { tag: 'latest', moves: true, scope: 0 },
    { tag: '1.2', moves: true, scope: 2 },
  ]
  const manifest = { ...base, targets: base.targets.map((target) => ({ ...target, tags })) }
  const repositories = new Map([['staging', source], ...there.map((one, index) => [`public ${index}`, one] as const)])
  const options: PublishOptions = { origin: originOf(planOf()), repositories, clock: virtualClock(), random: () => 0.5 }
  const writes = () => [registry, ...there].flatMap((one) => one.writes)
  return { manifest, options, made, writes }
}

const comesTrueAs = {
  publish: 'published',
  'already-public': 'already-public',
  conflict: 'conflict',
  tampered: 'tampered',
  missing: 'missing',
  fail: 'failed',
  unknown: 'undetermined',
} as const

async function expectForesight(staging: string, publics: readonly string[], oneHost: boolean): Promise<void> {
  const { manifest, options, writes } = worldOf(staging, publics, oneHost)
  const foreseen = await foresee(manifest, options)
  expect(writes()).toEqual([])
  const { outcomes } = await publish(manifest, options)
  expect(foreseen.map(({ would }) => comesTrueAs[would])).toEqual(outcomes.map(({ verdict }) => verdict))
  expect(exitCodeOfForeseen(foreseen)).toBe(exitCodeOf(outcomes))
  for (const [index, { verdict, image, seen }] of outcomes.entries()) {
    const before = foreseen[index]
    if (verdict === 'conflict') expect(before?.seen).toBe(seen)
    if (verdict !== 'published' && verdict !== 'already-public') continue
    const { moved = 0, mounted = 0, present } = image?.blobs ?? {}
    expect(before?.image).toMatchObject({ blobs: { absent: moved + mounted, present }, tags: image?.tags })
  }
}

describe('whatever is where, publishing an image then does what was foreseen, and foreseeing writes nothing', () => {
  test.each(Object.keys(stagingStates).flatMap((staging) => Object.keys(publicStates).map((to) => [staging, to] as const)))(
    'from staging %s to a registry %s',
    (staging, to) => expectForesight(staging, [to], false),
  )

  test('from staging with a layer cut short', async () => {
    const { manifest, options, made } = worldOf('right', ['empty'])
    // The cast: the world has put one there.
    const staging = repositoryOf(options, 'staging') as MemoryRegistry
    const location = `builds/hello/blobs/sha256:${made.layer.digest}`
    staging.parts.set(location, sampleBytes(3))
    expect(await foresee(manifest, options)).toMatchObject([{ would: 'tampered' }])
    expect((await publish(manifest, options)).outcomes).toMatchObject([{ verdict: 'tampered' }])
  })

  test('to several at once, also on the host where it is staged', async () => {
    const [staging, to] = [stagingStates, publicStates].map((states) => fc.constantFrom(...Object.keys(states))) as [
      fc.Arbitrary<string>,
      fc.Arbitrary<string>,
    ]
    await fc.assert(fc.asyncProperty(staging, fc.array(to, { minLength: 2, maxLength: 3 }), fc.boolean(), expectForesight), {
      numRuns: 150,
    })
  })
})

describe('it says', () => {
  const said = async (staging: string, to: string) => {
    const { manifest, options, made } = worldOf(staging, [to])
    const [one] = await foresee(manifest, options)
    return { one, ours: made.index.digest }
  }

  test.each([
    ['empty', 'publish', 'absent', 0],
    ['with some layers', 'publish', 'incomplete', 5],
    ['without a platform', 'publish', 'incomplete', 6],
    ['with all but the tags', 'publish', 'present', 6],
    ['complete', 'already-public', 'present', 6],
  ])('of a registry %s that it would %s, and that the graph is %s', async (to, would, graph, present) => {
    expect((await said('right', to)).one).toMatchObject({ would, image: { graph, blobs: { present } } })
  })

  test('which tags would move, and which stay because a newer one is public', async () => {
    const { one, ours } = await said('right', 'with a newer release')
    const newest = one?.image?.tags.find(({ tag }) => tag === 'latest')?.before
    expect(one?.image?.tags).toEqual([
      { tag: '1.2.3', before: null, after: ours },
      { tag: 'latest', before: newest, after: newest, because: '2.0.0 is newer' },
      { tag: '1.2', before: null, after: ours },
    ])
  })

  test('nothing about the tag in staging, which the build may have moved on', async () => {
    expect((await said('with its tag at another image', 'empty')).one).toMatchObject({ would: 'publish' })
    expect((await said('without a tag', 'empty')).one).toMatchObject({ would: 'publish' })
  })

  test('of each destination once that it was looked at', async () => {
    const { manifest, options } = worldOf('right', ['empty', 'complete', 'unreachable'])
    const events: string[] = []
    const onEvent = (event: TransferEvent) => events.push(event.event === 'observed' ? event.state : event.event)
    await foresee(manifest, { ...options, onEvent })
    expect(events.filter((event) => event !== 'waiting').sort()).toEqual(['absent', 'same', 'unknown'])
  })
})
