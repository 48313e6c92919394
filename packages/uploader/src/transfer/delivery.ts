import type { Readable } from 'node:stream'
import type { Outcome, PlannedDestination } from '@stagegate/schema'
import type { Call, Item, PublicRepository } from '../contract/capabilities.js'
import type { Failure } from '../contract/repository-error.js'
import type { Happening } from './event.js'
import type { Hosts } from './host.js'
import type { Timing } from './limits.js'
import type { Listings } from './listing.js'

export interface Destination {
  readonly plan: PlannedDestination
  readonly repository: PublicRepository
  /** The artifact's coordinates there. The distribution may differ from the staged one's. */
  readonly item: Item
}

/** One artifact, or one part of an image, and where it goes. */
export interface Delivery {
  readonly target: string
  readonly item: Item
  /** The host that serves the staged bytes, if there is one. */
  readonly from?: string | undefined
  /** For a copy by the server, the name in the staging repository; for a part of an image, the image is at `from`. */
  readonly fromName?: string | undefined
  /** Opens the staged bytes, again for each reading. Rejects with `NotThere` if they are gone. */
  open(call: Call): Promise<Readable>
  readonly destinations: readonly Destination[]
}

export interface DeliveryPorts extends Timing {
  readonly hosts: Pick<Hosts, 'of'>
  /** Collects the artifacts for one index. @default each artifact is listed separately */
  readonly listings?: Listings | undefined
  readonly emit: (event: Happening) => void
}

/** An outcome, and where the artifact is, if it is there. */
export interface Arrival {
  readonly outcome: Outcome
  readonly location: string | undefined
  /** The failed call, if the destination is the reason that the artifact is missing. */
  readonly failure?: Failure | undefined
  /** How it got there: sent by us, copied by the server, or already there before. */
  readonly how: 'sent' | 'copied' | 'there'
}

export interface Delivering {
  /** An outcome for each destination, in their order, whatever happens. */
  readonly arrivals: Promise<readonly Arrival[]>
  /** Resolves when everything left waits for a host or for another try, so that other deliveries can start. */
  readonly idle: Promise<void>
}
