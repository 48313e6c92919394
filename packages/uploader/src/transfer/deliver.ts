import type { Readable } from 'node:stream'
import type { Outcome, PlannedDestination } from '@stagegate/schema'
import type { Clock } from '../clock.js'
import type { Call, Item, PublicRepository } from '../repository/capabilities.js'
import type { Happening } from './event.js'
import type { Hosts } from './host.js'
import { Lane } from './lane.js'
import type { Limits } from './limits.js'
import { Readings } from './reading.js'

export interface Destination {
  readonly plan: PlannedDestination
  readonly repository: PublicRepository
  /** The artifact's coordinates there: its distribution can differ from the staged one's. */
  readonly item: Item
}

export interface Delivery {
  readonly target: string
  readonly item: Item
  /** The host that the staged bytes come from, where it is one. */
  readonly from?: string | undefined
  /** The image whose part it is there, for a copy on the server's own side. */
  readonly fromImage?: string | undefined
  /** Opens the staged bytes, anew for each reading. Rejects with `NotThere` when they are gone. */
  open(call: Call): Promise<Readable>
  readonly destinations: readonly Destination[]
}

export interface DeliveryPorts {
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  readonly limits: Limits
  readonly hosts: Hosts
  readonly emit: (event: Happening) => void
}

/** An outcome, and where the artifact lies if it is there. */
export interface Arrival {
  readonly outcome: Outcome
  readonly location: string | undefined
  /** How it came there: by us, by the server's own copy, or it was there. */
  readonly how: 'sent' | 'copied' | 'there'
}

export interface Delivering {
  /** An outcome for each destination, in their order, whatever happens. */
  readonly arrivals: Promise<readonly Arrival[]>
  /** Resolves when all that is left waits for a host, or for another try: others can begin. */
  readonly idle: Promise<void>
}

/**
 * Brings one artifact to its destinations. Each goes its own way; the bytes are read once for all that lack them.
 */
export function deliver(delivery: Delivery, ports: DeliveryPorts): Delivering {
  const readings = new Readings(delivery, ports)
  // All are there before the first begins, so that it waits for the others.
  const lanes = delivery.destinations.map((destination) => new Lane(destination, delivery, readings, ports))
  return { arrivals: Promise.all(lanes.map((lane) => lane.run())), idle: readings.idle }
}
