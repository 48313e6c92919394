import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { PublicRepository } from '../repository/capabilities.js'
import { PutOff } from '../repository/put-off.js'
import { fakeClock, itemOf, memory } from '../testing/fixtures.js'
import { type Delivery, deliver } from './deliver.js'
import { holdBack } from './fan-out.js'
import { Hosts } from './host.js'
import { defaultLimits } from './limits.js'
import { data, fine, never, reset, run } from './testing/run.js'

/** Begins to deliver `data`, and tells when it lets others begin. */
function begin(repositories: readonly PublicRepository[], open: Delivery['open'] = async () => fine()) {
  const clock = fakeClock()
  const item = itemOf(data)
  const said: string[] = []
  const { arrivals, idle } = deliver(
    {
      target: 'ubuntu/jammy',
      item,
      open,
      destinations: repositories.map((repository, index) => ({ plan: { repository: `to ${index}`, advisory: false }, repository, item })),
    },
    {
      clock,
      random: () => 0.5,
      signal: new AbortController().signal,
      limits: defaultLimits,
      hosts: new Hosts({ clock, random: () => 0, limits: defaultLimits }),
      emit: ({ event }) => {
        if (event === 'started' || event === 'written' || event === 'verdict') said.push(event)
      },
    },
  )
  return { arrivals: arrivals.then((all) => all.map(({ outcome }) => outcome.verdict)), said, whenIdle: idle.then(() => [...said]) }
}

test('others begin when the bytes have been sent, not while they are', async () => {
  const { arrivals, whenIdle } = begin([memory()])
  expect(await whenIdle).toEqual(['started', 'written'])
  expect(await arrivals).toEqual(['published'])
})

test('others begin at once where nothing is to be sent', async () => {
  const there = memory()
  await begin([there]).arrivals
  const { arrivals, whenIdle } = begin([there], never)
  expect(await whenIdle).toEqual(['verdict'])
  expect(await arrivals).toEqual(['already-public'])
})

test('others begin while all that is left waits for another try', async () => {
  let tries = 0
  const there = memory()
  const failsOnce: PublicRepository = {
    ...there,
    observe: (at, call) => (++tries === 1 ? Promise.reject(reset()) : there.observe(at, call)),
  }
  const { arrivals, whenIdle } = begin([failsOnce])
  expect(await whenIdle).toEqual([])
  expect(await arrivals).toEqual(['published'])
})

test('others do not begin while one is sent to, though another waits', async () => {
  let looks = 0
  let again: () => void = () => undefined
  const lookedAgain = new Promise<void>((resolve) => {
    again = resolve
  })
  const failing: PublicRepository = {
    ...memory(),
    observe: async () => {
      if (++looks === 3) again()
      throw reset()
    },
  }
  const { arrivals, whenIdle } = begin([memory(), failing], async () => {
    await lookedAgain
    return fine()
  })
  expect(await whenIdle).toEqual(['started', 'written'])
  expect(await arrivals).toEqual(['published', 'undetermined'])
})

test('whoever has got everything is looked at while another still takes its last bytes', async () => {
  const [quick, there] = [memory(), memory()]
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

test.each([1, 2, 3])('a source that puts it off again and again is asked %i times, and then no more', async (putOffs) => {
  let asked = 0
  const open = async () => {
    asked++
    throw new PutOff({ what: 'asked too often', until: undefined })
  }
  const { only } = await run([memory()], { open, from: 'staging', limits: { putOffs } })
  expect([only.verdict, only.problem?.code, asked]).toEqual(['undetermined', 'repository/put-off', putOffs])
})
