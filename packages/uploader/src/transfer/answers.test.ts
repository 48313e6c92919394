import { bytes, later, StagegateError } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { PublicRepository } from '../contract/capabilities.js'
import { acmeAt, bytesOf, contentOf, type MemoryRepository, memoryRepository, virtualClock } from '../testing/fixtures.js'
import { data, never, other, place, reset, run } from '../testing/transfer/run.js'
import { defaultLimits } from './limits.js'

describe('a server that answers', () => {
  test('statement 10: 200 and stores nothing: it is looked for until the time is over, then undetermined, and not sent again', async () => {
    const there = memoryRepository()
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
    const there = memoryRepository()
    const repository: PublicRepository = { ...there, create: async () => ({ outcome: 'accepted' }) }
    const { only } = await run([repository])
    expect(only).toMatchObject({ verdict: 'undetermined', bytesSent: 0 })
  })

  test('statement 10: 200 and stores other bytes: it is a conflict', async () => {
    const there = memoryRepository()
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

  test.each([1, 2, 7])('statement 10: 200 and lists it at look %i: it is published', async (looks) => {
    const there = memoryRepository()
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

  test('statement 10: without a digest: it is given a moment, and then read back', async () => {
    const there = memoryRepository()
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
    const there = memoryRepository([acmeAt, other])
    const repository: PublicRepository = {
      ...there,
      observe: async () => ({ saw: 'present', sha256: undefined, size: undefined, location: place }),
    }
    expect((await run([repository], { open: never })).only).toMatchObject({ verdict: 'conflict', seen: contentOf(other).sha256 })
  })

  test('statement 10: without a digest, and cannot be read: it is undetermined', async () => {
    const { observe: _, read: __, ...there } = memoryRepository([acmeAt, data])
    const repository: PublicRepository = {
      ...there,
      observe: async () => ({ saw: 'present', sha256: undefined, size: undefined, location: place }),
    }
    expect((await run([repository], { open: never })).only).toMatchObject({
      verdict: 'undetermined',
      problem: { code: 'repository/no-digest' },
    })
  })

  test('statement 3: an invalid digest: it is undetermined, and not a conflict', async () => {
    const upperCase = contentOf(data).sha256.toUpperCase()
    const repository: PublicRepository = {
      ...memoryRepository(),
      // What a module in plain JavaScript can return.
      observe: async () => JSON.parse(`{"saw": "present", "sha256": "${upperCase}", "location": "there"}`),
    }
    expect((await run([repository], { open: never })).only).toMatchObject({
      verdict: 'undetermined',
      problem: { code: 'repository/unexpected-answer' },
    })
  })

  test('statement 9: an invalid outcome: it is ambiguous, and looked at', async () => {
    const there = memoryRepository()
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

  test('an invalid answer to a request to copy: it is ambiguous, and looked at', async () => {
    const there = memoryRepository()
    const repository: PublicRepository = {
      ...there,
      host: 'one',
      copy: async () => JSON.parse('{"outcome": "ok"}'),
    }
    const { only } = await run([repository], { from: 'one', fromName: 'acme/hello' })
    expect(only).toMatchObject({ verdict: 'published', bytesSent: data.length })
  })

  test('that it has no digest, for minutes, and cannot be read: it has its time, as one that lists it late', async () => {
    const clock = virtualClock()
    const { read: _, ...there } = memoryRepository()
    const indexedAt = later(clock.now(), 200)
    const repository: PublicRepository = {
      ...there,
      observe: async (at, call) => {
        const seen = await there.observe(at, call)
        return seen.saw === 'present' && clock.now() < indexedAt ? { ...seen, sha256: undefined } : seen
      },
    }
    expect((await run([repository], { clock })).verdicts).toEqual(['published'])
    expect(clock.now() >= indexedAt).toBe(true)
  })

  test('that it waits to be asked again: it is asked no sooner', async () => {
    const there = memoryRepository([acmeAt, data])
    let looks = 0
    class Busy extends StagegateError {
      readonly retryAfter = 90
    }
    const repository: PublicRepository = {
      ...there,
      observe: (at, call) => (++looks === 1 ? Promise.reject(new Busy({ code: 'test/busy', what: 'busy' })) : there.observe(at, call)),
    }
    const { verdicts, waits } = await run([repository])
    expect(verdicts).toEqual(['already-public'])
    expect(waits.reduce((a, b) => a + b)).toBe(90_000)
  })
})

describe('an ambiguous answer', () => {
  test('statement 9: after the bytes were stored: the next look shows it, and nothing is sent a second time', async () => {
    const there = memoryRepository()
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

  test('statement 9: before anything was stored: it is looked at twice and sent once more', async () => {
    const there = memoryRepository()
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

  test('statement 3: a look that cannot tell does not count as one that found nothing', async () => {
    const there = memoryRepository()
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
    const there = memoryRepository()
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

  test('statement 2: a partial file that the server kept: it is a conflict, and stays', async () => {
    const there = memoryRepository()
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
  const exists = (then: MemoryRepository): MemoryRepository => {
    let looks = 0
    return {
      ...then,
      observe: async (at, call) => (++looks === 1 ? { saw: 'absent' } : then.observe(at, call)),
      create: async () => ({ outcome: 'exists' }),
    }
  }
  test('the same is there: it is already public', async () => {
    expect((await run([exists(memoryRepository([acmeAt, data]))])).only).toMatchObject({ verdict: 'already-public', bytesSent: 0 })
  })
  test('other bytes are there: it is a conflict', async () => {
    expect((await run([exists(memoryRepository([acmeAt, other]))])).verdicts).toEqual(['conflict'])
  })
  test('nothing is there: it is undetermined, and not sent again', async () => {
    const { only } = await run([exists(memoryRepository())])
    expect(only).toMatchObject({ verdict: 'undetermined', problem: { code: 'repository/not-listed' } })
  })
})

describe('the right digest with another size', () => {
  /** Says the sealed digest of whatever it has, and this size. */
  const claiming = (there: MemoryRepository, size: number): MemoryRepository => ({
    ...there,
    observe: async (at, call) => {
      const seen = await there.observe(at, call)
      return seen.saw === 'present' ? { ...seen, sha256: contentOf(data).sha256, size: bytes(size) } : seen
    },
  })
  const short = data.subarray(0, 3)

  test('statement 10: of what was cut short: it is read, and a conflict with the hint', async () => {
    const there = claiming(memoryRepository([acmeAt, short]), short.length)
    const { only } = await run([there], { open: never })
    expect(only).toMatchObject({ verdict: 'conflict', seen: contentOf(short).sha256, bytesSent: 0 })
    expect(only.problem?.message).toContain(
      `It is ${data.length - short.length} bytes shorter, so it may be the rest of an interrupted upload`,
    )
    expect(there.count('read')).toBe(1)
  })

  test.each([0, data.length - 1, data.length + 1])(
    'of what is right, from a server that says %i: it is read, and the same',
    async (size) => {
      const there = claiming(memoryRepository([acmeAt, data]), size)
      expect((await run([there], { open: never })).only).toMatchObject({ verdict: 'already-public', bytesSent: 0 })
      expect(there.count('read')).toBe(1)
    },
  )

  test('that shows only once it was sent is a conflict', async () => {
    const there = memoryRepository()
    const repository: PublicRepository = {
      ...claiming(there, short.length),
      create: async (_item, body) => {
        there.files.set(place, (await bytesOf(body.stream())).subarray(0, short.length))
        return { outcome: 'accepted' }
      },
    }
    expect((await run([repository])).verdicts).toEqual(['conflict'])
  })

  test('of a repository that cannot be read is a conflict', async () => {
    const { observe, create } = claiming(memoryRepository([acmeAt, short]), short.length)
    expect((await run([{ observe, create }], { open: never })).only).toMatchObject({ verdict: 'conflict', bytesSent: 0 })
  })

  test('statement 3: that cannot be read back now is not known', async () => {
    const repository: PublicRepository = { ...claiming(memoryRepository([acmeAt, data]), 0), read: () => Promise.reject(reset()) }
    expect((await run([repository], { open: never })).only).toMatchObject({ verdict: 'undetermined', bytesSent: 0 })
  })
})
