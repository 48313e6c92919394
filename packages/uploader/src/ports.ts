import type { Clock } from './clock.js'
import type { PublicRepository, StagingRepository } from './repository/capabilities.js'
import type { TransferEvent } from './transfer/event.js'
import type { Hosts } from './transfer/host.js'
import type { Limits } from './transfer/limits.js'

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
