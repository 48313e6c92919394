import { setTimeout as realTime } from 'node:timers/promises'
import { type Coordinates, describeCoordinates } from '@stagegate/schema'
import type { Body, Call, Item, Observation, PublicRepository, Written } from '../../contract/capabilities.js'
import { checkedRepository } from '../../contract/checked-repository.js'
import { bytesOf } from '../bytes.js'
import { type Artifact, bodyOf } from './artifacts.js'
import { bytesSaid, Calls, causeOf, type Ended, saidOf } from './calls.js'
import type { ConformanceOptions, Means, Optional, Place } from './place.js'

/** A case's place, with the calls that it makes there: each has an end, and a failure names it. */
export class Bench extends Calls {
  readonly repository: PublicRepository
  readonly #place: Place
  readonly #name: string

  constructor(place: Place, promise: string, { name = 'the repository', patience = 10_000, listedWithin = 10_000 }: ConformanceOptions) {
    super({ promise, name, patience, seenWithin: listedWithin })
    this.#place = place
    this.#name = name
    this.repository = this.#checked(place.repository)
  }

  /** The same place, by one of the means that it gives. */
  async by(means: Exclude<Means, 'remove'>): Promise<PublicRepository> {
    const open = this.#place[means]
    if (open === undefined) throw new Error(`Expected a place with ${means}()`)
    return this.#checked(await open())
  }

  async remove(location: string): Promise<void> {
    await this.#place.remove?.(location)
  }

  /** A method that the case needs. */
  method<M extends Optional | 'list'>(method: M, on = this.repository): NonNullable<PublicRepository[M]> {
    const found = on[method]
    if (found === undefined) throw new Error(`Expected a repository with ${method}()`)
    return found
  }

  observe(at: Coordinates, on = this.repository, call = this.call()): Promise<Ended<Observation>> {
    return this.ended(`observe(${describeCoordinates(at)})`, on.observe(at, call))
  }

  /** Writes it as the engine does: a repository with an index lists it then. */
  create({ item }: Pick<Artifact, 'item'>, body: Body, on = this.repository, call = this.call()): Promise<Ended<Written>> {
    const written = async () => {
      const answer = await on.create(item, body, call)
      if (answer.outcome !== 'accepted' || on.list === undefined) return answer
      const [listed = answer] = await this.#listing([item], on)
      return listed
    }
    return this.ended(this.creating(item), written())
  }

  /** Lists them in one go, again for as long as other writers are faster. */
  list(artifacts: readonly Pick<Artifact, 'item'>[], on = this.repository): Promise<Ended<readonly Written[]>> {
    const items = artifacts.map(({ item }) => item)
    return this.ended(this.listing(items), this.#listing(items, on))
  }

  listing(items: readonly Item[]): string {
    return `list(${items.map(({ coordinates }) => describeCoordinates(coordinates)).join(', ')})`
  }

  creating({ coordinates }: Item): string {
    return `create(${describeCoordinates(coordinates)})`
  }

  /** Writes them, which must be accepted. An index lists them in one go. */
  async put(...artifacts: readonly Artifact[]): Promise<void> {
    for (const artifact of artifacts) await this.send(artifact)
    if (this.repository.list !== undefined) await this.listed(artifacts)
  }

  /** Writes it, which must be accepted, and lists nothing. */
  async send(artifact: Artifact, on = this.repository): Promise<void> {
    const ended = await this.ended(this.creating(artifact.item), on.create(artifact.item, bodyOf(artifact), this.call()))
    if (ended.how !== 'returned' || ended.answer.outcome !== 'accepted')
      this.fail(this.creating(artifact.item), saidOf(ended), "{ outcome: 'accepted' }, for nothing is there", causeOf(ended))
  }

  /** Lists them, which must be accepted of each. */
  async listed(artifacts: readonly Artifact[], on = this.repository): Promise<void> {
    const ended = await this.list(artifacts, on)
    const isRight = ended.how === 'returned' && ended.answer.length === artifacts.length
    if (!isRight || ended.answer.some(({ outcome }) => outcome !== 'accepted'))
      this.fail(
        this.listing(artifacts.map(({ item }) => item)),
        saidOf(ended),
        "{ outcome: 'accepted' } for each, in their order",
        causeOf(ended),
      )
  }

  async absent({ item }: Artifact, on = this.repository): Promise<void> {
    const ended = await this.observe(item.coordinates, on)
    if (ended.how === 'returned' && ended.answer.saw === 'absent') return
    this.fail(`observe(${describeCoordinates(item.coordinates)})`, saidOf(ended), "{ saw: 'absent' }", causeOf(ended))
  }

  /** Looks until it is listed; with these bytes, as everybody gets them. Returns its location. */
  async there({ item, data }: Artifact, on = this.repository): Promise<string> {
    const { coordinates } = item
    const observing = `observe(${describeCoordinates(coordinates)})`
    const seen = await this.settled(
      () => this.observe(coordinates, on),
      (ended) => ended.how === 'returned' && ended.answer.saw === 'present',
    )
    if (seen.how !== 'returned' || seen.answer.saw !== 'present')
      return this.fail(observing, saidOf(seen), "{ saw: 'present' }, for it was written", causeOf(seen))
    const { sha256, size, location } = seen.answer
    if (sha256 !== undefined && sha256 !== item.content.sha256)
      this.fail(observing, `says the sha256 ${sha256}`, `${item.content.sha256}, or undefined if it is not known`)
    if (size !== undefined && size !== data.length)
      this.fail(observing, `says the size ${size}`, `${data.length}, or undefined if it is not known`)
    if (on.read !== undefined) await this.#sameBytes(`read(${location})`, async (call) => on.read?.(location, call), data)
    const { served } = on
    if (served !== undefined)
      await this.#sameBytes(`served(${describeCoordinates(coordinates)})`, (call) => served(coordinates, call), data)
    return location
  }

  /** Fails if the write says that it was done. */
  async notAccepted(artifact: Artifact, ended: Ended<Written>, expected: string): Promise<void> {
    if (ended.how === 'returned' && ended.answer.outcome === 'accepted') this.fail(this.creating(artifact.item), saidOf(ended), expected)
  }

  async #listing(items: readonly Item[], on: PublicRepository): Promise<readonly Written[]> {
    for (;;) {
      const call = this.call()
      const listed = await this.method('list', on)(items, call)
      if (listed.outcome === 'done') return listed.written
      const until = listed.until === undefined ? 0 : Date.parse(listed.until) - Date.now()
      if (Date.now() + until > Date.parse(call.deadline))
        return this.fail(this.listing(items), saidOf({ how: 'returned', answer: listed }), 'a time to wait for that ends')
      await realTime(Math.max(20, until))
    }
  }

  async #sameBytes(
    method: string,
    open: (call: Call) => Promise<Awaited<ReturnType<NonNullable<PublicRepository['served']>>>>,
    data: Buffer,
  ): Promise<void> {
    const read = async () => {
      const stream = await open(this.call())
      return stream === undefined ? undefined : bytesOf(stream)
    }
    const ended = await this.settled(
      () => this.ended(method, read()),
      (one) => one.how === 'returned' && one.answer !== undefined,
    )
    if (ended.how !== 'returned' || ended.answer === undefined)
      return this.fail(method, saidOf(ended), `a stream of the ${data.length} bytes that were written`, causeOf(ended))
    if (!ended.answer.equals(data))
      this.fail(method, `brought ${bytesSaid(ended.answer)}`, `the bytes that were written: ${bytesSaid(data)}`)
  }

  #checked(repository: PublicRepository): PublicRepository {
    return checkedRepository(this.#name, repository, ['observe', 'create'])
  }
}
