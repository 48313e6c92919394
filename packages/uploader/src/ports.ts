import { setMaxListeners } from 'node:events'
import { UsageError } from '@stagegate/schema'
import type { PublicRepository, StagingRepository } from './contract/capabilities.js'
import { type Clock, systemClock } from './contract/clock.js'
import type { DeliveryPorts } from './transfer/delivery.js'
import type { TransferEvent } from './transfer/event.js'
import { Hosts } from './transfer/host.js'
import { defaultLimits, type Limits } from './transfer/limits.js'

/** The effects of a verb, as arguments: your own repositories, clock and listener. */
export interface Ports {
  /** By the name that the plan gives them. */
  readonly repositories: ReadonlyMap<string, StagingRepository | PublicRepository>
  /** @default the system's */
  readonly clock?: Clock | undefined
  /** Numbers from 0 to below 1, for the jitter of waits. @default Math.random */
  readonly random?: (() => number) | undefined
  /** An error that it throws is ignored: a broken log must not stop a release. */
  readonly onEvent?: ((event: TransferEvent) => void) | undefined
  /** Stops the run: nothing new is started, what is under way is broken off, and the outcomes so far are returned. */
  readonly signal?: AbortSignal | undefined
  readonly limits?: Partial<Limits> | undefined
  /** Our manners towards each server, shared with whoever else talks to it. @default of this run alone */
  readonly hosts?: Hosts | undefined
}

/** The ports with their defaults. */
export function withDefaults(ports: Ports): Omit<DeliveryPorts, 'emit'> {
  const clock = ports.clock ?? systemClock
  const random = ports.random ?? Math.random
  const limits = { ...defaultLimits, ...ports.limits }
  const signal = ports.signal ?? new AbortController().signal
  // Every call and every wait of the run listens to it.
  setMaxListeners(0, signal)
  return { clock, random, limits, signal, hosts: ports.hosts ?? new Hosts({ clock, random, limits }) }
}

/** Passes an event on. See `Ports.onEvent`: an error of the listener is ignored, since the event has happened and outcomes report it too. */
export function tell({ onEvent }: Pick<Ports, 'onEvent'>, event: TransferEvent): void {
  try {
    onEvent?.(event)
  } catch {}
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

/** @throws {UsageError} when the ports lack it, or it cannot be read from */
export function stagingNamed(ports: Ports, name: string): StagingRepository {
  const repository = repositoryNamed(ports, name)
  if (!isReadable(repository))
    throw new UsageError({ code: 'usage/repository', what: `the staging repository ${name} cannot be read from` })
  return repository
}

function isReadable(repository: StagingRepository | PublicRepository): repository is StagingRepository {
  return repository.read !== undefined
}
