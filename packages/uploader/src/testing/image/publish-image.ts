import type { Content, ImageCoordinates, Outcome, SealedTag } from '@stagegate/schema'
import type { ImageRepository } from '../../contract/capabilities.js'
import { createHttpClient } from '../../http/create-client.js'
import { deliverImage } from '../../image/deliver-image.js'
import { Registry } from '../../repository/registry/registry.js'
import type { DeliveryPorts } from '../../transfer/delivery.js'
import { Hosts } from '../../transfer/host.js'
import { defaultLimits, type Limits } from '../../transfer/limits.js'
import { virtualClock } from '../fixtures.js'

/** A registry of the tests, as publishing opens it; its images are under a prefix. */
export function registryAt(url: string, prefix: string): Registry {
  const clock = virtualClock()
  const client = createHttpClient({ origin: url, secrets: () => undefined, clock })
  return new Registry({ prefix, client, visitors: client, clock })
}

/** Waits take no time. */
export function portsOf(some: Partial<Limits> = {}): DeliveryPorts {
  const ports = { clock: virtualClock(), random: () => 0.5, limits: { ...defaultLimits, ...some } }
  return { ...ports, hosts: new Hosts(ports), signal: new AbortController().signal, emit: () => undefined }
}

interface Publishing {
  readonly source: ImageRepository
  readonly to: ImageRepository
  readonly content: Content
  /** @default 1.0.0 */
  readonly version?: string
  /** Tags that move. @default latest */
  readonly moving?: readonly string[]
  readonly limits?: Partial<Limits>
  /** Ends the run. */
  readonly signal?: AbortSignal
}

/** Publishes `app`, staged under any tag, once. */
export async function publishImage({ source, to, content, version = '1.0.0', ...more }: Publishing): Promise<Outcome> {
  const { moving = ['latest'], limits, signal } = more
  const ports = portsOf(limits)
  const at: ImageCoordinates = { format: 'image', image: 'app', tag: version }
  const tags: SealedTag[] = [{ tag: version, moves: false }, ...moving.map((tag) => ({ tag, moves: true, scope: 0 }) as const)]
  const [arrival] = await deliverImage(
    {
      target: 'app',
      item: { coordinates: { ...at, tag: 'staged' }, content },
      source,
      from: source.host ?? 'staging',
      version,
      destinations: [{ plan: { repository: 'public', advisory: false }, repository: to, at, tags }],
    },
    signal === undefined ? ports : { ...ports, signal },
  ).arrivals
  if (arrival === undefined) throw new Error('Expected an arrival')
  return arrival.outcome
}
