import { UsageError } from '@stagegate/schema'
import pLimit from 'p-limit'
import { systemClock } from './clock.js'
import type { Ports } from './ports.js'
import type { PublicRepository, StagingRepository } from './repository/capabilities.js'
import { type Arrival, type Delivery, type DeliveryPorts, deliver } from './transfer/deliver.js'
import type { Happening, TransferEvent } from './transfer/event.js'
import { defaultLimits } from './transfer/limits.js'

/** The ports with their defaults. */
export function complete(ports: Ports): Omit<DeliveryPorts, 'emit'> {
  return {
    clock: ports.clock ?? systemClock,
    random: ports.random ?? Math.random,
    signal: ports.signal ?? new AbortController().signal,
    limits: { ...defaultLimits, ...ports.limits },
  }
}

/** Brings several artifacts to their destinations, a few at a time. One's failure stops no other. */
export async function deliverAll(deliveries: readonly Delivery[], ports: Ports): Promise<Arrival[]> {
  const shared = complete(ports)
  const limit = pLimit(shared.limits.concurrency)
  const arrivals = await Promise.all(
    deliveries.map((delivery) =>
      limit(() => {
        const { target, item } = delivery
        const emit = (event: Happening) => tell(ports, { at: shared.clock.now(), target, ...item, ...event })
        return deliver(delivery, { ...shared, emit })
      }),
    ),
  )
  return arrivals.flat()
}

function tell({ onEvent }: Ports, event: TransferEvent): void {
  try {
    onEvent?.(event)
  } catch {
    // See `Ports.onEvent`: what it reads has happened, and the outcomes say so too.
  }
}

/** @throws {UsageError} when the ports lack it */
export function repositoryNamed(ports: Ports, name: string): StagingRepository | PublicRepository {
  const repository = ports.repositories.get(name)
  if (repository === undefined)
    throw new UsageError({
      code: 'usage/repository',
      what: `the repository ${name} was not given`,
      next: 'Open it first, or pass your own under this name.',
    })
  return repository
}

/** @throws {UsageError} when it cannot be read from */
export function stagingNamed(ports: Ports, name: string): StagingRepository {
  const repository = repositoryNamed(ports, name)
  if (!isReadable(repository))
    throw new UsageError({ code: 'usage/repository', what: `the staging repository ${name} cannot be read from` })
  return repository
}

function isReadable(repository: StagingRepository | PublicRepository): repository is StagingRepository {
  return repository.read !== undefined
}
