import { setMaxListeners } from 'node:events'
import { UsageError } from '@stagegate/schema'
import pLimit, { type LimitFunction } from 'p-limit'
import { systemClock } from './clock.js'
import { deliverImage, type ImageDelivery } from './image/deliver-image.js'
import type { Ports } from './ports.js'
import type { PublicRepository, StagingRepository } from './repository/capabilities.js'
import { withDeadline } from './transfer/call.js'
import { type Arrival, type Delivery, type DeliveryPorts, deliver } from './transfer/deliver.js'
import type { Happening, TransferEvent } from './transfer/event.js'
import { Hosts } from './transfer/host.js'
import { defaultLimits, type Limits } from './transfer/limits.js'

/** The ports with their defaults. */
export function complete(ports: Ports): Omit<DeliveryPorts, 'emit'> {
  const clock = ports.clock ?? systemClock
  const random = ports.random ?? Math.random
  const limits = { ...defaultLimits, ...ports.limits }
  const signal = ports.signal ?? new AbortController().signal
  // Everything that is under way or waits listens to it.
  setMaxListeners(0, signal)
  return {
    clock,
    random,
    limits,
    signal,
    hosts: ports.hosts ?? new Hosts({ clock, random, limits }),
  }
}

/** Brings several artifacts to their destinations. One's failure stops no other. */
export async function deliverAll(deliveries: readonly (Delivery | ImageDelivery)[], ports: Ports): Promise<Arrival[]> {
  const shared = complete(ports)
  const { clock, limits } = shared
  const windows = new Map<string, LimitFunction>()
  const arrivals = await withDeadline(clock, limits.run, shared.signal, ({ signal }) =>
    Promise.all(
      deliveries.map(async (delivery) => {
        const { target, item } = delivery
        const emit = (event: Happening) => tell(ports, { at: clock.now(), target, ...item, ...event })
        const delivering = await windowFor(
          delivery,
          windows,
          limits,
        )(async () => {
          const begun =
            'source' in delivery ? deliverImage(delivery, { ...shared, signal, emit }) : deliver(delivery, { ...shared, signal, emit })
          await Promise.race([begun.arrivals, begun.idle])
          return begun
        })
        return delivering.arrivals
      }),
    ),
  )
  return arrivals.flat()
}

/**
 * Artifacts for the same places go a few at a time, so that each one's destinations are ready together and its bytes are
 * read once; what only waits for a host in trouble does not count.
 */
function windowFor(
  { destinations }: Delivery | ImageDelivery,
  windows: Map<string, LimitFunction>,
  { concurrency }: Limits,
): LimitFunction {
  const places = [...new Set(destinations.map(({ plan }) => plan.repository))].sort().join('\n')
  const window = windows.get(places) ?? pLimit(2 * concurrency)
  windows.set(places, window)
  return window
}

export function tell({ onEvent }: Ports, event: TransferEvent): void {
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
