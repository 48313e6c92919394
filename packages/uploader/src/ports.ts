import { setMaxListeners } from 'node:events'
import { UsageError } from '@stagegate/schema'
import type { PublicRepository, StagingRepository } from './contract/capabilities.js'
import { checkedRepository } from './contract/checked-repository.js'
import { type Clock, systemClock } from './contract/clock.js'
import { tellListener } from './contract/listener.js'
import { expectOptions, limitsWith } from './contract/options.js'
import type { Operation } from './contract/repository-error.js'
import { hostsOf } from './transfer/carried-hosts.js'
import type { DeliveryPorts } from './transfer/delivery.js'
import type { TransferEvent } from './transfer/event.js'
import { Hosts } from './transfer/host.js'
import { defaultLimits, type Limits } from './transfer/limits.js'

/** Repositories by name: a Map, or a plain object. */
export type Repositories =
  | ReadonlyMap<string, StagingRepository | PublicRepository>
  | Readonly<Record<string, StagingRepository | PublicRepository>>

/** The effects of a verb, as arguments: your own repositories, clock and listener. */
export interface Ports {
  /** By the name that the plan gives them: a Map, or a plain object. */
  readonly repositories: Repositories
  /** @default the system's */
  readonly clock?: Clock | undefined
  /** Numbers from 0 to below 1, for the jitter of waits. @default Math.random */
  readonly random?: (() => number) | undefined
  /** Its errors and rejections are ignored: a broken log must not stop a release. */
  readonly onEvent?: ((event: TransferEvent) => void) | undefined
  /** Stops the run: nothing new is started, transfers under way are stopped, and the outcomes so far are returned. */
  readonly signal?: AbortSignal | undefined
  /** The given ones replace the defaults. @default `defaultLimits` */
  readonly limits?: Partial<Limits> | undefined
  /** Our manners towards each server, shared with whoever else talks to it. @default those that the repositories were opened with; else of this run alone */
  readonly hosts?: Hosts | undefined
}

/** All ports except the repositories, as options of a call. */
export const portOptions = {
  clock: 'optional',
  random: 'optional',
  onEvent: 'optional',
  signal: 'optional',
  limits: 'optional',
  hosts: 'optional',
} as const satisfies Record<keyof Omit<Ports, 'repositories'>, 'optional'>

/** The ports with their defaults. @throws {UsageError} one that is of another kind than its use, or that is needed and missing */
export function withDefaults(ports: Ports): Omit<DeliveryPorts, 'emit'> {
  expectOptions(ports, 'repositories')
  const clock = ports.clock ?? systemClock
  const random = ports.random ?? Math.random
  const limits = limitsWith(defaultLimits, ports.limits)
  const signal = ports.signal ?? new AbortController().signal
  // Every call and every wait of the run listens to it.
  setMaxListeners(0, signal)
  const hosts = ports.hosts ?? hostsOf(allOf(ports.repositories), new Hosts({ clock, random, limits }))
  return { clock, random, limits, signal, hosts }
}

/** Passes an event on. See `Ports.onEvent`. */
export function tell({ onEvent }: Pick<Ports, 'onEvent'>, event: TransferEvent): void {
  tellListener(() => onEvent?.(event))
}

function allOf(repositories: Repositories): Iterable<StagingRepository | PublicRepository> {
  return repositories instanceof Map ? repositories.values() : Object.values(repositories)
}

export function repositoryOf(
  { repositories }: Pick<Ports, 'repositories'>,
  name: string,
): StagingRepository | PublicRepository | undefined {
  if (repositories instanceof Map) return repositories.get(name)
  // The cast: a ReadonlyMap that is no Map is nothing that JavaScript has.
  return Object.hasOwn(repositories, name) ? (repositories as Exclude<Repositories, ReadonlyMap<string, unknown>>)[name] : undefined
}

/** @throws {UsageError} when the ports lack it, or it lacks a method that is needed */
export function repositoryNamed(
  ports: Pick<Ports, 'repositories'>,
  name: string,
  ...needed: readonly Operation[]
): StagingRepository | PublicRepository {
  const repository = repositoryOf(ports, name)
  if (repository === undefined)
    throw new UsageError({
      code: 'usage/repository',
      what: `the repository ${name} was not passed`,
      next: 'Open it first, or pass your own repository under this name.',
    })
  return checkedRepository(name, repository, ['observe', ...needed])
}

/** @throws {UsageError} when the ports lack it, or it cannot be read from */
export function stagingNamed(ports: Pick<Ports, 'repositories'>, name: string, ...needed: readonly Operation[]): StagingRepository {
  const repository = repositoryNamed(ports, name, ...needed)
  if (!isReadable(repository)) throw new UsageError({ code: 'usage/repository', what: `the staging repository ${name} is not readable` })
  return repository
}

function isReadable(repository: StagingRepository | PublicRepository): repository is StagingRepository {
  return repository.read !== undefined
}
