import type { ImageOutcome, Verdict } from '@stagegate/schema'
import type { Item, PublicRepository } from '../contract/capabilities.js'
import { type State, untried } from '../decide/decide.js'
import { problemIn } from '../decide/problem.js'
import type { DeliveryPorts } from '../transfer/delivery.js'
import type { ImageDelivery } from './deliver-image.js'
import type { Graph, PartItem } from './graph.js'
import { whereItBelongs } from './move-tag.js'
import { type Ask, persevere } from './persevere.js'
import { itemIn } from './read-part.js'
import { readWhole, type WholeImage } from './read-whole.js'
import { type ImageDestination, Side } from './side.js'

/** The parts of an image that a destination has, and where its tags would point. */
export interface ForeseenParts {
  /** All of its manifests and layers, or some of them. */
  readonly graph: 'present' | 'absent' | 'incomplete'
  /** How many blobs are there, and how many are missing. */
  readonly blobs: { readonly present: number; readonly absent: number }
  /** Before and after publishing; `because`: why one stays. */
  readonly tags: ImageOutcome['tags']
}

export interface ForeseenSide {
  readonly side: Side
  /** Something would be written. */
  readonly writes: boolean
  /** Set if nothing prevents publishing it. */
  readonly parts: ForeseenParts | undefined
}

interface ForesightPorts extends DeliveryPorts {
  /** The state at a repository. Looks again like publishing. Never rejects. */
  readonly see: (destination: ImageDestination['plan'], place: { repository: PublicRepository; host: string; item: Item }) => Promise<State>
  /** The verdict for a part in this state; for an absent part, with the state in staging. */
  readonly verdictOf: (there: State, staged: State | undefined) => Verdict
}

/** Looks at everything that `deliverImage` would, in the same way, and writes nothing. An outlook for each destination, in their order. */
export async function foreseeImage(delivery: ImageDelivery, ports: ForesightPorts): Promise<readonly ForeseenSide[]> {
  const foresight = new Foresight(delivery, ports)
  return Promise.all(
    delivery.destinations.map(async (destination) => {
      const foreseen = await foresight.of(new Side(destination))
      const state = foreseen.side.stopped === undefined ? foreseen.side.saw : 'unknown'
      ports.emit({ event: 'observed', destination: destination.plan, state })
      return foreseen
    }),
  )
}

interface PartSeen {
  readonly item: Item
  readonly is: State['is']
}

class Foresight {
  readonly #delivery: ImageDelivery
  readonly #ports: ForesightPorts
  /** Read once for all. */
  #staging: Promise<WholeImage> | undefined
  readonly #staged = new Map<string, Promise<State>>()

  constructor(delivery: ImageDelivery, ports: ForesightPorts) {
    this.#delivery = delivery
    this.#ports = ports
  }

  async of(side: Side): Promise<ForeseenSide> {
    const { item, source, from } = this.#delivery
    const nothing = { side, writes: false, parts: undefined }
    await side.look(this.#askAt(side), item.content.sha256)
    if (side.stopped !== undefined || side.saw === 'different') return nothing
    this.#staging ??= readWhole(this.#ask(from, side), source, item.coordinates.image, item.content)
    const staged = await this.#staging
    if (staged.is === 'whole') return this.#through(staged.graph, side, true)
    // Staging does not have it: the public image is checked against its own manifests.
    const { repository, at } = side.destination
    const there = side.saw === 'same' ? await readWhole(this.#askAt(side), repository, at.image, item.content) : staged
    const outlook = there.is === 'whole' ? await this.#through(there.graph, side, false) : nothing
    if (there.is === 'whole' && side.stopped === undefined) return outlook
    side.stopped = staged.stop
    return { ...outlook, writes: false }
  }

  async #through(whole: Graph, side: Side, hasStaging: boolean): Promise<ForeseenSide> {
    const { at } = side.destination
    const manifests = [...whole.manifests.values()].map(({ item }) => item)
    const seen = await Promise.all([...whole.blobs, ...manifests].map((item) => this.#part(item, whole, side, hasStaging)))
    // Nothing is reported about parts that could not be looked at.
    if (seen.some(({ is }) => is === 'unknown')) return { side, writes: false, parts: undefined }
    const there = seen.filter(({ is }) => is === 'same')
    const graph = there.length === seen.length ? 'present' : there.length === 0 ? 'absent' : 'incomplete'
    const present = there.filter(({ item }) => item.coordinates.format === 'blob').length
    const parts = { graph, blobs: { present, absent: whole.blobs.length - present } } as const
    if (side.stopped !== undefined) return { side, writes: false, parts: { ...parts, tags: [] } }
    try {
      const attached = await this.#attached(whole, side)
      const ours = this.#delivery.item.content.sha256
      const own = { tag: at.tag, before: side.saw === 'same' ? ours : null, after: ours }
      const tags = [own, ...(await this.#moving(side, [at.tag, ...attached]))]
      const writes = graph !== 'present' || attached.length > 0 || tags.some(({ before, after }) => before !== after)
      return { side, writes, parts: { ...parts, tags } }
    } catch (error) {
      side.failed(error)
      return { side, writes: false, parts: { ...parts, tags: [] } }
    }
  }

  async #part(item: PartItem, { attached }: Graph, side: Side, hasStaging: boolean): Promise<PartSeen> {
    const { repository, at, plan } = side.destination
    const host = repository.host ?? plan.repository
    const there = await this.#ports.see(plan, { repository, host, item: itemIn(item, at.image) })
    const blob = item.coordinates.format === 'blob'
    const staged = there.is !== 'absent' || !blob ? undefined : hasStaging ? await this.#inStaging(item, side) : ({ is: 'absent' } as const)
    const verdict = this.#ports.verdictOf(there, staged)
    if (verdict !== 'published' && verdict !== 'already-public') {
      const unknown = [there, staged].find((one) => one?.is === 'unknown')
      const problem = unknown?.is === 'unknown' ? unknown.because : problemIn(there, untried, item.content)
      side.stopAt(item, attached.get(item.content.sha256), { verdict, problem })
    }
    return { item, is: there.is }
  }

  /** Once for all destinations that lack it. */
  #inStaging(item: Item, { destination }: Side): Promise<State> {
    const { source, from } = this.#delivery
    const key = item.content.sha256
    const state = this.#staged.get(key) ?? this.#ports.see(destination.plan, { repository: source, host: from, item })
    this.#staged.set(key, state)
    return state
  }

  /** Tags of attachments that are not set there yet. */
  async #attached({ tags }: Graph, side: Side): Promise<readonly string[]> {
    const resolve = this.#resolver(side)
    const free: string[] = []
    for (const { tag } of tags) if ((await resolve(tag)) === undefined) free.push(tag)
    return free
  }

  /** `others`: tags that would be set before. */
  async #moving(side: Side, others: readonly string[]): Promise<ImageOutcome['tags']> {
    const { repository, at, tags } = side.destination
    const { version, item } = this.#delivery
    const ours = item.content.sha256
    const resolve = this.#resolver(side)
    const result: ImageOutcome['tags'][number][] = []
    for (const { tag, ...line } of tags) {
      if (!line.moves) continue
      const before = await resolve(tag)
      const listed = await this.#askAt(side)('tags', (call) => repository.tags(at.image, call))
      const all = [...new Set([...listed, ...others, ...result.flatMap((one) => (one.after === null ? [] : [one.tag]))])]
      const { after, because } = await whereItBelongs(before, { ours, version, line }, all, resolve)
      result.push({ tag, before: before ?? null, after: after ?? before ?? null, ...(because && { because }) })
    }
    return result
  }

  #resolver(side: Side) {
    const { repository, at } = side.destination
    return (tag: string) => this.#askAt(side)('resolve', (call) => repository.resolve({ image: at.image, tag }, call))
  }

  #askAt(side: Side): Ask {
    const { repository, plan } = side.destination
    return this.#ask(repository.host ?? plan.repository, side)
  }

  #ask(host: string, { destination }: Side): Ask {
    return (_operation, run) => persevere({ host: this.#ports.hosts.of(host), destination: destination.plan }, this.#ports, run)
  }
}
