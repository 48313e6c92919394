import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { PublicRepository } from '../contract/capabilities.js'
import { acmeAt, memoryRepository, soon, virtualClock } from '../testing/fixtures.js'
import { data, fine, never, other, place, readings, reset, run } from '../testing/transfer/run.js'
import type { Delivery } from './delivery.js'
import { Hosts } from './host.js'
import { defaultLimits } from './limits.js'

describe('when it is stopped', () => {
  test('before it began, nothing is asked and every destination has its outcome', async () => {
    const there = memoryRepository()
    const { arrivals, verdicts } = await run([there, there], { signal: AbortSignal.abort(new Error('stopped by SIGTERM')), open: never })
    expect(verdicts).toEqual(['undetermined', 'undetermined'])
    expect(arrivals[0]?.outcome.problem?.message).toBe('stopped by SIGTERM')
    expect(there.calls).toEqual([])
  })

  test('statement 5: in the middle, what is under way is broken off and every destination has its outcome', async () => {
    const controller = new AbortController()
    const held: PublicRepository = {
      ...memoryRepository(),
      create: async (_item, body) => {
        for await (const _ of body.stream() as AsyncIterable<Buffer>) controller.abort(new Error('stopped by SIGTERM'))
        return { outcome: 'accepted' }
      },
    }
    const silent = new Readable({ read: () => undefined })
    silent.push(data.subarray(0, 200_000))
    const { arrivals, verdicts } = await run([memoryRepository([acmeAt, data]), held, memoryRepository([acmeAt, other])], {
      open: async () => silent,
      signal: controller.signal,
    })
    expect(verdicts).toEqual(['already-public', 'undetermined', 'conflict'])
    // Neither side is to blame.
    expect(arrivals[1]?.outcome).toMatchObject({ bytesSent: 200_000, problem: { message: 'stopped by SIGTERM' } })
    expect(arrivals[1]?.outcome.problem).not.toHaveProperty('side')
    expect(silent.destroyed).toBe(true)
  })

  test('a staged stream that does not close when it is destroyed delays nobody', async () => {
    const controller = new AbortController()
    const stuck = new Readable({ read: () => controller.abort(new Error('stopped by SIGTERM')), destroy: () => undefined })
    const { arrivals } = await run([memoryRepository()], { open: async () => stuck, signal: controller.signal })
    expect(arrivals[0]?.outcome).toMatchObject({ verdict: 'undetermined', problem: { message: 'stopped by SIGTERM' } })
  })

  test('while it confirms, what is seen then still counts', async () => {
    const controller = new AbortController()
    const there = memoryRepository()
    const repository: PublicRepository = {
      ...there,
      observe: async (at) => {
        if (there.files.size > 0) controller.abort()
        return there.observe(at, soon())
      },
    }
    expect((await run([repository], { signal: controller.signal })).verdicts).toEqual(['published'])
  })

  test('while it looks, nothing is begun any more', async () => {
    const controller = new AbortController()
    const there = memoryRepository()
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
    const there: PublicRepository = { ...memoryRepository(), observe: () => Promise.reject(reset()) }
    const { verdicts, waits } = await run([there], {
      signal: controller.signal,
      onEvent: ({ event }) => event === 'waiting' && controller.abort(),
    })
    expect([verdicts, waits]).toEqual([['undetermined'], []])
  })

  test('while it waits for room, nothing is read and nothing is sent any more', async () => {
    const controller = new AbortController()
    const there = memoryRepository()
    const open = readings(fine)
    // Its look and its upload are two visits; somebody else's is let in between them.
    const repository: PublicRepository = {
      ...there,
      observe: async (at, call) => {
        hosts.of('one').enter(async () => controller.abort(new Error('stopped')))
        return there.observe(at, call)
      },
      host: 'one',
    }
    const hosts = new Hosts({ clock: virtualClock(), random: () => 0, limits: { ...defaultLimits, concurrency: 1 } })
    const { only } = await run([repository], { signal: controller.signal, open, hosts })
    expect(only).toMatchObject({ verdict: 'undetermined', problem: { message: 'stopped' } })
    expect([open.count(), there.count('create')]).toEqual([0, 0])
  })

  test('while the staged bytes are opened, nothing is sent any more, and they are closed', async () => {
    const controller = new AbortController()
    const there = memoryRepository()
    const stream = fine()
    const open = async () => {
      controller.abort(new Error('stopped'))
      return stream
    }
    const { only } = await run([there], { signal: controller.signal, open })
    expect(only).toMatchObject({ verdict: 'undetermined', problem: { message: 'stopped' } })
    expect([there.count('create'), stream.destroyed]).toEqual([0, true])
  })

  test('while it looks, nothing is read back any more', async () => {
    const controller = new AbortController()
    const there = memoryRepository([acmeAt, data])
    let looks = 0
    const repository: PublicRepository = {
      ...there,
      observe: async () => {
        // Once it is patient.
        if (++looks === 2) controller.abort(new Error('stopped'))
        return { saw: 'present', sha256: undefined, size: undefined, location: place }
      },
    }
    expect((await run([repository], { signal: controller.signal, open: never })).verdicts).toEqual(['undetermined'])
    expect([looks, there.count('read')]).toEqual([2, 0])
  })

  const deaf = () => new Promise<never>(() => undefined)
  test.each<[string, PublicRepository, Delivery['open']]>([
    ['a look', { ...memoryRepository(), observe: deaf }, async () => fine()],
    ['a write', { ...memoryRepository(), create: deaf }, async () => fine()],
    ['a reading', memoryRepository(), deaf],
    ['a source', memoryRepository(), async () => new Readable({ read: () => undefined })],
  ])('%s that does not stop when told to is left alone', async (_what, repository, open) => {
    const controller = new AbortController()
    const running = run([repository], { signal: controller.signal, open })
    setImmediate(() => setImmediate(() => controller.abort(new Error('stopped'))))
    expect((await running).only).toMatchObject({ verdict: 'undetermined', problem: { message: 'stopped' } })
  })

  test('a look that takes longer than it may is unknown, and tried again', async () => {
    const there = memoryRepository([acmeAt, data])
    let looks = 0
    const repository: PublicRepository = { ...there, observe: (at, call) => (++looks === 1 ? deaf() : there.observe(at, call)) }
    // A second is added for the artifact's one MiB.
    const { verdicts, events } = await run([repository], { limits: { lookTimeout: 0 } })
    expect(verdicts).toEqual(['already-public'])
    expect(events).toContainEqual(expect.objectContaining({ event: 'waiting', because: expect.objectContaining({ code: 'call/timeout' }) }))
  })
})
