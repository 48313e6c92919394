import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foresee } from './foresee.js'
import { type PublishOptions, publish } from './publish.js'
import { NotThere, type PublicRepository, type StagingRepository } from './repository/capabilities.js'
import { RepositoryRefusal } from './repository/refusal.js'
import {
  acmeAt,
  contentOf,
  fakeClock,
  itemOf,
  type Memory,
  manifestOf,
  memory,
  originOf,
  placeOf,
  planOf,
  sampleBytes,
  stable,
} from './testing/fixtures.js'

const data = sampleBytes(100_000)
const other = sampleBytes(100_000, 2)
const mirror = { repository: 'mirror', advisory: false }
const manifest = manifestOf([itemOf(data)], { destinations: [stable, mirror] })
const fails = () => Promise.reject(new Error('503'))
const refuses = () => Promise.reject(new RepositoryRefusal({ code: 'repository/forbidden', what: 'no' }))

const stagingStates = {
  right: () => memory([acmeAt, data]),
  wrong: () => memory([acmeAt, other]),
  gone: () => memory(),
  'right, without a digest': () => withoutDigest(memory([acmeAt, data])),
  'wrong, without a digest': () => withoutDigest(memory([acmeAt, other])),
  unreachable: (): StagingRepository => ({ ...memory(), observe: fails, read: fails }),
  forbidden: (): StagingRepository => ({ ...memory(), observe: refuses, read: refuses }),
}
const publicStates = {
  absent: () => memory(),
  same: () => memory([acmeAt, data]),
  different: () => memory([acmeAt, other]),
  'same, without a digest': () => withoutDigest(memory([acmeAt, data])),
  'different, without a digest': () => withoutDigest(memory([acmeAt, other])),
  unreachable: (): PublicRepository => ({ ...memory(), observe: fails }),
  forbidden: (): PublicRepository => ({ ...memory(), observe: refuses }),
}

function withoutDigest(there: Memory): StagingRepository {
  return {
    ...there,
    observe: async (at, call) => {
      const seen = await there.observe(at, call)
      return seen.saw === 'absent' ? seen : { ...seen, sha256: undefined, size: undefined }
    },
  }
}

function optionsOf(staging: StagingRepository, to: PublicRepository, toMirror: PublicRepository = memory()): PublishOptions {
  const repositories = new Map<string, StagingRepository | PublicRepository>([
    ['staging', staging],
    ['stable', to],
    ['mirror', toMirror],
  ])
  return { origin: originOf(planOf()), repositories, clock: fakeClock(), random: () => 0.5 }
}

const comesTrueAs: Record<Awaited<ReturnType<typeof foresee>>[number]['would'], readonly string[]> = {
  publish: ['published'],
  'already-public': ['already-public'],
  conflict: ['conflict'],
  tampered: ['tampered'],
  missing: ['missing'],
  unknown: ['undetermined', 'failed'],
}

test('whatever the state of all sides, publishing then does what was foreseen', async () => {
  const keys = <K extends string>(states: Record<K, unknown>) => fc.constantFrom(...(Object.keys(states) as K[]))
  await fc.assert(
    fc.asyncProperty(keys(stagingStates), keys(publicStates), keys(publicStates), async (staging, to, toMirror) => {
      const options = optionsOf(stagingStates[staging](), publicStates[to](), publicStates[toMirror]())
      const foreseen = await foresee(manifest, options)
      const { outcomes } = await publish(manifest, options)
      expect(outcomes).toHaveLength(foreseen.length)
      for (const [index, outcome] of outcomes.entries()) {
        const before = foreseen[index]
        expect(before).toMatchObject({ destination: outcome.destination, coordinates: outcome.coordinates, expected: outcome.expected })
        expect(before && comesTrueAs[before.would]).toContain(outcome.verdict)
        expect(before?.problem === undefined).toBe(before?.would !== 'unknown')
      }
    }),
    // More than there are states.
    { numRuns: 500 },
  )
})

test('a look into the future writes nothing', async () => {
  const [staging, there] = [memory([acmeAt, data]), memory()]
  await foresee(manifest, optionsOf(staging, there))
  expect([...staging.calls, ...there.calls]).toEqual(['observe', 'observe'])
  expect(there.files.size).toBe(0)
})

test('what would not be sent is not looked at in staging', async () => {
  const staging = memory([acmeAt, other])
  const options = optionsOf(staging, memory([acmeAt, data]), memory([acmeAt, other]))
  expect(await foresee(manifest, options)).toMatchObject([
    { would: 'already-public' },
    { would: 'conflict', seen: contentOf(other).sha256 },
  ])
  expect(staging.calls).toEqual([])
})

test('it says what is in the way, and until when the release is held', async () => {
  const [first] = await foresee(manifest, optionsOf(memory([acmeAt, data]), { ...memory(), observe: fails }))
  expect(first).toMatchObject({ would: 'unknown', problem: { message: '503' }, expiresAt: manifest.expiresAt })
})

describe('it is refused where publishing would be', () => {
  test.each<[string, Partial<PublishOptions>, string]>([
    ['for a target that the manifest lacks', { targets: ['el/9'] }, 'usage/target'],
    ['without repositories', { repositories: new Map() }, 'usage/repository'],
    ['in another pipeline', { origin: originOf(planOf(), { pipeline: 3 }) }, 'gate/manifest'],
  ])('%s', async (_what, overrides, code) => {
    const options = { ...optionsOf(memory(), memory()), ...overrides }
    await expect(foresee(manifest, options)).rejects.toMatchObject({ code })
    await expect(publish(manifest, options)).rejects.toMatchObject({ code })
  })
  test('where nothing has a destination', async () => {
    const nowhere = manifestOf([itemOf(data)], { destinations: [] })
    const options = optionsOf(memory(), memory())
    await expect(foresee(nowhere, options)).rejects.toMatchObject({ code: 'usage/route' })
    await expect(publish(nowhere, options)).rejects.toMatchObject({ code: 'usage/route' })
  })
})

test('staging that lists the artifact and has lost its bytes is found out only by publishing, and then nothing is sent', async () => {
  const staging = { ...memory([acmeAt, data]), read: () => Promise.reject(new NotThere(placeOf(acmeAt))) }
  const there = memory()
  const options = optionsOf(staging, there)
  expect((await foresee(manifest, options)).map(({ would }) => would)).toEqual(['publish', 'publish'])
  expect((await publish(manifest, options)).outcomes.map(({ verdict }) => verdict)).toEqual(['missing', 'missing'])
  expect(there.count('create')).toBe(0)
})
