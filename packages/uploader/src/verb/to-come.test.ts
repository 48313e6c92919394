import { documentText, type Outcome, parseReceipt, parseStaging, parseVerification } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { exitCodeOf, exitCodeOfFindings } from '../exit-code.js'
import {
  acmeAt,
  debFile,
  itemOf,
  type MemoryRepository,
  manifestOf,
  memoryRepository,
  originOf,
  planOf,
  sampleBytes,
  stable,
  temporaryFolder,
  virtualClock,
} from '../testing/fixtures.js'
import { publish } from './publish.js'
import { stage } from './stage.js'
import { withToCome } from './to-come.js'
import { verify } from './verify.js'

const data = sampleBytes(1000)
const bookworm = { ...acmeAt, distribution: 'debian/bookworm' }
const mirror = { repository: 'mirror', advisory: true }
const manifest = manifestOf([itemOf(data), itemOf(data, bookworm)], { destinations: [stable, mirror] })

/** Repositories that are asked only once somebody has begun. */
function repositories(): { all: Map<string, MemoryRepository>; asked(): number } {
  const all = new Map([
    ['staging', memoryRepository([acmeAt, data], [bookworm, data])],
    ['stable', memoryRepository()],
    ['mirror', memoryRepository()],
  ])
  return { all, asked: () => [...all.values()].reduce((sum, { calls }) => sum + calls.length, 0) }
}

/** Each verb, with what it begins with. */
const plan = planOf()
const verbs = {
  publish: {
    parse: parseReceipt,
    run: (all: Map<string, MemoryRepository>, onBegin: (document: unknown) => Promise<void>, pipeline?: number) =>
      publish(manifest, {
        origin: originOf(plan, pipeline === undefined ? {} : { pipeline }),
        repositories: all,
        clock: virtualClock(),
        onBegin,
      }),
  },
  verify: {
    parse: parseVerification,
    run: (all: Map<string, MemoryRepository>, onBegin: (document: unknown) => Promise<void>) =>
      verify(manifest, { origin: originOf(plan), repositories: all, clock: virtualClock(), deadline: 0, onBegin }),
  },
  stage: {
    parse: parseStaging,
    run: async (all: Map<string, MemoryRepository>, onBegin: (document: unknown) => Promise<void>) => {
      const { path } = await debFile(await temporaryFolder())
      all.get('staging')?.files.clear()
      return stage(plan, {
        target: 'ubuntu/jammy',
        files: [path],
        origin: originOf(plan),
        repositories: all,
        clock: virtualClock(),
        onBegin,
      })
    },
  },
}

describe.each(Object.entries(verbs))('%s', (_name, { run, parse }) => {
  test('writes a valid document of what it is about to do before any request, and waits for the write', async () => {
    const { all, asked } = repositories()
    const begun: unknown[] = []
    await run(all, async (document) => {
      begun.push(document)
      await new Promise((resolve) => setImmediate(resolve))
      expect(asked()).toBe(0)
    })
    expect(begun).toHaveLength(1)
    expect(parse(documentText(begun[0]), 'the document')).toEqual(begun[0])
    expect(asked()).toBeGreaterThan(0)
  })

  test('does nothing where there is no place for it', async () => {
    const { all, asked } = repositories()
    await expect(run(all, () => Promise.reject(new Error('no place')))).rejects.toThrow('no place')
    expect(asked()).toBe(0)
  })
})

test('a receipt starts with everything that will be published, all of it unknown', async () => {
  const outcomes: Outcome[] = []
  const receipt = await publish(manifest, {
    origin: originOf(plan),
    repositories: repositories().all,
    clock: virtualClock(),
    onBegin: async (begun) => {
      outcomes.push(...begun.outcomes)
    },
  })
  expect(outcomes.map(({ target, destination, coordinates, expected }) => [target, destination, coordinates, expected])).toEqual(
    receipt.outcomes.map(({ target, destination, coordinates, expected }) => [target, destination, coordinates, expected]),
  )
  expect(new Set(outcomes.map(({ verdict, problem }) => `${verdict} ${problem?.code}`))).toEqual(new Set(['undetermined run/not-ended']))
  expect(exitCodeOf(outcomes)).toBe(4)
  // As they come about, they take the places of those.
  expect(withToCome([], outcomes)).toEqual(outcomes)
  for (let count = 0; count <= 4; count++) {
    const known = receipt.outcomes.slice(0, count)
    const all = withToCome(known, outcomes)
    expect(all).toHaveLength(4)
    expect(all.filter(({ verdict }) => verdict === 'published')).toEqual(known)
  }
})

test('a verification begins with all that is to be looked at, and running it again can help', async () => {
  await verify(manifest, {
    origin: originOf(plan),
    repositories: repositories().all,
    clock: virtualClock(),
    deadline: 0,
    onBegin: async ({ findings }) => {
      expect(findings.map(({ found, problem }) => [found, problem?.code])).toEqual(Array(4).fill(['unknown', 'run/not-ended']))
      expect(exitCodeOfFindings(findings)).toBe(4)
    },
  })
})

test('a refused job begins no document', async () => {
  const begun: unknown[] = []
  const run = verbs.publish.run(repositories().all, async (document) => void begun.push(document), 101)
  await expect(run).rejects.toMatchObject({ code: 'gate/manifest' })
  expect(begun).toEqual([])
})
