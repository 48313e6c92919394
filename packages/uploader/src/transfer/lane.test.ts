import { Readable } from 'node:stream'
import type { Coordinates } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { type Item, NotThere, type PublicRepository, type Written } from '../contract/capabilities.js'
import { PutOff } from '../contract/put-off.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { acmeAt, bodyOf, itemOf, memoryRepository, soon, virtualClock } from '../testing/fixtures.js'
import { memoryRegistry } from '../testing/image/memory-registry.js'
import { data, fine, other, readings, reset, run } from '../testing/transfer/run.js'
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

test.each(['ENOSPC', 'EDQUOT', 'EIO'])('a disk that says %s gets the bytes once, and a run afterwards can help', async (code) => {
  const there = memoryRepository()
  let creates = 0
  const full: PublicRepository = {
    ...there,
    create: async (_item, body) => {
      creates++
      for await (const _ of body.stream()) throw Object.assign(new Error(code), { code, syscall: 'write' })
      return { outcome: 'accepted' }
    },
  }
  const { arrivals, events } = await run([full, memoryRepository()])
  expect(arrivals.map(({ outcome }) => outcome.verdict)).toEqual(['undetermined', 'published'])
  expect(arrivals[0]?.outcome.problem).toMatchObject({ side: 'destination', message: code })
  expect(creates).toBe(1)
  expect(events.filter(({ event }) => event === 'waiting')).toEqual([])
})

test.each<[string, readonly Error[], string]>([
  ['is completed', [], 'already-public'],
  ['is completed at the second try', [reset()], 'already-public'],
  ['cannot be completed for good', [new RepositoryRefusal({ code: 'repository/forbidden', what: 'no' })], 'failed'],
])('an artifact that is there and %s', async (_, failures, verdict) => {
  const there = memoryRepository([acmeAt, data])
  let [completed, creates, calls] = [0, 0, 0]
  const repository: PublicRepository = {
    ...there,
    create: (item, body, call) => {
      creates++
      return there.create(item, body, call)
    },
    complete: async () => {
      const failure = failures[calls++]
      if (failure !== undefined) throw failure
      completed++
    },
  }
  expect((await run([repository])).verdicts).toEqual([verdict])
  expect([completed, creates]).toEqual([verdict === 'failed' ? 0 : 1, 0])
})

test('an artifact that is another one is not completed', async () => {
  let completed = 0
  const repository: PublicRepository = {
    ...memoryRepository([acmeAt, other]),
    complete: async () => {
      completed++
    },
  }
  expect((await run([repository])).verdicts).toEqual(['conflict'])
  expect(completed).toBe(0)
})

test('a destination that is asked to wait while sending tries again, without another look, and not forever', async () => {
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

const part: Coordinates = {
  format: 'blob',
  image: 'acme/hello',
  mediaType: 'application/octet-stream',
  digest: itemOf(data).content.sha256,
}
test.each<[string, string, Coordinates | undefined, number]>([
  ['a part of an image at the same host', 'registry', part, 1],
  ['a part of an image at another host', 'elsewhere', part, 0],
  ['a package, whose name has its server in it', 'elsewhere', undefined, 1],
])('a server is asked to copy by itself %s', async (_, from, at, asked) => {
  const there = at === part ? memoryRegistry('registry') : memoryRepository()
  let copies = 0
  const copying: PublicRepository = {
    ...there,
    host: 'registry',
    copy: async () => {
      copies++
      return { outcome: 'unsupported' }
    },
  }
  const { verdicts, only } = await run([copying], { from, fromName: 'acme/staged', ...(at && { at }) })
  expect([verdicts, copies]).toEqual([['published'], asked])
  expect(only).toMatchObject({ bytesSent: data.length })
  expect(only).not.toHaveProperty('copiedByServer')
})

describe('an artifact that the server copies', () => {
  const copying = (written: () => Promise<Written>, comesThere = true) => {
    const there = memoryRepository()
    const copy = async (item: Item) => {
      if (comesThere) await there.create(item, bodyOf(data), soon())
      return written()
    }
    return { ...there, copy }
  }
  const accepted = async () => ({ outcome: 'accepted' }) as const

  test('is published without a byte, and the receipt says so', async () => {
    const open = () => Promise.reject(new Error('nothing is to be read'))
    const { only, arrivals } = await run([copying(accepted)], { fromName: 'staged', open })
    expect(only).toMatchObject({ verdict: 'published', bytesSent: 0, copiedByServer: true })
    expect(arrivals[0]?.how).toBe('copied')
  })

  test('and whose answer is lost is looked at', async () => {
    const { only } = await run([copying(() => Promise.reject(reset()))], { fromName: 'staged' })
    expect(only).toMatchObject({ verdict: 'published', bytesSent: 0 })
  })

  test('and is not there then is not known, and not sent beside it', async () => {
    const { only } = await run([copying(accepted, false)], { fromName: 'staged', limits: { confirmWithin: 1000 } })
    expect(only).toMatchObject({ verdict: 'undetermined', bytesSent: 0 })
    expect(only).not.toHaveProperty('copiedByServer')
  })

  test.each<[string, () => Promise<Written>]>([
    ['fails', () => Promise.reject(reset())],
    ['refuses', async () => ({ outcome: 'refused', because: { code: 'x', message: 'no' } })],
  ])('is sent where the server %s', async (_, written) => {
    const { only } = await run([copying(written, false)], { fromName: 'staged', limits: { confirmWithin: 1000 } })
    expect(only).toMatchObject({ verdict: 'published', bytesSent: data.length })
    expect(only).not.toHaveProperty('copiedByServer')
  })
})
