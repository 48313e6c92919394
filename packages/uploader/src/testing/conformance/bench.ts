import { setTimeout as realTime } from 'node:timers/promises'
import { type Coordinates, describeCoordinates, instant, later, type Sha256 } from '@stagegate/schema'
import type { Body, Call, Item, Observation, PublicRepository, Written } from '../../contract/capabilities.js'
import { checkedRepository, shownAnswer } from '../../contract/checked-repository.js'
import { bytesOf, contentOf } from '../bytes.js'
import { type Artifact, bodyOf } from './artifacts.js'
import { ConformanceError } from './conformance-error.js'
import type { ConformanceOptions, Means, Optional, Place } from './place.js'

/** How a call ended. */
export type Ended<T> = { readonly how: 'returned'; readonly answer: T } | { readonly how: 'threw'; readonly error: unknown }

/** A case's place, with the calls that it makes there: each has an end, and a failure names it. */
export class Bench {
  readonly repository: PublicRepository
  readonly #place: Place
  readonly #promise: string
  readonly #name: string
  readonly #patience: number
  readonly #listedWithin: number

  constructor(place: Place, promise: string, { name = 'the repository', patience = 10_000, listedWithin = 10_000 }: ConformanceOptions) {
    this.#place = place
    this.#promise = promise
    this.#name = name
    this.#patience = patience
    this.#listedWithin = listedWithin
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

  call(signal: AbortSignal = new AbortController().signal): Call {
    return { signal, deadline: later(instant(Date.now()), this.#patience / 1000) }
  }

  /** Ends at the latest when its time is over. */
  async ended<T>(method: string, running: Promise<T>): Promise<Ended<T>> {
    const over = new AbortController()
    const late = realTime(this.#patience, undefined, { signal: over.signal }).then(
      () => this.fail(method, `has not ended after ${this.#patience / 1000} s`, 'that every call has an end'),
      () => new Promise<never>(() => undefined),
    )
    try {
      return await Promise.race([
        running.then(
          (answer) => ({ how: 'returned', answer }) as const,
          (error: unknown) => ({ how: 'threw', error }) as const,
        ),
        late,
      ])
    } finally {
      over.abort()
    }
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
    const seen = await this.#listed(
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

  /** Fails unless the call threw. */
  async throws(method: string, running: Promise<unknown>, expected: string): Promise<unknown> {
    const ended = await this.ended(method, running)
    return ended.how === 'threw' ? ended.error : this.fail(method, saidOf(ended), expected)
  }

  /** Fails if the write says that it was done. */
  async notAccepted(artifact: Artifact, ended: Ended<Written>, expected: string): Promise<void> {
    if (ended.how === 'returned' && ended.answer.outcome === 'accepted') this.fail(this.creating(artifact.item), saidOf(ended), expected)
  }

  fail(method: string, came: string, expected: string, cause?: unknown): never {
    throw new ConformanceError({ promise: this.#promise, repository: this.#name, method, came, expected, cause })
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
    const ended = await this.#listed(
      () => this.ended(method, read()),
      (one) => one.how === 'returned' && one.answer !== undefined,
    )
    if (ended.how !== 'returned' || ended.answer === undefined)
      return this.fail(method, saidOf(ended), `a stream of the ${data.length} bytes that were written`, causeOf(ended))
    if (!ended.answer.equals(data))
      this.fail(method, `brought ${bytesSaid(ended.answer)}`, `the bytes that were written: ${bytesSaid(data)}`)
  }

  /** Asks again until it is as it should be, as long as a server may take to list what it has. */
  async #listed<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
    const until = performance.now() + this.#listedWithin
    for (;;) {
      const answer = await ask()
      if (isRight(answer) || performance.now() > until) return answer
      await realTime(20)
    }
  }

  #checked(repository: PublicRepository): PublicRepository {
    return checkedRepository(this.#name, repository, ['observe', 'create'])
  }
}

/** A call's end, for a message. */
export function saidOf(ended: Ended<unknown>): string {
  if (ended.how === 'returned') return `returned ${shownAnswer(ended.answer)}`
  return `threw ${ended.error instanceof Error ? `${ended.error.name}: ${ended.error.message.split('\n', 1)[0]}` : shownAnswer(ended.error)}`
}

export function causeOf(ended: Ended<unknown>): unknown {
  return ended.how === 'threw' ? ended.error : undefined
}

function bytesSaid(data: Buffer): string {
  const { sha256, size }: { sha256: Sha256; size: number } = contentOf(data)
  return `${size} bytes with the sha256 ${sha256.slice(0, 12)}…`
}
