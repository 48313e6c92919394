import { Readable } from 'node:stream'
import { bytes, StagegateError } from '@stagegate/schema'
import { expect, test } from 'vitest'
import type { PublicRepository } from '../contract/capabilities.js'
import { PutOff } from '../contract/put-off.js'
import { acmeAt, memoryRepository } from '../testing/fixtures.js'
import { brokenHalfWay, data, fine, other, readings, refused, reset, run } from '../testing/transfer/run.js'
import type { Happening } from './event.js'

const to = (index: number) => ({ repository: `to ${index}`, advisory: false })
const of = <N extends Happening['event']>(events: readonly Happening[], name: N) =>
  events.filter((event): event is Extract<Happening, { event: N }> => event.event === name)

/** The first few calls of a method fail so. */
function failing(method: 'observe' | 'create', error: () => Error, times: number, there = memoryRepository()): PublicRepository {
  let left = times
  // The cast: both methods return promises, and a rejection fits either.
  const fails = () => Promise.reject(error()) as Promise<never>
  return { ...there, [method]: (...words: [never, never, never]) => (left-- > 0 ? fails() : there[method](...words)) }
}

test('a transfer in which nothing goes wrong tells each step once', async () => {
  const { events } = await run([memoryRepository(), memoryRepository([acmeAt, data])])
  expect(events.map(({ event }) => event)).toEqual([
    'observed',
    'observed',
    'verdict',
    'started',
    'progress',
    'written',
    'observed',
    'verdict',
  ])
  expect(of(events, 'progress')).toEqual([{ event: 'progress', destinations: [to(0)], bytes: data.length }])
  expect(of(events, 'written')).toEqual([{ event: 'written', destination: to(0), answer: 'accepted' }])
})

test('every start is answered for each destination, and what is sent again is started again', async () => {
  const busy = () => new PutOff({ what: 'busy', until: undefined })
  const because = { code: 'repository/too-large', message: 'too large' }
  const refusing: PublicRepository = { ...memoryRepository(), create: async () => ({ outcome: 'refused', because }) }
  const { events, verdicts } = await run([failing('create', busy, 2), failing('create', reset, 1), refusing, memoryRepository()])
  expect(verdicts).toEqual(['published', 'published', 'failed', 'published'])
  const answers = (index: number) =>
    of(events, 'written').flatMap(({ destination, answer, because }) =>
      destination.repository === `to ${index}` ? [[answer, because?.message]] : [],
    )
  expect([0, 1, 2, 3].map(answers)).toEqual([
    [
      ['put-off', 'busy'],
      ['put-off', 'busy'],
      ['accepted', undefined],
    ],
    [
      ['ambiguous', 'ECONNRESET'],
      ['accepted', undefined],
    ],
    [['refused', 'too large']],
    [['accepted', undefined]],
  ])
  const started = of(events, 'started').flatMap(({ destinations }) => destinations)
  for (const index of [0, 1, 2, 3]) {
    expect(started.filter(({ repository }) => repository === `to ${index}`)).toHaveLength(answers(index).length)
  }
})

test('a wait for a host names it, whichever side it is on; one for another look names none', async () => {
  const busy = () => Object.assign(new Error('busy'), { retryAfter: 10 })
  const { events } = await run([failing('observe', busy, 1)])
  expect(of(events, 'waiting')).toEqual([
    { event: 'waiting', destination: to(0), milliseconds: 750, because: { code: 'repository/threw', message: 'busy' } },
    { event: 'waiting', destination: to(0), host: 'to 0', milliseconds: 9250, because: { code: 'repository/threw', message: 'busy' } },
  ])

  const busyOnce = readings(() => Promise.reject(busy()), fine)
  const { events: ofSource } = await run([memoryRepository()], { open: busyOnce, from: 'https://staging.example' })
  expect(of(ofSource, 'waiting')).toMatchObject([{ host: 'https://staging.example', milliseconds: 10_000 }])
  expect(of(ofSource, 'source-failed')).toEqual([
    { event: 'source-failed', because: { code: 'repository/threw', message: 'busy', side: 'source' } },
  ])
})

test('a host that is given up is reported once, however many wait for it', async () => {
  const host = 'https://packages.example'
  const silent: PublicRepository = { ...memoryRepository(), host, observe: () => Promise.reject(reset()) }
  const limits = { patience: 1000, longestPutOff: 60_000 }
  const { events, verdicts } = await run([silent, silent, memoryRepository(), silent], { limits })
  expect(verdicts).toEqual(['undetermined', 'undetermined', 'published', 'undetermined'])
  expect(of(events, 'given-up')).toMatchObject([{ host, because: { code: 'host/given-up' } }])

  const long = () => Promise.reject(Object.assign(new Error('busy'), { retryAfter: 3600 }))
  const { events: ofSource, only } = await run([memoryRepository(), memoryRepository()], {
    open: readings(long),
    from: 'https://staging.example',
    limits,
  })
  expect(only.verdict).toBe('undetermined')
  expect(of(ofSource, 'given-up')).toMatchObject([{ host: 'https://staging.example', because: { code: 'host/given-up' } }])
})

test('a destination that delays the others is reported when it is left behind, and gets its own reading', async () => {
  const there = memoryRepository()
  let creates = 0
  const stuckOnce: PublicRepository = {
    ...there,
    create: async (item, body, call) => {
      if (++creates > 1) return there.create(item, body, call)
      const stream = body.stream()
      await new Promise((resolve) => stream.once('close', resolve))
      throw new StagegateError({ code: 'test', what: 'its own word for it' })
    },
  }
  const pieces = () => Readable.from([data.subarray(0, 100_000), data.subarray(100_000, 200_000), data.subarray(200_000)])
  const { events } = await run([memoryRepository(), stuckOnce], { open: readings(pieces), limits: { leaveBehind: 20 } })
  expect(of(events, 'left-behind')).toEqual([{ event: 'left-behind', destination: to(1) }])
  expect(of(events, 'started').map(({ destinations }) => destinations)).toEqual([[to(0), to(1)], [to(1)]])
  // Two readings of one artifact: each says how far it is.
  const ends = of(events, 'progress').filter((event) => event.bytes === bytes(data.length))
  expect(ends.map(({ destinations }) => destinations)).toEqual([[to(0), to(1)], [to(1)]])
})

test('a source that cannot be read is reported with its reason, each time', async () => {
  const broken = await run([memoryRepository()], { open: readings(() => Readable.from(brokenHalfWay()), fine) })
  expect(of(broken.events, 'source-failed').map(({ because }) => because.message)).toEqual(['ECONNRESET'])
  const forbidden = await run([memoryRepository(), memoryRepository()], { open: readings(() => Promise.reject(refused)) })
  expect(of(forbidden.events, 'source-failed').map(({ because }) => because.code)).toEqual(['repository/unauthorized'])
  const wrong = await run([memoryRepository()], { open: readings(() => Readable.from([other])) })
  expect(of(wrong.events, 'source-failed').map(({ because }) => because.code)).toEqual(['content/mismatch'])
})

test('a stop is not a problem of the source', async () => {
  const controller = new AbortController()
  const open = async () => {
    controller.abort(new Error('stopped'))
    throw reset()
  }
  const { events } = await run([memoryRepository()], { open, signal: controller.signal })
  expect(of(events, 'source-failed')).toEqual([])
  expect(of(events, 'verdict').map(({ outcome }) => outcome.problem?.message)).toEqual(['stopped'])
})
