import { readFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { publish } from '../verb/publish.js'
import { itemOf, manifestOf, memoryRepository, originOf, planOf, sampleBytes } from './fixtures.js'
import { virtualClock } from './virtual-clock.js'

const { signal } = new AbortController()

test('waits end in the order of their time, and a watchdog’s long one never before a shorter one that begins later', async () => {
  const clock = virtualClock()
  const ended: string[] = []
  const watchdog = clock.sleep(60_000, signal).then(() => ended.push('watchdog'))
  const work = async () => {
    for (let index = 0; index < 59; index++) {
      await clock.sleep(1000, signal)
      ended.push('work')
    }
  }
  await Promise.all([watchdog, work()])
  expect(ended).toEqual([...Array.from({ length: 59 }, () => 'work'), 'watchdog'])
  expect(clock.now()).toBe('2026-01-31T12:01:00.000Z')
  expect(clock.waits).toHaveLength(60)
})

test('a read of a file and a request to a server come before a watchdog', async () => {
  const clock = virtualClock()
  const server = createServer((_, response) => setImmediate(() => response.end('x'.repeat(100_000)))).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  // The cast: a server that listens at a port has such an address.
  const { port } = server.address() as AddressInfo
  const controller = new AbortController()
  const ended: string[] = []
  const watchdog = clock.sleep(1000, controller.signal).then(
    () => ended.push('watchdog'),
    () => undefined,
  )
  await Promise.all([
    readFile(new URL(import.meta.url).pathname).then(() => ended.push('file')),
    new Promise<void>((resolve, reject) => {
      const asked = request({ port, host: '127.0.0.1', agent: false }, (response) => {
        response.resume().once('end', () => {
          ended.push('answer')
          resolve()
        })
      })
      asked.once('error', reject).end()
    }),
  ])
  controller.abort()
  await watchdog
  expect(ended.toSorted()).toEqual(['answer', 'file'])
})

test('no time passes during work that the test tells of', async () => {
  const clock = virtualClock()
  let end = (): void => undefined
  const work = clock.during(
    new Promise<void>((resolve) => {
      end = resolve
    }),
  )
  const slept = clock.sleep(1, signal)
  for (let index = 0; index < 20; index++) await new Promise((resolve) => setImmediate(resolve))
  expect(clock.waits).toEqual([])
  end()
  await Promise.all([work, slept])
  expect(clock.waits).toEqual([1])
})

test('work that waits for the clock itself is said to stand still, with advice, and later waits go on', async () => {
  const clock = virtualClock({ patience: 20 })
  await expect(clock.during(clock.sleep(240_000, signal))).rejects.toThrow(
    'The virtual clock stands still: work given to during() does not end, and everything else only waits (240000 ms). Time passes when',
  )
  await clock.sleep(5, signal)
  expect(clock.waits).toEqual([5])
})

test('a wait that is broken off says why, and takes no time', async () => {
  const clock = virtualClock('2026-03-01T00:00:00.000Z')
  const controller = new AbortController()
  const waiting = clock.sleep(60_000, controller.signal)
  controller.abort(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
  await expect(clock.sleep(1, controller.signal)).rejects.toThrow('stopped')
  expect([clock.now(), clock.waits]).toEqual(['2026-03-01T00:00:00.000Z', []])
  clock.advance(1000)
  expect(clock.now()).toBe('2026-03-01T00:00:01.000Z')
})

test('a program’s test with fakes sees the retries that it put there, and hours of waiting take no time', async () => {
  const clock = virtualClock()
  const data = sampleBytes(1000)
  const item = itemOf(data)
  const staging = memoryRepository([item.coordinates, data])
  const stable = memoryRepository()
  const fail = () => async () => {
    throw new Error('ECONNRESET')
  }
  stable.instead('create', fail, 2)
  const repositories = new Map([
    ['staging', staging],
    ['stable', stable],
  ])
  const { outcomes } = await publish(manifestOf([item]), {
    origin: originOf(planOf()),
    repositories,
    clock,
    random: () => 0,
  })
  expect(outcomes.map(({ verdict }) => verdict)).toEqual(['published'])
  expect([stable.count('create'), [...stable.files.values()]]).toEqual([3, [data]])
  expect(clock.waits.length).toBeGreaterThan(0)
})
