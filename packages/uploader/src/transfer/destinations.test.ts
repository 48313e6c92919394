import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { PublicRepository } from '../repository/capabilities.js'
import { acmeAt, memory } from '../testing/fixtures.js'
import { data, fine, other, readings, reset, run } from './testing/run.js'

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
    // 750, 1500, 3000, 6000 for the one; for the other 750, and the rest of its 10 seconds.
    expect(waits).toEqual([750, 750, 1500, 3000, 9250, 6000])
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
