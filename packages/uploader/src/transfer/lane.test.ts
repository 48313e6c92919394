import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { NotThere, type PublicRepository } from '../contract/capabilities.js'
import { PutOff } from '../contract/put-off.js'
import { memoryRepository, virtualClock } from '../testing/fixtures.js'
import { fine, other, readings, reset, run } from '../testing/transfer/run.js'
import { Hosts } from './host.js'
import { defaultLimits } from './limits.js'

test('an upload that breaks is trouble of its host: it is spared before anything more is asked', async () => {
  const clock = virtualClock()
  const there = memoryRepository()
  let creates = 0
  const breaking: PublicRepository = {
    ...there,
    host: 'busy',
    create: (item, body, call) => (++creates === 1 ? Promise.reject(reset()) : there.create(item, body, call)),
  }
  const hosts = new Hosts({ clock, random: () => 1, limits: defaultLimits })
  const { events, verdicts } = await run([breaking], { clock, hosts })
  expect(verdicts).toEqual(['published'])
  const ofHost = events.flatMap((event) =>
    event.event === 'waiting' && event.host !== undefined ? [[event.host, event.milliseconds]] : [],
  )
  expect(ofHost).toEqual([['busy', 1000]])
})

test('whoever is put off while sending tries again, without another look, and not for ever', async () => {
  const there = memoryRepository()
  let [looks, creates] = [0, 0]
  const busy = (times: number): PublicRepository => ({
    ...there,
    observe: (at, call) => {
      looks++
      return there.observe(at, call)
    },
    create: (item, body, call) =>
      ++creates <= times ? Promise.reject(new PutOff({ what: 'asked too often' })) : there.create(item, body, call),
  })
  expect((await run([busy(3)])).verdicts).toEqual(['published'])
  expect([looks, creates]).toEqual([2, 4])
  there.files.clear()
  creates = 0
  expect((await run([busy(Number.POSITIVE_INFINITY)], { limits: { putOffs: 5 } })).verdicts).toEqual(['undetermined'])
  expect(creates).toBe(5)
})

test.each<[string, () => Readable, string, string]>([
  ['are others', () => Readable.from([other]), 'tampered', 'content/mismatch'],
  [
    'are gone',
    () => {
      throw new NotThere('it is in staging no more')
    },
    'missing',
    'content/not-there',
  ],
])('staged bytes that %s: the outcome says so, at a destination that never got to them too', async (_, staged, verdict, code) => {
  let looks = 0
  // In trouble of its own while the bytes are read for the other one.
  const late: PublicRepository = {
    ...memoryRepository(),
    observe: async () => (++looks === 1 ? Promise.reject(reset()) : { saw: 'absent' }),
  }
  const { arrivals } = await run([memoryRepository(), late], { open: readings(staged) })
  expect(arrivals.map(({ outcome }) => [outcome.verdict, outcome.problem?.code])).toEqual([
    [verdict, code],
    [verdict, code],
  ])
})

test('an upload that was accepted and does not show is not the source’s fault, whatever became of that', async () => {
  const forgetful: PublicRepository = {
    ...memoryRepository(),
    create: async (_item, body) => {
      await body.stream().resume().toArray()
      return { outcome: 'accepted' }
    },
  }
  let looks = 0
  const late: PublicRepository = {
    ...memoryRepository(),
    observe: async () => (++looks === 1 ? Promise.reject(reset()) : { saw: 'absent' }),
  }
  const right = readings(fine, () => Readable.from([other]))
  const { arrivals } = await run([forgetful, late], { open: right })
  expect(arrivals.map(({ outcome }) => [outcome.verdict, outcome.problem?.code])).toEqual([
    ['undetermined', 'repository/not-listed'],
    ['tampered', 'content/mismatch'],
  ])
})

test('an outcome says how long was spent on what', async () => {
  const clock = virtualClock()
  const there = memoryRepository()
  const slow: PublicRepository = {
    ...there,
    observe: async (at, call) => {
      clock.advance(100)
      return there.observe(at, call)
    },
    create: async (item, body, call) => {
      const written = await there.create(item, body, call)
      clock.advance(3000)
      return written
    },
  }
  const { only } = await run([slow], { clock })
  expect(only.milliseconds).toMatchObject({ looking: 100, sending: 3000, confirming: 100 })
})

test.each([
  ['the same host', 'registry', 1],
  ['another host', 'elsewhere', 0],
])('a server is asked to copy by itself what lies at %s', async (_, from, asked) => {
  const there = memoryRepository()
  let copies = 0
  const copying: PublicRepository = {
    ...there,
    host: 'registry',
    copy: async () => {
      copies++
      return { outcome: 'unsupported' }
    },
  }
  const { verdicts } = await run([copying], { from, fromImage: 'acme/staged' })
  expect([verdicts, copies]).toEqual([['published'], asked])
})
