import { Readable } from 'node:stream'
import { later } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { PublicRepository } from '../contract/capabilities.js'
import { PutOff } from '../contract/put-off.js'
import { bytesOf, memoryRepository, virtualClock } from '../testing/fixtures.js'
import { brokenHalfWay, data, fine, other, place, readings, refused, reset, run } from '../testing/transfer/run.js'
import type { Happening } from './event.js'
import { Hosts } from './host.js'
import { defaultLimits } from './limits.js'

describe('a source', () => {
  test('that breaks half-way once is read again', async () => {
    const there = memoryRepository()
    const open = readings(() => Readable.from(brokenHalfWay()), fine)
    const { only } = await run([there], { open })
    expect(only.verdict).toBe('published')
    expect(open.count()).toBe(2)
    expect(there.files.get(place)?.equals(data)).toBe(true)
  })

  test('that always breaks leaves it undetermined, with the source’s reason', async () => {
    const there = memoryRepository()
    const open = readings(() => Readable.from(brokenHalfWay()))
    const { only } = await run([there], { open })
    expect(only).toMatchObject({ verdict: 'undetermined', problem: { message: 'ECONNRESET', side: 'source' } })
    // It is tried as often as a look that is not answered.
    expect(open.count()).toBe(Math.min(defaultLimits.looks, defaultLimits.sends))
    expect(there.files.size).toBe(0)
  })

  test('that breaks is not blamed on a destination that had refused by then', async () => {
    const because = { code: 'repository/too-large', message: 'too large' }
    let creates = 0
    const refusing: PublicRepository = {
      ...memoryRepository(),
      create: async () => {
        creates++
        return { outcome: 'refused', because }
      },
    }
    const { arrivals } = await run([refusing, memoryRepository()], { open: readings(() => Readable.from(brokenHalfWay()), fine) })
    expect(arrivals[0]?.outcome).toMatchObject({ verdict: 'failed', problem: because })
    expect(creates).toBe(1)
    expect(arrivals[1]?.outcome.verdict).toBe('published')
  })

  test('statement 9: that breaks contradicts a server which says that it has taken everything', async () => {
    const there = memoryRepository()
    let creates = 0
    const boastful: PublicRepository = {
      ...there,
      create: async (item, body, call) => {
        if (++creates > 1) return there.create(item, body, call)
        await bytesOf(body.stream()).catch(() => undefined)
        return { outcome: 'accepted' }
      },
    }
    const { verdicts } = await run([boastful], { open: readings(() => Readable.from(brokenHalfWay()), fine) })
    expect([verdicts, creates]).toEqual([['published'], 2])
  })

  test('whose credential is refused makes it fail at once', async () => {
    const open = readings(() => Promise.reject(refused))
    const { only } = await run([memoryRepository()], { open })
    expect(only).toMatchObject({ verdict: 'failed', problem: { code: 'repository/unauthorized' } })
    expect(open.count()).toBe(1)
  })

  test('that has changed since does not take back what was accepted before', async () => {
    const slow = memoryRepository()
    let since = 0
    const listsLate: PublicRepository = {
      ...slow,
      observe: async (at, call) => {
        const seen = await slow.observe(at, call)
        return seen.saw === 'present' && since++ < 4 ? { saw: 'absent' } : seen
      },
    }
    const there = memoryRepository()
    let creates = 0
    const breaksOnce: PublicRepository = {
      ...there,
      create: (item, body, call) => (++creates === 1 ? Promise.reject(reset()) : there.create(item, body, call)),
    }
    const { verdicts } = await run([listsLate, breaksOnce], { open: readings(fine, () => Readable.from([other])) })
    expect(verdicts).toEqual(['published', 'tampered'])
  })

  test('that asks to be left alone is left alone by those too that had waited for room since before', async () => {
    const clock = virtualClock()
    const limits = { ...defaultLimits, concurrency: 1 }
    const hosts = new Hosts({ clock, random: () => 0, limits })
    const start = clock.now()
    const asked: string[] = []
    const open = async () => {
      asked.push(clock.now())
      if (asked.length === 1) throw new PutOff({ what: 'asked too often', until: later(start, 60) })
      return fine()
    }
    const one = () => run([{ ...memoryRepository(), host: 'one' }], { clock, hosts, limits, open, from: 'staging' })
    const both = await Promise.all([one(), one()])
    expect(both.flatMap(({ verdicts }) => verdicts)).toEqual(['published', 'published'])
    expect(asked).toEqual([start, later(start, 60), later(start, 60)])
  })

  test('statement 8: that was found to be wrong is not read again for those that had waited for room since before', async () => {
    const clock = virtualClock()
    const limits = { ...defaultLimits, concurrency: 1 }
    const hosts = new Hosts({ clock, random: () => 0, limits })
    const open = readings(() => Readable.from([other]))
    let looks = 0
    // It waits for its next look, so the other one does not wait for it.
    const late: PublicRepository = {
      ...memoryRepository(),
      observe: async () => (++looks === 1 ? Promise.reject(reset()) : { saw: 'absent' }),
    }
    let leave: () => void = () => undefined
    const busy: PublicRepository = {
      ...memoryRepository(),
      host: 'busy',
      observe: async () => {
        // Somebody else comes in before the upload, and stays until the other destination is done.
        hosts.of('busy').enter(() => new Promise<void>((resolve) => (leave = resolve)))
        return { saw: 'absent' }
      },
    }
    const onEvent = ({ event }: Happening) => event === 'verdict' && leave()
    const { verdicts } = await run([busy, late], { clock, hosts, limits, open, onEvent })
    expect([verdicts, open.count()]).toEqual([['tampered', 'tampered'], 1])
  })

  test.each([1, 2, 3])('that puts it off again and again is asked %i times, and then no more', async (putOffs) => {
    let asked = 0
    const open = async () => {
      asked++
      throw new PutOff({ what: 'asked too often', until: undefined })
    }
    const { only } = await run([memoryRepository()], { open, from: 'staging', limits: { putOffs } })
    expect([only.verdict, only.problem?.code, asked]).toEqual(['undetermined', 'repository/put-off', putOffs])
  })
})
