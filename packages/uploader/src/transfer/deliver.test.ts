import { Readable } from 'node:stream'
import { StagegateError } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { NotThere, type PublicRepository } from '../repository/capabilities.js'
import { RepositoryRefusal } from '../repository/refusal.js'
import { acmeAt, bytesOf, contentOf, fakeClock, itemOf, type Memory, memory, sampleBytes } from '../testing/fixtures.js'
import { type Arrival, type Delivery, deliver } from './deliver.js'
import type { Happening } from './event.js'
import { holdBack } from './fan-out.js'
import { defaultLimits, type Limits } from './limits.js'

const data = sampleBytes(300_000)
const other = sampleBytes(300_000, 2)
const place = 'ubuntu/jammy/acme_1.2.3_amd64.deb'
const refused = new RepositoryRefusal({ code: 'repository/unauthorized', what: 'the credential is not accepted' })
const reset = () => new Error('ECONNRESET')

interface Setting {
  readonly open?: Delivery['open']
  readonly limits?: Partial<Limits>
  readonly signal?: AbortSignal
  readonly onEvent?: (event: Happening) => void
}

interface Ran {
  readonly arrivals: readonly Arrival[]
  readonly events: readonly Happening[]
  readonly waits: readonly number[]
  readonly verdicts: readonly string[]
  readonly only: Arrival['outcome']
}

async function run(repositories: readonly PublicRepository[], setting: Setting = {}): Promise<Ran> {
  const clock = fakeClock()
  const events: Happening[] = []
  const item = itemOf(data)
  const delivery: Delivery = {
    target: 'ubuntu/jammy',
    item,
    open: setting.open ?? (async () => Readable.from([data])),
    destinations: repositories.map((repository, index) => ({ plan: { repository: `to ${index}`, advisory: false }, repository, item })),
  }
  const arrivals = await deliver(delivery, {
    clock,
    random: () => 0.5,
    signal: setting.signal ?? new AbortController().signal,
    limits: { ...defaultLimits, ...setting.limits },
    emit: (event) => {
      events.push(event)
      setting.onEvent?.(event)
    },
  })
  const [first] = arrivals
  if (first === undefined) throw new Error('Expected an outcome')
  expect(arrivals.map(({ outcome }) => outcome.destination.repository)).toEqual(repositories.map((_, index) => `to ${index}`))
  expect(events.filter(({ event }) => event === 'verdict')).toHaveLength(repositories.length)
  for (const { outcome } of arrivals) expect(outcome.finishedAt >= outcome.startedAt).toBe(true)
  return { arrivals, events, waits: clock.waits, verdicts: arrivals.map(({ outcome }) => outcome.verdict), only: first.outcome }
}

/** Opens the staged bytes, one of these at each reading; the last one again and again. */
function readings(...each: readonly (() => Readable | Promise<Readable>)[]): Delivery['open'] & { count(): number } {
  let count = 0
  const open = async () => {
    const reading = each[Math.min(count++, each.length - 1)]
    if (reading === undefined) throw new Error('Expected a reading')
    return reading()
  }
  return Object.assign(open, { count: () => count })
}

const fine = () => Readable.from([data])
const never = readings(() => {
  throw new Error('The staged bytes are not to be read')
})
async function* brokenHalfWay() {
  yield data.subarray(0, data.length / 2)
  throw reset()
}

describe('the table of the design', () => {
  test('absent, and staged right: it is copied, confirmed and published', async () => {
    const there = memory()
    const { only, events, arrivals } = await run([there])
    expect(only).toMatchObject({ verdict: 'published', seen: contentOf(data).sha256, bytesSent: data.length })
    expect(only).not.toHaveProperty('problem')
    expect(arrivals[0]?.location).toBe(place)
    expect(there.files.get(place)?.equals(data)).toBe(true)
    expect(there.calls).toEqual(['observe', 'create', 'observe'])
    expect(events.map(({ event }) => event)).toEqual(['observed', 'started', 'progress', 'written', 'observed', 'verdict'])
  })

  test('the same digest: it is already public, and nothing is read or moved', async () => {
    const there = memory([acmeAt, data])
    const { only } = await run([there], { open: never })
    expect(only).toMatchObject({ verdict: 'already-public', seen: contentOf(data).sha256, bytesSent: 0 })
    expect(there.calls).toEqual(['observe'])
  })

  test('a different digest: it is a conflict, nothing is read or moved, and both digests are shown', async () => {
    const there = memory([acmeAt, other])
    const { only } = await run([there], { open: never })
    expect(only).toMatchObject({
      verdict: 'conflict',
      seen: contentOf(other).sha256,
      expected: contentOf(data),
      bytesSent: 0,
      problem: { code: 'content/conflict' },
    })
    expect(only.problem?.message).not.toContain('shorter')
    expect(there.files.get(place)?.equals(other)).toBe(true)
    expect(there.count('create')).toBe(0)
  })

  test('a different digest of fewer bytes: the conflict says that it can be a broken upload', async () => {
    const { only } = await run([memory([acmeAt, data.subarray(0, 100_000)])], { open: never })
    expect(only.verdict).toBe('conflict')
    expect(only.problem?.message).toContain('200000 bytes shorter')
  })

  test.each<[string, () => Readable]>([
    ['other bytes', () => Readable.from([other])],
    ['fewer bytes', () => Readable.from([data.subarray(0, 100)])],
    ['more bytes', () => Readable.from([data, Buffer.from('x')])],
  ])('absent, and staged %s: it is tampered, and broken off before the last bytes', async (_what, source) => {
    const got: number[] = []
    const there: Memory = {
      ...memory(),
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
    const there = memory()
    const open = async () => {
      throw new NotThere('it expired')
    }
    const { only } = await run([there], { open })
    expect(only).toMatchObject({ verdict: 'missing', bytesSent: 0, problem: { code: 'content/not-there' } })
    expect(there.count('create')).toBe(0)
  })

  test('it cannot be told: it is looked at again, longer apart each time, then undetermined and never taken for absent', async () => {
    let looks = 0
    const there: Memory = {
      ...memory(),
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
    expect(waits).toEqual([750, 1500, 3000, 6000])
  })

  test('a look that is answered after some that were not goes on as if nothing had been', async () => {
    const there = memory()
    let looks = 0
    const repository: PublicRepository = {
      ...there,
      observe: (at, call) => (++looks <= 3 ? Promise.reject(reset()) : there.observe(at, call)),
    }
    expect((await run([repository])).verdicts).toEqual(['published'])
  })

  test('the credential is refused: it failed, and nothing is asked again', async () => {
    let looks = 0
    const there: Memory = {
      ...memory(),
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

describe('a server that answers', () => {
  test('200 and stores nothing: it is looked for until the time is over, then undetermined, and not sent again', async () => {
    const there = memory()
    const repository: PublicRepository = {
      ...there,
      create: async (_item, body) => {
        await bytesOf(body.stream())
        there.calls.push('create')
        return { outcome: 'accepted' }
      },
    }
    const { only, waits } = await run([repository])
    expect(only).toMatchObject({ verdict: 'undetermined', bytesSent: data.length, problem: { code: 'repository/not-listed' } })
    expect(there.count('create')).toBe(1)
    expect(waits.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(defaultLimits.confirmWithin)
  })

  test('200 before it has read anything: it is not believed', async () => {
    const there = memory()
    const repository: PublicRepository = { ...there, create: async () => ({ outcome: 'accepted' }) }
    const { only } = await run([repository])
    expect(only).toMatchObject({ verdict: 'undetermined', bytesSent: 0 })
  })

  test('200 and stores other bytes: it is a conflict', async () => {
    const there = memory()
    const repository: PublicRepository = {
      ...there,
      create: async (_item, body) => {
        await bytesOf(body.stream())
        there.files.set(place, other)
        return { outcome: 'accepted' }
      },
    }
    const { only } = await run([repository])
    expect(only).toMatchObject({ verdict: 'conflict', seen: contentOf(other).sha256, bytesSent: data.length })
  })

  test.each([1, 2, 7])('200 and lists it at look %i: it is published', async (looks) => {
    const there = memory()
    let since = 0
    const repository: PublicRepository = {
      ...there,
      observe: async (at, call) => {
        const seen = await there.observe(at, call)
        return seen.saw === 'present' && since++ < looks ? { saw: 'absent' } : seen
      },
    }
    const { only, waits } = await run([repository])
    expect(only.verdict).toBe('published')
    expect(waits).toHaveLength(looks)
    expect(there.count('create')).toBe(1)
  })

  test('without a digest: it is given a moment, and then read back', async () => {
    const there = memory()
    const repository: PublicRepository = {
      ...there,
      observe: async (at, call) => {
        const seen = await there.observe(at, call)
        return seen.saw === 'present' ? { ...seen, sha256: undefined, size: undefined } : seen
      },
    }
    const { only, waits } = await run([repository])
    expect(only).toMatchObject({ verdict: 'published', seen: contentOf(data).sha256 })
    expect(there.calls).toEqual(['observe', 'create', 'observe', 'observe', 'read'])
    expect(waits).toHaveLength(1)
  })

  test('without a digest for other bytes: reading back shows the conflict', async () => {
    const there = memory([acmeAt, other])
    const repository: PublicRepository = {
      ...there,
      observe: async () => ({ saw: 'present', sha256: undefined, size: undefined, location: place }),
    }
    expect((await run([repository], { open: never })).only).toMatchObject({ verdict: 'conflict', seen: contentOf(other).sha256 })
  })

  test('without a digest, and cannot be read: it is undetermined', async () => {
    const { observe: _, read: __, ...there } = memory([acmeAt, data])
    const repository: PublicRepository = {
      ...there,
      observe: async () => ({ saw: 'present', sha256: undefined, size: undefined, location: place }),
    }
    expect((await run([repository], { open: never })).only).toMatchObject({
      verdict: 'undetermined',
      problem: { code: 'repository/no-digest' },
    })
  })

  test('a digest that is none: it is undetermined, and not a conflict', async () => {
    const upperCase = contentOf(data).sha256.toUpperCase()
    const repository: PublicRepository = {
      ...memory(),
      // What a module in plain JavaScript can return.
      observe: async () => JSON.parse(`{"saw": "present", "sha256": "${upperCase}", "location": "there"}`),
    }
    expect((await run([repository], { open: never })).only).toMatchObject({
      verdict: 'undetermined',
      problem: { code: 'repository/unexpected-answer' },
    })
  })

  test('an outcome that is none: it is ambiguous, and looked at', async () => {
    const there = memory()
    const repository: PublicRepository = {
      ...there,
      create: async (item, body, call) => {
        await there.create(item, body, call)
        return JSON.parse('{"outcome": "ok"}')
      },
    }
    expect((await run([repository])).verdicts).toEqual(['published'])
    expect(there.count('create')).toBe(1)
  })

  test('that it waits to be asked again: it is asked no sooner', async () => {
    const there = memory([acmeAt, data])
    let looks = 0
    class Busy extends StagegateError {
      readonly retryAfter = 90
    }
    const repository: PublicRepository = {
      ...there,
      observe: (at, call) => (++looks === 1 ? Promise.reject(new Busy({ code: 'test/busy', what: 'busy' })) : there.observe(at, call)),
    }
    const { verdicts, waits } = await run([repository])
    expect([verdicts, waits]).toEqual([['already-public'], [90_000]])
  })
})

describe('an ambiguous answer', () => {
  test('after the bytes were stored: the next look shows it, and nothing is sent a second time', async () => {
    const there = memory()
    const repository: PublicRepository = {
      ...there,
      create: async (item, body, call) => {
        await there.create(item, body, call)
        throw reset()
      },
    }
    const { only } = await run([repository])
    expect(only).toMatchObject({ verdict: 'published', bytesSent: data.length })
    expect(there.count('create')).toBe(1)
  })

  test('before anything was stored: it is looked at twice and sent once more', async () => {
    const there = memory()
    let creates = 0
    const repository: PublicRepository = {
      ...there,
      create: async (item, body, call) => {
        if (++creates > 1) return there.create(item, body, call)
        const reader = body.stream()[Symbol.asyncIterator]()
        await reader.next()
        throw reset()
      },
    }
    const { only } = await run([repository])
    expect(only.verdict).toBe('published')
    expect(creates).toBe(2)
    expect(only.bytesSent).toBeGreaterThan(data.length)
    expect(only.bytesSent).toBeLessThan(2 * data.length)
    expect(there.calls).toEqual(['observe', 'observe', 'observe', 'create', 'observe'])
  })

  test('a look that cannot tell does not count as one that found nothing', async () => {
    const there = memory()
    const looked: string[] = []
    let creates = 0
    const repository: PublicRepository = {
      ...there,
      observe: async (at, call) => {
        looked.push('look')
        // The first look after the failed write is not answered.
        if (looked.join(' ') === 'look create look') throw reset()
        return there.observe(at, call)
      },
      create: async (item, body, call) => {
        looked.push('create')
        return ++creates === 1 ? Promise.reject(reset()) : there.create(item, body, call)
      },
    }
    expect((await run([repository])).verdicts).toEqual(['published'])
    expect(looked).toEqual(['look', 'create', 'look', 'look', 'look', 'create', 'look'])
    expect(defaultLimits.looksAfterAmbiguous).toBe(2)
  })

  test('each time: it is sent as often as the limits say, and then undetermined', async () => {
    const there = memory()
    let creates = 0
    const repository: PublicRepository = {
      ...there,
      create: () => {
        creates++
        return Promise.reject(reset())
      },
    }
    const { only } = await run([repository])
    expect(only).toMatchObject({ verdict: 'undetermined', problem: { message: 'ECONNRESET' } })
    expect(creates).toBe(defaultLimits.sends)
  })

  test('a partial file that the server kept: it is a conflict, and stays', async () => {
    const there = memory()
    const repository: PublicRepository = {
      ...there,
      create: async (_item, body) => {
        const { value } = await body.stream()[Symbol.asyncIterator]().next()
        there.files.set(place, value)
        throw reset()
      },
    }
    const { only } = await run([repository])
    expect(only.verdict).toBe('conflict')
    expect(only.problem?.message).toContain('shorter')
  })
})

describe('"it exists", and then', () => {
  const exists = (then: Memory): Memory => {
    let looks = 0
    return {
      ...then,
      observe: async (at, call) => (++looks === 1 ? { saw: 'absent' } : then.observe(at, call)),
      create: async () => ({ outcome: 'exists' }),
    }
  }
  test('the same is there: it is already public', async () => {
    expect((await run([exists(memory([acmeAt, data]))])).only).toMatchObject({ verdict: 'already-public', bytesSent: 0 })
  })
  test('other bytes are there: it is a conflict', async () => {
    expect((await run([exists(memory([acmeAt, other]))])).verdicts).toEqual(['conflict'])
  })
  test('nothing is there: it is undetermined, and not sent again', async () => {
    const { only } = await run([exists(memory())])
    expect(only).toMatchObject({ verdict: 'undetermined', problem: { code: 'repository/not-listed' } })
  })
})

test('a refusal is final: it failed, with what the server said, and it is not sent again', async () => {
  const there = memory()
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

describe('a source', () => {
  test('that breaks half-way once is read again', async () => {
    const there = memory()
    const open = readings(() => Readable.from(brokenHalfWay()), fine)
    const { only } = await run([there], { open })
    expect(only.verdict).toBe('published')
    expect(open.count()).toBe(2)
    expect(there.files.get(place)?.equals(data)).toBe(true)
  })

  test('that always breaks leaves it undetermined, with the source’s reason', async () => {
    const there = memory()
    const open = readings(() => Readable.from(brokenHalfWay()))
    const { only } = await run([there], { open })
    expect(only).toMatchObject({ verdict: 'undetermined', problem: { message: 'ECONNRESET' } })
    expect(open.count()).toBe(defaultLimits.sends)
    expect(there.files.size).toBe(0)
  })

  test('that breaks is not blamed on a destination that had refused by then', async () => {
    const because = { code: 'repository/too-large', message: 'too large' }
    let creates = 0
    const refusing: PublicRepository = {
      ...memory(),
      create: async () => {
        creates++
        return { outcome: 'refused', because }
      },
    }
    const { arrivals } = await run([refusing, memory()], { open: readings(() => Readable.from(brokenHalfWay()), fine) })
    expect(arrivals[0]?.outcome).toMatchObject({ verdict: 'failed', problem: because })
    expect(creates).toBe(1)
    expect(arrivals[1]?.outcome.verdict).toBe('published')
  })

  test('that breaks contradicts a server which says that it has taken everything', async () => {
    const there = memory()
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
    const { only } = await run([memory()], { open })
    expect(only).toMatchObject({ verdict: 'failed', problem: { code: 'repository/unauthorized' } })
    expect(open.count()).toBe(1)
  })

  test('that has changed since does not take back what was accepted before', async () => {
    const slow = memory()
    let since = 0
    const listsLate: PublicRepository = {
      ...slow,
      observe: async (at, call) => {
        const seen = await slow.observe(at, call)
        return seen.saw === 'present' && since++ < 4 ? { saw: 'absent' } : seen
      },
    }
    const there = memory()
    let creates = 0
    const breaksOnce: PublicRepository = {
      ...there,
      create: (item, body, call) => (++creates === 1 ? Promise.reject(reset()) : there.create(item, body, call)),
    }
    const { verdicts } = await run([listsLate, breaksOnce], { open: readings(fine, () => Readable.from([other])) })
    expect(verdicts).toEqual(['published', 'tampered'])
  })
})

describe('several destinations', () => {
  test('one has it and one lacks it: the source is read once, for the one that lacks it', async () => {
    const [full, empty] = [memory([acmeAt, data]), memory()]
    const open = readings(fine)
    const { arrivals, verdicts } = await run([full, empty], { open })
    expect(verdicts).toEqual(['already-public', 'published'])
    expect(arrivals.map(({ outcome }) => outcome.bytesSent)).toEqual([0, data.length])
    expect(open.count()).toBe(1)
    expect(full.count('create')).toBe(0)
  })

  test('three lack it: the source is read once for all', async () => {
    const open = readings(fine)
    const { verdicts } = await run([memory(), memory(), memory()], { open })
    expect([verdicts, open.count()]).toEqual([['published', 'published', 'published'], 1])
  })

  test('one fails and the other does not: each has its own verdict', async () => {
    const failing: PublicRepository = { ...memory(), create: () => Promise.reject(reset()) }
    const { verdicts } = await run([failing, memory(), memory([acmeAt, other])])
    expect(verdicts).toEqual(['undetermined', 'published', 'conflict'])
  })

  test('one waits longer than the other: neither is looked at before its time', async () => {
    const busy = Object.assign(new Error('busy'), { retryAfter: 10 })
    const failing = (times: number, error: Error) => {
      const there = memory([acmeAt, data])
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
    // 750, 1500, 3000, 6000 for the one, and the 10 seconds of the other end in between.
    expect(waits).toEqual([750, 1500, 3000, 4750, 1250])
  })

  test('one that takes nothing is left behind, and gets a reading of its own', async () => {
    const there = memory()
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
    const { verdicts } = await run([memory(), stuckOnce], { open, limits: { leaveBehind: 20 } })
    expect([verdicts, open.count(), creates]).toEqual([['published', 'published'], 2, 2])
  })
})

describe('when it is told to stop', () => {
  test('before it began, nothing is asked and every destination has its outcome', async () => {
    const there = memory()
    const { arrivals, verdicts } = await run([there, there], { signal: AbortSignal.abort(new Error('stopped by SIGTERM')), open: never })
    expect(verdicts).toEqual(['undetermined', 'undetermined'])
    expect(arrivals[0]?.outcome.problem?.message).toBe('stopped by SIGTERM')
    expect(there.calls).toEqual([])
  })

  test('in the middle, what is under way is broken off and every destination has its outcome', async () => {
    const controller = new AbortController()
    const held: PublicRepository = {
      ...memory(),
      create: async (_item, body) => {
        for await (const _ of body.stream() as AsyncIterable<Buffer>) controller.abort(new Error('stopped by SIGTERM'))
        return { outcome: 'accepted' }
      },
    }
    const silent = new Readable({ read: () => undefined })
    silent.push(data.subarray(0, 200_000))
    const { arrivals, verdicts } = await run([memory([acmeAt, data]), held, memory([acmeAt, other])], {
      open: async () => silent,
      signal: controller.signal,
    })
    expect(verdicts).toEqual(['already-public', 'undetermined', 'conflict'])
    expect(arrivals[1]?.outcome).toMatchObject({ bytesSent: 200_000, problem: { message: 'stopped by SIGTERM' } })
    expect(silent.destroyed).toBe(true)
  })

  test('while it confirms, what is seen then still counts', async () => {
    const controller = new AbortController()
    const there = memory()
    const repository: PublicRepository = {
      ...there,
      observe: async (at, call) => {
        if (there.files.size > 0) controller.abort()
        return there.observe(at, call)
      },
    }
    expect((await run([repository], { signal: controller.signal })).verdicts).toEqual(['published'])
  })

  test('while it looks, nothing is begun any more', async () => {
    const controller = new AbortController()
    const there = memory()
    const repository: PublicRepository = {
      ...there,
      observe: async (at, call) => {
        controller.abort()
        return there.observe(at, call)
      },
    }
    const open = readings(fine)
    expect((await run([repository], { signal: controller.signal, open })).verdicts).toEqual(['undetermined'])
    expect(open.count()).toBe(0)
  })

  test('while it waits, it stops waiting', async () => {
    const controller = new AbortController()
    const there: PublicRepository = { ...memory(), observe: () => Promise.reject(reset()) }
    const { verdicts, waits } = await run([there], {
      signal: controller.signal,
      onEvent: ({ event }) => event === 'waiting' && controller.abort(),
    })
    expect([verdicts, waits]).toEqual([['undetermined'], []])
  })

  const deaf = () => new Promise<never>(() => undefined)
  test.each<[string, PublicRepository, Delivery['open']]>([
    ['a look', { ...memory(), observe: deaf }, async () => fine()],
    ['a write', { ...memory(), create: deaf }, async () => fine()],
    ['a reading', memory(), deaf],
    ['a source', memory(), async () => new Readable({ read: () => undefined })],
  ])('%s that does not stop when told to is left alone', async (_what, repository, open) => {
    const controller = new AbortController()
    const running = run([repository], { signal: controller.signal, open })
    setImmediate(() => setImmediate(() => controller.abort(new Error('stopped'))))
    expect((await running).only).toMatchObject({ verdict: 'undetermined', problem: { message: 'stopped' } })
  })

  test('a look that takes longer than it may is unknown, and tried again', async () => {
    const there = memory([acmeAt, data])
    let looks = 0
    const repository: PublicRepository = { ...there, observe: (at, call) => (++looks === 1 ? deaf() : there.observe(at, call)) }
    // A second is added for the artifact's one MiB.
    const { verdicts, events } = await run([repository], { limits: { lookTimeout: 50 - 1000 } })
    expect(verdicts).toEqual(['already-public'])
    expect(events).toContainEqual(expect.objectContaining({ event: 'waiting', because: expect.objectContaining({ code: 'call/timeout' }) }))
  })
})

test('an artifact of no bytes is moved like any other', async () => {
  const there = memory()
  const clock = fakeClock()
  const item = itemOf(Buffer.alloc(0))
  const [arrival] = await deliver(
    {
      target: 'empty',
      item,
      open: async () => Readable.from([]),
      destinations: [{ plan: { repository: 'stable', advisory: false }, repository: there, item }],
    },
    { clock, random: () => 0, signal: new AbortController().signal, limits: defaultLimits, emit: () => undefined },
  )
  expect(arrival?.outcome).toMatchObject({ verdict: 'published', bytesSent: 0 })
  expect(there.files.get(place)).toHaveLength(0)
})
