import { Readable } from 'node:stream'
import { later } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { PublicRepository } from '../contract/capabilities.js'
import { PutOff } from '../contract/put-off.js'
import { acmeAt, memoryRepository, virtualClock } from '../testing/fixtures.js'
import { data, fine, other, readings, reset, run } from '../testing/transfer/run.js'
import { holdBack } from './fan-out.js'
import { Hosts } from './host.js'
import { defaultLimits } from './limits.js'

describe('several destinations', () => {
  test('statement 8: one has it and one lacks it: the source is read once, for the one that lacks it', async () => {
    const [full, empty] = [memoryRepository([acmeAt, data]), memoryRepository()]
    const open = readings(fine)
    const { arrivals, verdicts } = await run([full, empty], { open })
    expect(verdicts).toEqual(['already-public', 'published'])
    expect(arrivals.map(({ outcome }) => outcome.bytesSent)).toEqual([0, data.length])
    expect(open.count()).toBe(1)
    expect(full.count('create')).toBe(0)
  })

  test('statement 8: three lack it: the source is read once for all', async () => {
    const open = readings(fine)
    const { verdicts } = await run([memoryRepository(), memoryRepository(), memoryRepository()], { open })
    expect([verdicts, open.count()]).toEqual([['published', 'published', 'published'], 1])
  })

  test('statement 5: one fails and the other does not: each has its own verdict', async () => {
    const failing: PublicRepository = { ...memoryRepository(), create: () => Promise.reject(reset()) }
    const { verdicts } = await run([failing, memoryRepository(), memoryRepository([acmeAt, other])])
    expect(verdicts).toEqual(['undetermined', 'published', 'conflict'])
  })

  test('one waits longer than the other: neither is looked at before its time', async () => {
    const busy = Object.assign(new Error('busy'), { retryAfter: 10 })
    const failing = (times: number, error: Error) => {
      const there = memoryRepository([acmeAt, data])
      let looks = 0
      const repository: PublicRepository = {
        ...there,
        observe: (at, call) => (++looks <= times ? Promise.reject(error) : there.observe(at, call)),
      }
      return { repository, looks: () => looks }
    }
    const [patient, quick] = [failing(1, busy), failing(4, reset())]
    const { verdicts, waits } = await run([patient.repository, quick.repository])
    expect(verdicts).toEqual(['already-public', 'already-public'])
    expect([patient.looks(), quick.looks()]).toEqual([2, 5])
    // 750, 1500, 3000, 6000 for the one; for the other 750, and the rest of its 10 seconds.
    expect(waits).toEqual([750, 750, 1500, 3000, 9250, 6000])
  })

  test('one asks to retry later, and the source breaks: it is still left alone, and at once', async () => {
    const clock = virtualClock()
    const there = memoryRepository()
    const until = later(clock.now(), 60)
    const asked: string[] = []
    const told: boolean[] = []
    const note = () => asked.push(clock.now())
    let creates = 0
    const busy: PublicRepository = {
      ...there,
      host: 'busy',
      observe: (at, call) => {
        note()
        return there.observe(at, call)
      },
      create: async (item, body, call) => {
        note()
        if (++creates === 1) throw new PutOff({ what: 'asked too often', until })
        return there.create(item, body, call)
      },
    }
    const hosts = new Hosts({ clock, random: () => 0, limits: defaultLimits })
    const half = async function* () {
      yield data.subarray(0, 100_000)
      told.push(hosts.of('busy').closed() === until)
      throw reset()
    }
    const open = readings(() => Readable.from(half()), fine)
    const { verdicts } = await run([busy, memoryRepository()], { open, hosts, clock })
    expect(verdicts).toEqual(['published', 'published'])
    expect(told).toEqual([true])
    const start = asked[0] ?? ''
    expect(asked.filter((at) => at > start && at < until)).toEqual([])
    expect(asked.filter((at) => at === start)).toHaveLength(2)
  })

  test('one asks to be left alone while the staged bytes are opened: nothing is sent to it before', async () => {
    const clock = virtualClock()
    const hosts = new Hosts({ clock, random: () => 0, limits: defaultLimits })
    const until = later(clock.now(), 60)
    const there = memoryRepository()
    const sent: string[] = []
    const repository: PublicRepository = {
      ...there,
      host: 'busy',
      create: (item, body, call) => {
        sent.push(clock.now())
        return there.create(item, body, call)
      },
    }
    const streams: Readable[] = []
    const open = async () => {
      hosts.of('busy').closeUntil(until)
      const stream = fine()
      streams.push(stream)
      return stream
    }
    expect((await run([repository], { clock, hosts, open })).verdicts).toEqual(['published'])
    expect(sent).toEqual([until])
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([true, true])
  })

  test('two destinations on one host use two of its slots, so the limit holds', async () => {
    let [now, most] = [0, 0]
    const place = (): PublicRepository => {
      const there = memoryRepository()
      const create: PublicRepository['create'] = async (item, body, call) => {
        most = Math.max(most, ++now)
        const written = await there.create(item, body, call)
        now--
        return written
      }
      return { ...there, host: 'one', create }
    }
    const clock = virtualClock()
    const hosts = new Hosts({ clock, random: () => 0, limits: { ...defaultLimits, concurrency: 3 } })
    const open = readings(fine)
    const both = await Promise.all([run([place(), place()], { hosts, clock, open }), run([place(), place()], { hosts, clock, open })])
    expect(both.flatMap(({ verdicts }) => verdicts)).toEqual(Array(4).fill('published'))
    expect([most, open.count()]).toEqual([2, 2])
  })

  test('statement 8: one that accepts nothing is left behind, and the source is read once more for it', async () => {
    const there = memoryRepository()
    let creates = 0
    const stuckOnce: PublicRepository = {
      ...there,
      create: async (item, body, call) => {
        if (++creates > 1) return there.create(item, body, call)
        const stream = body.stream()
        await new Promise((resolve) => stream.once('close', resolve))
        throw reset()
      },
    }
    const open = readings(() => Readable.from([data.subarray(0, 100_000), data.subarray(100_000, 200_000), data.subarray(200_000)]))
    const { verdicts } = await run([memoryRepository(), stuckOnce], { open, limits: { leaveBehind: 20 } })
    expect([verdicts, open.count(), creates]).toEqual([['published', 'published'], 2, 2])
  })

  test('a destination that has everything is looked at while another still takes its last bytes', async () => {
    const [quick, there] = [memoryRepository(), memoryRepository()]
    let seen: () => void = () => undefined
    const looked = new Promise<void>((resolve) => {
      seen = resolve
    })
    const told: PublicRepository = {
      ...quick,
      observe: async (at, call) => {
        const observation = await quick.observe(at, call)
        if (observation.saw === 'present') seen()
        return observation
      },
    }
    const slow: PublicRepository = {
      ...there,
      create: (item, body, call) => {
        const slowly = async function* () {
          let taken = 0
          for await (const chunk of body.stream() as AsyncIterable<Buffer>) {
            taken += chunk.length
            yield chunk
            if (taken === data.length - holdBack) await looked
          }
        }
        return there.create(item, { content: body.content, stream: () => Readable.from(slowly()) }, call)
      },
    }
    const { verdicts } = await run([told, slow])
    expect(verdicts).toEqual(['published', 'published'])
  })
})
