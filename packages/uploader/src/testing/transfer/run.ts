import { Readable } from 'node:stream'
import type { Coordinates } from '@stagegate/schema'
import { expect } from 'vitest'
import type { PublicRepository } from '../../contract/capabilities.js'
import { checkedRepository } from '../../contract/checked-repository.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { deliver } from '../../transfer/deliver.js'
import type { Arrival, Delivery } from '../../transfer/delivery.js'
import type { Happening } from '../../transfer/event.js'
import { Hosts } from '../../transfer/host.js'
import { defaultLimits, type Limits } from '../../transfer/limits.js'
import { itemOf, sampleBytes, type VirtualClock, virtualClock } from '../fixtures.js'

/** What is delivered; and what else could be there. */
export const data = sampleBytes(300_000)
export const other = sampleBytes(300_000, 2)
export const place = 'ubuntu/jammy/acme_1.2.3_amd64.deb'
export const refused = new RepositoryRefusal({ code: 'repository/unauthorized', what: 'the credential is not accepted' })
export const reset = () => new Error('ECONNRESET')

export interface Setting {
  readonly open?: Delivery['open']
  readonly from?: string
  /** @default a package */
  readonly at?: Coordinates
  readonly fromName?: string
  readonly limits?: Partial<Limits>
  readonly signal?: AbortSignal
  readonly onEvent?: (event: Happening) => void
  readonly hosts?: Hosts
  readonly clock?: VirtualClock
}

export interface Ran {
  readonly arrivals: readonly Arrival[]
  readonly events: readonly Happening[]
  readonly waits: readonly number[]
  readonly verdicts: readonly string[]
  readonly only: Arrival['outcome']
}

/** Delivers `data` to these repositories, on a clock whose waits take no time and without the jitter that spares a host. */
export async function run(repositories: readonly PublicRepository[], setting: Setting = {}): Promise<Ran> {
  const clock = setting.clock ?? virtualClock()
  const limits = { ...defaultLimits, ...setting.limits }
  const events: Happening[] = []
  const item = itemOf(data, setting.at)
  const delivery: Delivery = {
    target: 'ubuntu/jammy',
    item,
    from: setting.from,
    fromName: setting.fromName,
    open: setting.open ?? (async () => Readable.from([data])),
    destinations: repositories.map((repository, index) => ({
      plan: { repository: `to ${index}`, advisory: false },
      repository: checkedRepository(`to ${index}`, repository),
      item,
    })),
  }
  const arrivals = await deliver(delivery, {
    clock,
    random: () => 0.5,
    signal: setting.signal ?? new AbortController().signal,
    limits,
    hosts: setting.hosts ?? new Hosts({ clock, random: () => 0, limits }),
    emit: (event) => {
      events.push(event)
      setting.onEvent?.(event)
    },
  }).arrivals
  const [first] = arrivals
  if (first === undefined) throw new Error('Expected an outcome')
  expect(arrivals.map(({ outcome }) => outcome.destination.repository)).toEqual(repositories.map((_, index) => `to ${index}`))
  expect(events.filter(({ event }) => event === 'verdict')).toHaveLength(repositories.length)
  for (const { outcome } of arrivals) expect(outcome.finishedAt >= outcome.startedAt).toBe(true)
  return { arrivals, events, waits: clock.waits, verdicts: arrivals.map(({ outcome }) => outcome.verdict), only: first.outcome }
}

/** Opens the staged bytes, one of these at each reading; the last one again and again. */
export function readings(...each: readonly (() => Readable | Promise<Readable>)[]): Delivery['open'] & { count(): number } {
  let count = 0
  const open = async () => {
    const reading = each[Math.min(count++, each.length - 1)]
    if (reading === undefined) throw new Error('Expected a reading')
    return reading()
  }
  return Object.assign(open, { count: () => count })
}

export const fine = () => Readable.from([data])
export const never = readings(() => {
  throw new Error('The staged bytes are not to be read')
})
export async function* brokenHalfWay() {
  yield data.subarray(0, data.length / 2)
  throw reset()
}
