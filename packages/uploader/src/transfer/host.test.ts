import { later } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { virtualClock } from '../testing/fixtures.js'
import { Host, HostGivenUp, type HostPorts, Hosts } from './host.js'
import { defaultLimits, type Limits } from './limits.js'

const problem = { code: 'test', message: 'no answer' }
const never = new AbortController().signal

function setUp(limits: Partial<Limits> = {}, random = () => 1) {
  const clock = virtualClock()
  const ports: HostPorts = { clock, random, limits: { ...defaultLimits, firstWait: 1000, longestWait: 8000, ...limits } }
  const host = new Host('https://packages.example', ports)
  const waits: number[] = []
  const ready = () => host.ready(never, (milliseconds) => waits.push(milliseconds))
  return { clock, host, waits, ready, ports }
}

test('the waits after failures double up to the longest, and end with a success', async () => {
  const { clock, host, waits, ready } = setUp()
  for (let failure = 0; failure < 6; failure++) {
    host.failed(clock.now(), problem)
    await ready()
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 8000, 8000])
  host.failed(clock.now(), problem)
  host.succeeded()
  await ready()
  host.failed(clock.now(), problem)
  await ready()
  expect(waits.slice(6)).toEqual([1000])
})

test('the jitter is full: a wait is anything from nothing to the doubled time', async () => {
  const numbers = [0, 0.5, 0.999]
  const { clock, host, waits, ready } = setUp({}, () => numbers.shift() ?? 0)
  for (let failure = 0; failure < 3; failure++) {
    host.failed(clock.now(), problem)
    await ready()
  }
  expect(waits).toEqual([1000, 3996])
})

test('failures of what was under way together count once', async () => {
  const { clock, host, waits, ready } = setUp()
  const startedAt = clock.now()
  clock.advance(100)
  host.failed(startedAt, problem)
  host.failed(startedAt, problem)
  host.failed(startedAt, problem)
  await ready()
  expect(waits).toEqual([1000])
})

test('every caller waits as long as the server asks, and a success does not shorten the wait', async () => {
  const { clock, host, waits, ready } = setUp()
  host.closeUntil(later(clock.now(), 120))
  host.closeUntil(later(clock.now(), 60))
  host.succeeded()
  expect(host.closed()).toBe(later(clock.now(), 120))
  const before = clock.now()
  await Promise.all([ready(), ready()])
  expect(clock.now()).toBe(later(before, 120))
  expect(waits).toEqual([120_000, 0])
  expect(host.closed()).toBeUndefined()
})

test('a wish to be left alone for too long is not waited for', async () => {
  const { clock, host, ready } = setUp({ longestPutOff: 60_000 })
  host.closeUntil(later(clock.now(), 61))
  await expect(ready()).rejects.toThrow(HostGivenUp)
  await expect(ready()).rejects.toThrow('it allows no requests for 61 s')
})

test('a wish to be left alone for longer than its patience is waited for, and then it is asked', async () => {
  const { clock, host, ready } = setUp({ patience: 30_000 })
  host.closeUntil(later(clock.now(), 60))
  host.failed(clock.now(), problem)
  await ready()
  expect(host.isReady()).toBe(true)
  host.failed(clock.now(), problem)
  await expect(ready()).rejects.toThrow('there was no valid answer for 30 s')
})

test('a host that was given up is tried again after as long as its patience, once in this time, and is as any other after a success', async () => {
  const { clock, host, ready } = setUp({ patience: 30_000 })
  const fail = async (wait: number) => {
    clock.advance(wait)
    host.failed(clock.now(), problem)
  }
  await fail(0)
  await fail(30_000)
  await expect(ready()).rejects.toMatchObject({ code: 'host/given-up' })
  clock.advance(29_999)
  await expect(ready()).rejects.toMatchObject({ code: 'host/given-up' })
  clock.advance(1)
  await ready()
  await fail(0)
  await expect(ready()).rejects.toMatchObject({ code: 'host/given-up' })
  clock.advance(30_000)
  await ready()
  host.succeeded()
  await fail(0)
  await ready()
})

test('a host without one good answer for too long is given up for the run, with the last reason', async () => {
  const { clock, host, ready } = setUp({ patience: 30_000 })
  const visits: string[] = []
  const failing = async () => {
    for (;;) {
      await host.visit(
        never,
        () => undefined,
        async () => {
          visits.push(clock.now())
          host.failed(clock.now(), problem)
        },
      )
    }
  }
  await expect(failing()).rejects.toThrow('there was no valid answer for 30 s; the last problem: no answer')
  expect(visits.length).toBeGreaterThan(3)
  const asked = visits.length
  await expect(ready()).rejects.toMatchObject({ code: 'host/given-up', where: 'https://packages.example' })
  expect(visits).toHaveLength(asked)
})

test('a host never has more requests than its limit, and does not slow down another host', async () => {
  const { ports } = setUp({ concurrency: 2 })
  const hosts = new Hosts(ports)
  let [now, most] = [0, 0]
  const endings: (() => void)[] = []
  const slow = () =>
    hosts.of('slow').visit(
      never,
      () => undefined,
      async () => {
        most = Math.max(most, ++now)
        await new Promise<void>((resolve) => endings.push(resolve))
        now--
      },
    )
  const all = Promise.all([slow(), slow(), slow(), slow()])
  expect(
    await hosts.of('quick').visit(
      never,
      () => undefined,
      async () => 'done',
    ),
  ).toBe('done')
  let running = true
  all.finally(() => {
    running = false
  })
  while (running) {
    endings.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(most).toBe(2)
})

test('a caller that needs several slots gets them together, at most all, and two such callers never wait for each other', async () => {
  const { host } = setUp({ concurrency: 3 })
  let [now, most] = [0, 0]
  const taking = (places: number) =>
    host.enter(async () => {
      now += Math.min(places, 3)
      most = Math.max(most, now)
      await new Promise((resolve) => setImmediate(resolve))
      now -= Math.min(places, 3)
    }, places)
  await Promise.all([taking(2), taking(2), taking(1), taking(5), taking(2)])
  expect(most).toBe(3)
})

test('a caller that waited for room when the run was stopped sends nothing', async () => {
  const { host } = setUp({ concurrency: 1 })
  const controller = new AbortController()
  const asked: string[] = []
  const visit = (name: string, run: () => void) =>
    host.visit(
      controller.signal,
      () => undefined,
      async () => {
        asked.push(name)
        run()
      },
    )
  const both = [visit('first', () => controller.abort(new Error('stopped'))), visit('second', () => undefined)]
  await expect(both[1]).rejects.toThrow('stopped')
  expect(asked).toEqual(['first'])
})

test('a caller that waited for room looks at the clock again', async () => {
  const { clock, host, waits } = setUp({ concurrency: 1 })
  const began: string[] = []
  const visit = (run: () => void) =>
    host.visit(
      never,
      (milliseconds) => waits.push(milliseconds),
      async () => {
        began.push(clock.now())
        run()
      },
    )
  const start = clock.now()
  await Promise.all([visit(() => host.closeUntil(later(start, 5))), visit(() => undefined)])
  expect(began).toEqual([start, later(start, 5)])
})

test('a wait ends when the run is stopped', async () => {
  const { clock, host } = setUp()
  host.closeUntil(later(clock.now(), 10))
  const controller = new AbortController()
  const waiting = host.ready(controller.signal, () => controller.abort(new Error('stopped')))
  await expect(waiting).rejects.toThrow('stopped')
})

test('one name is one host', () => {
  const hosts = new Hosts(setUp().ports)
  expect(hosts.of('a')).toBe(hosts.of('a'))
  expect(hosts.of('a')).not.toBe(hosts.of('b'))
})
