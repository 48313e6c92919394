import { Readable } from 'node:stream'
import { bytes, type ImageCoordinates, type Instant, type Outcome, type Sha256, StagegateError } from '@stagegate/schema'
import pLimit from 'p-limit'
import type { Call, ImageRepository, Item, PublicRepository } from '../contract/capabilities.js'
import { millisecondsBetween } from '../contract/clock.js'
import { ofDestination, ofSource } from '../contract/problem.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { deliver } from '../transfer/deliver.js'
import type { Arrival, Delivering, DeliveryPorts } from '../transfer/delivery.js'
import type { Happening } from '../transfer/event.js'
import type { Graph, PartItem } from './graph.js'
import { moveTag } from './move-tag.js'
import { type Ask, persevere } from './persevere.js'
import { itemIn, readPart, readThere } from './read-part.js'
import { readWhole } from './read-whole.js'
import { type ImageDestination, Side, type Stop } from './side.js'
import { versionRefused } from './tag-refusal.js'
import { waves } from './waves.js'

export interface ImageDelivery {
  readonly target: string
  /** The image as it is staged; its content is that of the top manifest. */
  readonly item: Item & { readonly coordinates: ImageCoordinates }
  readonly source: ImageRepository
  /** The source's host. */
  readonly from: string
  readonly version: string
  readonly destinations: readonly ImageDestination[]
}

/** A part, and the source of its bytes. */
interface Part {
  readonly item: PartItem
  /** The manifest that it is attached to, if it is not part of the build. */
  readonly about: Sha256 | undefined
  open(call: Call): Promise<Readable>
}

/**
 * Brings a complete image to its destinations: blobs, manifests (referenced ones first), referrers, and the tags last. Each part is
 * delivered like a package; existing parts are not moved.
 */
export function deliverImage(delivery: ImageDelivery, ports: DeliveryPorts): Delivering {
  const arrivals = new ImageTransfer(delivery, ports).run()
  return { arrivals, idle: arrivals.then(() => undefined) }
}

class ImageTransfer {
  readonly #delivery: ImageDelivery
  readonly #ports: DeliveryPorts
  readonly #startedAt: Instant

  constructor(delivery: ImageDelivery, ports: DeliveryPorts) {
    this.#delivery = delivery
    this.#ports = ports
    this.#startedAt = ports.clock.now()
  }

  async run(): Promise<readonly Arrival[]> {
    const { clock } = this.#ports
    const sides = this.#delivery.destinations.map((destination) => new Side(destination))
    await Promise.all(sides.map((side) => side.look(this.#askAt(side), this.#delivery.item.content.sha256)))
    const looked = clock.now()
    // A side with different bytes under this name is not written to at all.
    await this.#copyAll(sides.filter(({ saw, stopped }) => saw !== 'different' && stopped === undefined))
    const copied = clock.now()
    return Promise.all(sides.map(async (side) => this.#settle(side, await this.#finish(side), looked, copied)))
  }

  /** Everything except the tags. */
  async #copyAll(sides: readonly Side[]): Promise<void> {
    const { source, item, from } = this.#delivery
    // If it has to wait for staging, one of them reports that.
    const [first] = sides
    if (first === undefined) return
    const read = await readWhole(this.#ask(from, first), source, item.coordinates.image, item.content)
    if (read.is === 'whole') {
      await this.#copyGraph(read.graph, sides, source)
      return
    }
    const stop = { ...read.stop, problem: read.stop.problem && ofSource(read.stop.problem) }
    for (const side of sides) {
      side.stopped = stop
      if (side.saw === 'same') await this.#checkAlone(side, stop)
    }
  }

  /** Staging does not have it: the public image is checked against its own manifests. */
  async #checkAlone(side: Side, lost: Stop): Promise<void> {
    const { repository, at } = side.destination
    const read = await readWhole(this.#askAt(side), repository, at.image, this.#delivery.item.content)
    if (read.is === 'stopped') return
    side.stopped = undefined
    await this.#copyGraph(read.graph, [side], undefined)
    if (side.stopped !== undefined) side.stopped = lost
  }

  /** Children before parents; a side that lacks a part gets nothing that refers to it. */
  async #copyGraph(graph: Graph, sides: readonly Side[], source: ImageRepository | undefined): Promise<void> {
    const open = () => sides.filter(({ stopped }) => stopped === undefined)
    const blobs = graph.blobs.map((item) => {
      const about = graph.attached.get(item.content.sha256)
      return { item, about, open: (call: Call) => readPart(source, item, about, call) }
    })
    await this.#copyParts(blobs, open())
    for (const wave of waves(graph.manifests)) {
      const manifests = wave.map(({ item, data }) => ({
        item,
        about: graph.attached.get(item.content.sha256),
        open: async () => Readable.from([data]),
      }))
      await this.#copyParts(manifests, open())
    }
    for (const side of open()) side.leftOut.push(...graph.gone)
    await Promise.all(open().map((side) => this.#attach(graph, side)))
  }

  async #copyParts(parts: readonly Part[], sides: readonly Side[]): Promise<void> {
    // The hosts have their own limits; this one keeps an image from queueing all of its parts there at once.
    const limit = pLimit(4 * this.#ports.limits.concurrency)
    const onBytes = this.#progress(parts, sides)
    await Promise.all(parts.map((part) => limit(() => this.#copyPart(part, sides, onBytes(part)))))
  }

  async #copyPart({ item, about, open }: Part, all: readonly Side[], onBytes: (sum: number) => void): Promise<void> {
    const { target, from, source } = this.#delivery
    const fromName = item.coordinates.format === 'blob' ? source.nameOnHost?.(item.coordinates.image) : undefined
    const sides = all.filter(({ goesOn }) => goesOn)
    const { arrivals } = deliver(
      {
        target,
        item,
        from,
        fromName,
        open,
        destinations: sides.map(({ destination: { plan, repository, at } }) => ({ plan, repository, item: itemIn(item, at.image) })),
      },
      {
        ...this.#ports,
        emit: (event) => (event.event === 'progress' ? onBytes(event.bytes) : this.#tellTrouble(event)),
      },
    )
    for (const [index, arrival] of (await arrivals).entries()) sides[index]?.note(arrival, item, about)
  }

  /** How much of all blobs together has been read. */
  #progress(parts: readonly Part[], sides: readonly Side[]): (part: Part) => (sum: number) => void {
    const destinations = sides.map(({ destination }) => destination.plan)
    const of = parts.reduce((sum, { item }) => sum + item.content.size, 0)
    let all = 0
    return ({ item }) => {
      let before = 0
      return (sum) => {
        all += sum - before
        before = sum
        if (item.coordinates.format === 'blob') this.#ports.emit({ event: 'progress', destinations, bytes: all, of })
      }
    }
  }

  /** Verdicts of parts are reported as the image's. */
  #tellTrouble(event: Happening): void {
    if (event.event === 'waiting' || event.event === 'given-up') this.#ports.emit(event)
  }

  async #attach(graph: Graph, side: Side): Promise<void> {
    const { repository, at } = side.destination
    const ask = this.#askAt(side)
    try {
      for (const { subject, descriptors } of graph.referrers)
        await ask('attach', (call) => repository.attach(at.image, subject, descriptors, call))
      for (const { tag, digest } of graph.tags) {
        const place = { image: at.image, tag }
        await ask('point', async (call) => {
          // A signature by somebody else stays.
          if ((await repository.resolve(place, call)) !== undefined) return
          const written = await repository.point(place, digest, undefined, call)
          if (written.outcome === 'refused')
            throw new RepositoryRefusal({ code: written.because.code, what: written.because.message, where: tag })
          side.wrote = true
          if ((await repository.resolve(place, call)) === undefined)
            throw new StagegateError({
              code: 'repository/not-listed',
              what: 'the registry accepted the tag but does not list it',
              where: tag,
            })
        })
      }
    } catch (error) {
      side.failed(error)
    }
  }

  /** The tag that never moves, like a package's name; then those that move. */
  async #finish(side: Side): Promise<Arrival | undefined> {
    if (side.stopped !== undefined) return undefined
    const { repository, at, plan } = side.destination
    const { target, item: staged } = this.#delivery
    const { content } = staged
    const item = { coordinates: at, content }
    const tagging: PublicRepository = {
      host: repository.host,
      observe: (coordinates, call) => repository.observe(coordinates, call),
      create: async (_, body, call) => {
        for await (const _ of body.stream());
        const written = await repository.point(at, content.sha256, undefined, call)
        return written.outcome === 'refused' ? { ...written, because: versionRefused(written.because, at.tag) } : written
      },
    }
    const { arrivals } = deliver(
      {
        target,
        item,
        open: (call) => readThere(repository, at.image, content, call),
        destinations: [{ plan, repository: tagging, item }],
      },
      { ...this.#ports, emit: (event) => this.#tellTrouble(event) },
    )
    const [arrival] = await arrivals
    if (arrival === undefined) throw new Error('Expected an arrival')
    const after = arrival.outcome.seen ?? null
    // A write that was refused, where somebody else's is there now, was not done by us.
    const isOurs = arrival.how === 'sent' && arrival.outcome.verdict !== 'already-public'
    if (isOurs) side.wrote = true
    side.tags.push({ tag: at.tag, before: isOurs ? null : after, after })
    if (arrival.location !== undefined) await this.#moveTags(side)
    const { failure } = arrival
    return failure?.operation === 'create' ? { ...arrival, failure: { ...failure, operation: 'point' } } : arrival
  }

  async #moveTags(side: Side): Promise<void> {
    const { repository, at, tags } = side.destination
    const { version, item } = this.#delivery
    for (const { tag, ...line } of tags) {
      if (!line.moves) continue
      try {
        const place = { image: at.image, tag }
        const forward = { ours: item.content.sha256, version, line, own: at.tag }
        const moved = await moveTag(repository, place, forward, this.#askAt(side))
        side.tags.push({ tag, ...moved })
        if (moved.before !== moved.after) side.wrote = true
      } catch (error) {
        side.failed(error)
        return
      }
    }
  }

  #askAt(side: Side): Ask {
    const { repository, plan } = side.destination
    const ask = this.#ask(repository.host ?? plan.repository, side)
    return (operation, run) => {
      side.asked = operation
      return ask(operation, run)
    }
  }

  #ask(host: string, { destination }: Side): Ask {
    return (_operation, run) => persevere({ host: this.#ports.hosts.of(host), destination: destination.plan }, this.#ports, run)
  }

  #settle(side: Side, arrival: Arrival | undefined, looked: Instant, copied: Instant): Arrival {
    const { clock, emit, signal } = this.#ports
    const { target, item } = this.#delivery
    const finishedAt = clock.now()
    const own = arrival?.outcome
    const reached = own?.verdict === 'already-public' && side.wrote ? 'published' : own?.verdict
    const verdict = side.stopped?.verdict ?? reached ?? 'undetermined'
    const there = verdict === 'published' || verdict === 'already-public'
    const problem = side.stopped === undefined ? own?.problem : side.stopped.problem
    const outcome: Outcome = {
      target,
      destination: side.destination.plan,
      coordinates: side.destination.at,
      expected: item.content,
      ...(own?.seen !== undefined && { seen: own.seen }),
      verdict,
      ...(problem !== undefined && !there && { problem: signal.aborted ? problem : ofDestination(problem) }),
      bytesSent: bytes(side.sent),
      startedAt: this.#startedAt,
      finishedAt,
      image: {
        blobs: { ...side.blobs },
        added: side.added.toSorted(),
        ...(side.leftOut.length > 0 && { leftOut: side.leftOut }),
        tags: side.tags,
      },
      milliseconds: {
        waiting: 0,
        looking: millisecondsBetween(this.#startedAt, looked),
        sending: millisecondsBetween(looked, copied),
        confirming: millisecondsBetween(copied, finishedAt),
      },
    }
    emit({ event: 'verdict', outcome })
    const { moved, mounted } = side.blobs
    const failure = outcome.problem?.side === 'destination' ? (side.stopped ?? arrival)?.failure : undefined
    return { outcome, location: there ? arrival?.location : undefined, failure, how: moved > 0 ? 'sent' : mounted > 0 ? 'copied' : 'there' }
  }
}
