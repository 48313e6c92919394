import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { NotThere, type PublicRepository } from '../contract/capabilities.js'
import { acmeAt, contentOf, itemOf, type MemoryRepository, memoryRepository, virtualClock } from '../testing/fixtures.js'
import { data, never, other, place, refused, reset, run } from '../testing/transfer/run.js'
import { deliver } from './deliver.js'
import { holdBack } from './fan-out.js'
import { Hosts } from './host.js'
import { defaultLimits } from './limits.js'

describe('the table of the design', () => {
  test('statement 10: absent, and staged right: it is copied, confirmed and published', async () => {
    const there = memoryRepository()
    const { only, events, arrivals } = await run([there])
    expect(only).toMatchObject({ verdict: 'published', seen: contentOf(data).sha256, bytesSent: data.length })
    expect(only).not.toHaveProperty('problem')
    expect(arrivals[0]?.location).toBe(place)
    expect(there.files.get(place)?.equals(data)).toBe(true)
    expect(there.calls).toEqual(['observe', 'create', 'observe'])
    expect(events.map(({ event }) => event)).toEqual(['observed', 'started', 'progress', 'written', 'observed', 'verdict'])
  })

  test('statement 4: the same digest: it is already public, and nothing is read or moved', async () => {
    const there = memoryRepository([acmeAt, data])
    const { only } = await run([there], { open: never })
    expect(only).toMatchObject({ verdict: 'already-public', seen: contentOf(data).sha256, bytesSent: 0 })
    expect(there.calls).toEqual(['observe'])
  })

  test('statement 2: a different digest: it is a conflict, nothing is read or moved, and both digests are shown', async () => {
    const there = memoryRepository([acmeAt, other])
    const { only } = await run([there], { open: never })
    expect(only).toMatchObject({
      verdict: 'conflict',
      seen: contentOf(other).sha256,
      expected: contentOf(data),
      bytesSent: 0,
      problem: { code: 'content/conflict', side: 'destination' },
    })
    expect(only.problem?.message).not.toContain('shorter')
    expect(there.files.get(place)?.equals(other)).toBe(true)
    expect(there.count('create')).toBe(0)
  })

  test('a different digest of fewer bytes: the conflict says that it can be a broken upload', async () => {
    const { only } = await run([memoryRepository([acmeAt, data.subarray(0, 100_000)])], { open: never })
    expect(only.verdict).toBe('conflict')
    expect(only.problem?.message).toContain('200000 bytes shorter')
  })

  test.each<[string, () => Readable]>([
    ['other bytes', () => Readable.from([other])],
    ['fewer bytes', () => Readable.from([data.subarray(0, 100)])],
    ['more bytes', () => Readable.from([data, Buffer.from('x')])],
  ])('statement 1: absent, and staged %s: it is tampered, and broken off before the last bytes', async (_what, source) => {
    const got: number[] = []
    const there: MemoryRepository = {
      ...memoryRepository(),
      async create(_item, body) {
        let sum = 0
        try {
          for await (const chunk of body.stream() as AsyncIterable<Buffer>) sum += chunk.length
        } finally {
          got.push(sum)
        }
        return { outcome: 'accepted' }
      },
    }
    const { only } = await run([there], { open: async () => source() })
    expect(only).toMatchObject({ verdict: 'tampered', problem: { code: 'content/mismatch' } })
    expect(got).toHaveLength(1)
    expect(got[0]).toBeLessThanOrEqual(data.length - holdBack)
    expect(only.bytesSent).toBeLessThanOrEqual(data.length - holdBack)
  })

  test('absent, and staging lost it: it is missing', async () => {
    const there = memoryRepository()
    const open = async () => {
      throw new NotThere('it expired')
    }
    const { only } = await run([there], { open })
    expect(only).toMatchObject({ verdict: 'missing', bytesSent: 0, problem: { code: 'content/not-there' } })
    expect(there.count('create')).toBe(0)
  })

  test('statement 3: an unknown state is looked at again, longer apart each time, then undetermined and never taken for absent', async () => {
    let looks = 0
    const there: MemoryRepository = {
      ...memoryRepository(),
      async observe() {
        looks++
        throw reset()
      },
      create: () => Promise.reject(new Error('Nothing may be sent')),
    }
    const { only, waits } = await run([there], { open: never })
    expect(only).toMatchObject({ verdict: 'undetermined', bytesSent: 0, problem: { message: 'ECONNRESET' } })
    expect(only).not.toHaveProperty('seen')
    expect(looks).toBe(defaultLimits.looks)
    expect(waits).toEqual([750, 1500, 3000, 6000, 12_000])
  })

  test('a look that is answered after some that were not goes on as if nothing had been', async () => {
    const there = memoryRepository()
    let looks = 0
    const repository: PublicRepository = {
      ...there,
      observe: (at, call) => (++looks <= 3 ? Promise.reject(reset()) : there.observe(at, call)),
    }
    expect((await run([repository])).verdicts).toEqual(['published'])
  })

  test('the credential is refused: it failed, and nothing is asked again', async () => {
    let looks = 0
    const there: MemoryRepository = {
      ...memoryRepository(),
      observe: () => {
        looks++
        return Promise.reject(refused)
      },
    }
    const { only, waits } = await run([there], { open: never })
    expect(only).toMatchObject({ verdict: 'failed', problem: { code: 'repository/unauthorized' } })
    expect([looks, waits]).toEqual([1, []])
  })
})

test('statement 9: a refusal is final: it failed, with what the server said, and it is not sent again', async () => {
  const there = memoryRepository()
  let creates = 0
  const because = { code: 'repository/too-large', message: 'too large' }
  const repository: PublicRepository = {
    ...there,
    create: async () => {
      creates++
      return { outcome: 'refused', because }
    },
  }
  const { only } = await run([repository])
  expect(only).toMatchObject({ verdict: 'failed', problem: because, bytesSent: 0 })
  expect(creates).toBe(1)
})

test.each([
  ['is moved like any other', Buffer.alloc(0), 'published'],
  ['is tampered where staging has some, and its destination is not to blame', Buffer.from('x'), 'tampered'],
])('an artifact of no bytes %s', async (_what, staged, verdict) => {
  const there = memoryRepository()
  const clock = virtualClock()
  const item = itemOf(Buffer.alloc(0))
  const ports = { clock, random: () => 1, limits: defaultLimits }
  const hosts = new Hosts(ports)
  const [arrival] = await deliver(
    {
      target: 'empty',
      item,
      open: async () => Readable.from([staged]),
      destinations: [{ plan: { repository: 'stable', advisory: false }, repository: there, item }],
    },
    { ...ports, hosts, signal: new AbortController().signal, emit: () => undefined },
  ).arrivals
  expect(arrival?.outcome).toMatchObject({ verdict, bytesSent: 0 })
  expect(there.files.get(place)?.length).toBe(verdict === 'published' ? 0 : undefined)
  expect(clock.waits).toEqual([])
})
