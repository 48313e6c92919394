import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NotThere, type PublicRepository, type StagingRepository } from '../contract/capabilities.js'
import { PutOff } from '../contract/put-off.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { exitCodeOf } from '../exit-code.js'
import {
  acmeAt,
  contentOf,
  itemOf,
  type MemoryRepository,
  manifestOf,
  memoryRepository,
  originOf,
  placeOf,
  planOf,
  sampleBytes,
  stable,
  virtualClock,
} from '../testing/fixtures.js'
import { exitCodeOfForeseen, foresee } from './foresee.js'
import { type PublishOptions, publish } from './publish.js'

const data = sampleBytes(100_000)
const other = sampleBytes(100_000, 2)
const mirror = { repository: 'mirror', advisory: false }
const advisory = { repository: 'advisory', advisory: true }
const manifest = manifestOf([itemOf(data)], { destinations: [stable, mirror, advisory] })
const fails = () => Promise.reject(new Error('503'))
const refuses = () => Promise.reject(new RepositoryRefusal({ code: 'repository/forbidden', what: 'no' }))

const stagingStates = {
  right: () => memoryRepository([acmeAt, data]),
  wrong: () => memoryRepository([acmeAt, other]),
  gone: () => memoryRepository(),
  'right, without a digest': () => withoutDigest(memoryRepository([acmeAt, data])),
  'wrong, without a digest': () => withoutDigest(memoryRepository([acmeAt, other])),
  unreachable: (): StagingRepository => ({ ...memoryRepository(), observe: fails, read: fails }),
  forbidden: (): StagingRepository => ({ ...memoryRepository(), observe: refuses, read: refuses }),
  'right, after trouble': () => afterTrouble(memoryRepository([acmeAt, data])),
  'gone, after trouble': () => afterTrouble(memoryRepository()),
}
const publicStates = {
  absent: () => memoryRepository(),
  same: () => memoryRepository([acmeAt, data]),
  different: () => memoryRepository([acmeAt, other]),
  'same, without a digest': () => withoutDigest(memoryRepository([acmeAt, data])),
  'different, without a digest': () => withoutDigest(memoryRepository([acmeAt, other])),
  unreachable: (): PublicRepository => ({ ...memoryRepository(), observe: fails }),
  forbidden: (): PublicRepository => ({ ...memoryRepository(), observe: refuses }),
  'absent, after trouble': () => afterTrouble(memoryRepository()),
  'different, after trouble': () => afterTrouble(memoryRepository([acmeAt, other])),
  'wants to be left alone for too long': (): PublicRepository => ({
    ...memoryRepository(),
    host: 'https://busy.example',
    observe: () => Promise.reject(Object.assign(new Error('busy'), { retryAfter: 3600 })),
  }),
}

/** Every look fails three times before it is answered, once with the wish to be asked later. */
function afterTrouble(there: MemoryRepository): StagingRepository {
  let looks = 0
  return {
    ...there,
    observe: (at, call) => {
      const turn = looks++ % 4
      if (turn === 3) return there.observe(at, call)
      return Promise.reject(turn === 1 ? new PutOff({ what: 'busy', until: undefined }) : new Error('ECONNRESET'))
    },
  }
}

function withoutDigest(there: MemoryRepository): StagingRepository {
  return {
    ...there,
    observe: async (at, call) => {
      const seen = await there.observe(at, call)
      return seen.saw === 'absent' ? seen : { ...seen, sha256: undefined, size: undefined }
    },
  }
}

function optionsOf(
  staging: StagingRepository,
  to: PublicRepository,
  toMirror: PublicRepository = memoryRepository(),
  advised: PublicRepository = memoryRepository(),
): PublishOptions {
  const repositories = new Map<string, StagingRepository | PublicRepository>([
    ['staging', staging],
    ['stable', to],
    ['mirror', toMirror],
    ['advisory', advised],
  ])
  return { origin: originOf(planOf()), repositories, clock: virtualClock(), random: () => 0.5 }
}

const comesTrueAs: Record<Awaited<ReturnType<typeof foresee>>[number]['would'], readonly string[]> = {
  publish: ['published'],
  'already-public': ['already-public'],
  conflict: ['conflict'],
  tampered: ['tampered'],
  missing: ['missing'],
  fail: ['failed'],
  unknown: ['undetermined'],
}

test('whatever the state of all sides, publishing then does what was foreseen', async () => {
  const keys = <K extends string>(states: Record<K, unknown>) => fc.constantFrom(...(Object.keys(states) as K[]))
  await fc.assert(
    fc.asyncProperty(keys(stagingStates), keys(publicStates), keys(publicStates), keys(publicStates), async (staging, to, ...others) => {
      const [toMirror, advised] = others
      const options = optionsOf(stagingStates[staging](), publicStates[to](), publicStates[toMirror](), publicStates[advised]())
      const foreseen = await foresee(manifest, options)
      const { outcomes } = await publish(manifest, options)
      expect(exitCodeOfForeseen(foreseen)).toBe(exitCodeOf(outcomes))
      expect(outcomes).toHaveLength(foreseen.length)
      for (const [index, outcome] of outcomes.entries()) {
        const before = foreseen[index]
        expect(before).toMatchObject({ destination: outcome.destination, coordinates: outcome.coordinates, expected: outcome.expected })
        expect(before && comesTrueAs[before.would]).toContain(outcome.verdict)
        expect(before?.problem === undefined).toBe(before?.would !== 'unknown' && before?.would !== 'fail')
      }
    }),
    { numRuns: 200 },
  )
})

test('wherever several artifacts already are, publishing does what was forecast', async () => {
  const artifacts = Array.from({ length: 12 }, (_, index) => ({
    at: { ...acmeAt, version: `1.2.${index}`, file: `acme_1.2.${index}_amd64.deb` },
    right: sampleBytes(1000 + index, index),
    wrong: sampleBytes(1000 + index, index + 100),
  }))
  const several = manifestOf(
    artifacts.map(({ at, right }) => itemOf(right, at)),
    { destinations: [stable, mirror, advisory] },
  )
  const lies = fc.array(fc.constantFrom('right', 'wrong', 'nowhere'), { minLength: artifacts.length, maxLength: artifacts.length })
  const holding = (states: readonly ('right' | 'wrong' | 'nowhere')[]) =>
    memoryRepository(
      ...artifacts.flatMap(({ at, ...bytes }, index) => {
        const state = states[index] ?? 'nowhere'
        return state === 'nowhere' ? [] : [[at, bytes[state]] as const]
      }),
    )
  await fc.assert(
    fc.asyncProperty(lies, lies, lies, lies, async (staging, ...others) => {
      const [to, toMirror, advised] = others.map(holding)
      const options = optionsOf(holding(staging), to ?? memoryRepository(), toMirror, advised)
      const foreseen = await foresee(several, options)
      const { outcomes } = await publish(several, options)
      expect(foreseen.map(({ would }) => comesTrueAs[would])).toEqual(outcomes.map(({ verdict }) => [verdict]))
      expect(exitCodeOfForeseen(foreseen)).toBe(exitCodeOf(outcomes))
    }),
    { numRuns: 100 },
  )
})

test('several are looked at at once, and never more at one host than the limit', async () => {
  const several = manifestOf(
    Array.from({ length: 20 }, (_, index) => itemOf(data, { ...acmeAt, version: `1.2.${index}`, file: `acme_1.2.${index}_amd64.deb` })),
    { destinations: [stable, mirror] },
  )
  const busy = new Map<string, { now: number; most: number }>()
  const counted = (host: string) => {
    const counts = busy.get(host) ?? { now: 0, most: 0 }
    busy.set(host, counts)
    const repository: StagingRepository = {
      ...memoryRepository(),
      host,
      observe: async () => {
        counts.most = Math.max(counts.most, ++counts.now)
        for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
        counts.now--
        return { saw: 'absent' }
      },
    }
    return repository
  }
  // Two repositories of one server share its limit.
  const options = {
    ...optionsOf(counted('https://a.example'), counted('https://b.example'), counted('https://b.example')),
    limits: { concurrency: 3 },
  }
  expect((await foresee(several, options)).map(({ would }) => would)).toEqual(Array(40).fill('missing'))
  expect(busy.get('https://b.example')?.most).toBe(3)
  expect(busy.get('https://a.example')?.most).toBeLessThanOrEqual(3)
})

test('looks and waits are reported, and nothing else', async () => {
  const events: string[] = []
  const busy = () => Promise.reject(Object.assign(new Error('busy'), { retryAfter: 10 }))
  let looks = 0
  const there = memoryRepository()
  const once: PublicRepository = {
    ...there,
    host: 'https://b.example',
    observe: (at, call) => (++looks === 1 ? busy() : there.observe(at, call)),
  }
  await foresee(manifestOf([itemOf(data)]), {
    ...optionsOf(memoryRepository([acmeAt, data]), once),
    onEvent: (event) => events.push(event.event === 'waiting' ? `waiting for ${event.host}: ${event.because.message}` : event.event),
  })
  expect(events).toEqual(['waiting for https://b.example: busy', 'observed'])
})

test('if stopped, it reports what it has seen by then', async () => {
  const controller = new AbortController()
  const deaf: PublicRepository = { ...memoryRepository(), observe: () => new Promise(() => undefined) }
  const options = {
    ...optionsOf(memoryRepository(), memoryRepository([acmeAt, data]), deaf),
    signal: controller.signal,
    onEvent: () => controller.abort(new Error('stopped by SIGTERM')),
  }
  const foreseen = await foresee(manifestOf([itemOf(data)], { destinations: [stable, mirror] }), options)
  expect(foreseen).toMatchObject([{ would: 'already-public' }, { would: 'unknown', problem: { message: 'stopped by SIGTERM' } }])
  expect(exitCodeOfForeseen(foreseen)).toBe(4)
})

test('a forecast writes nothing', async () => {
  const [staging, there] = [memoryRepository([acmeAt, data]), memoryRepository()]
  await foresee(manifest, optionsOf(staging, there))
  // Staging once for all that lack it.
  expect([...staging.calls, ...there.calls]).toEqual(['observe', 'observe'])
  expect(there.files.size).toBe(0)
})

test('an artifact that would not be sent is not looked up in staging', async () => {
  const staging = memoryRepository([acmeAt, other])
  const options = optionsOf(staging, memoryRepository([acmeAt, data]), memoryRepository([acmeAt, other]), memoryRepository([acmeAt, data]))
  expect(await foresee(manifest, options)).toMatchObject([
    { would: 'already-public' },
    { would: 'conflict', seen: contentOf(other).sha256 },
    { would: 'already-public' },
  ])
  expect(staging.calls).toEqual([])
})

test('it says what is in the way, and until when the release is held', async () => {
  const [first] = await foresee(manifest, optionsOf(memoryRepository([acmeAt, data]), { ...memoryRepository(), observe: fails }))
  expect(first).toMatchObject({ would: 'unknown', problem: { message: '503' }, expiresAt: manifest.expiresAt })
})

describe('it is refused where publishing would be', () => {
  test.each<[string, Partial<PublishOptions>, string]>([
    ['for a target that the manifest lacks', { targets: ['el/9'] }, 'usage/target'],
    ['without repositories', { repositories: new Map() }, 'usage/repository'],
    ['in another pipeline', { origin: originOf(planOf(), { pipeline: 3 }) }, 'gate/manifest'],
  ])('%s', async (_what, overrides, code) => {
    const options = { ...optionsOf(memoryRepository(), memoryRepository()), ...overrides }
    await expect(foresee(manifest, options)).rejects.toMatchObject({ code })
    await expect(publish(manifest, options)).rejects.toMatchObject({ code })
  })
  test('where nothing has a destination', async () => {
    const nowhere = manifestOf([itemOf(data)], { destinations: [] })
    const options = optionsOf(memoryRepository(), memoryRepository())
    await expect(foresee(nowhere, options)).rejects.toMatchObject({ code: 'usage/route' })
    await expect(publish(nowhere, options)).rejects.toMatchObject({ code: 'usage/route' })
  })
})

test('staging that lists the artifact and has lost its bytes is found out only by publishing, and then nothing is sent', async () => {
  const staging = { ...memoryRepository([acmeAt, data]), read: () => Promise.reject(new NotThere(placeOf(acmeAt))) }
  const there = memoryRepository()
  const options = optionsOf(staging, there)
  expect((await foresee(manifest, options)).map(({ would }) => would)).toEqual(Array(3).fill('publish'))
  expect((await publish(manifest, options)).outcomes.map(({ verdict }) => verdict)).toEqual(Array(3).fill('missing'))
  expect(there.count('create')).toBe(0)
})
