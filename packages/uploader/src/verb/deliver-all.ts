import pLimit, { type LimitFunction } from 'p-limit'
import { withDeadline } from '../contract/call.js'
import { deliverImage, type ImageDelivery } from '../image/deliver-image.js'
import { type Ports, tell, withDefaults } from '../ports.js'
import { deliver } from '../transfer/deliver.js'
import type { Arrival, Delivery, Destination } from '../transfer/delivery.js'
import type { Happening } from '../transfer/event.js'
import { Listings } from '../transfer/listing.js'

/** An artifact's delivery, tagged by its kind. */
export type ArtifactDelivery = ({ readonly is: 'package' } & Delivery) | ({ readonly is: 'image' } & ImageDelivery)

/** Brings several artifacts to their destinations. A failed artifact stops no other. */
export async function deliverAll(deliveries: readonly ArtifactDelivery[], ports: Ports): Promise<Arrival[]> {
  const shared = withDefaults(ports)
  const { clock, limits } = shared
  const indexed = deliveries.flatMap((delivery) => (delivery.is === 'image' ? [] : delivery.destinations)).filter(hasIndex)
  const listings = new Listings(indexed.map(({ plan }) => plan.repository))
  const windows = new Windows(2 * limits.concurrency)
  const arrivals = await withDeadline(clock, limits.run, shared.signal, ({ signal }) =>
    Promise.all(
      deliveries.map(async (delivery) => {
        const { target, item } = delivery
        const emit = (event: Happening) => tell(ports, { at: clock.now(), target, ...item, ...event })
        const begun = await windows.of(delivery)(async () => {
          const its = { ...shared, signal, emit, listings }
          const delivering = delivery.is === 'image' ? deliverImage(delivery, its) : deliver(delivery, its)
          await Promise.race([delivering.arrivals, delivering.idle])
          return delivering
        })
        return begun.arrivals
      }),
    ),
  )
  return arrivals.flat()
}

function hasIndex({ repository }: Destination): boolean {
  return repository.list !== undefined
}

/**
 * Artifacts for the same places go a few at a time, so that the destinations of each are ready together and its bytes are read once. An
 * artifact that only waits for a host in trouble does not count.
 */
class Windows {
  readonly #size: number
  readonly #byPlaces = new Map<string, LimitFunction>()

  constructor(size: number) {
    this.#size = size
  }

  of({ destinations }: ArtifactDelivery): LimitFunction {
    const places = [...new Set(destinations.map(({ plan }) => plan.repository))].sort().join('\n')
    const window = this.#byPlaces.get(places) ?? pLimit(this.#size)
    this.#byPlaces.set(places, window)
    return window
  }
}
