import { expect, test } from 'vitest'
import type { PublicRepository } from '../contract/capabilities.js'
import { itemOf, memoryRepository, virtualClock } from '../testing/fixtures.js'
import { data, fine, never, reset } from '../testing/transfer/run.js'
import { deliver } from './deliver.js'
import type { Delivery } from './delivery.js'
import { Hosts } from './host.js'
import { defaultLimits } from './limits.js'

/** Begins to deliver `data`, and tells when it lets others begin. */
function begin(repositories: readonly PublicRepository[], open: Delivery['open'] = async () => fine()) {
  const clock = virtualClock()
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
  const { arrivals, whenIdle } = begin([memoryRepository()])
  expect(await whenIdle).toEqual(['started', 'written'])
  expect(await arrivals).toEqual(['published'])
})

test('others begin at once where nothing is to be sent', async () => {
  const there = memoryRepository()
  await begin([there]).arrivals
  const { arrivals, whenIdle } = begin([there], never)
  expect(await whenIdle).toEqual(['verdict'])
  expect(await arrivals).toEqual(['already-public'])
})

test('others begin while all that is left waits for another try', async () => {
  let tries = 0
  const there = memoryRepository()
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
    ...memoryRepository(),
    observe: async () => {
      if (++looks === 3) again()
      throw reset()
    },
  }
  const { arrivals, whenIdle } = begin([memoryRepository(), failing], async () => {
    await lookedAgain
    return fine()
  })
  expect(await whenIdle).toEqual(['started', 'written'])
  expect(await arrivals).toEqual(['published', 'undetermined'])
})
