import type { Readable } from 'node:stream'
import { type Content, type Coordinates, later, type Sha256 } from '@stagegate/schema'
import {
  type Body,
  type Call,
  type Item,
  NotThere,
  type Observation,
  type StagingRepository,
  type Written,
} from '../../contract/capabilities.js'
import { PutOff } from '../../contract/put-off.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { holdBack } from '../../transfer/fan-out.js'
import { contentOf, placeOf } from '../fixtures.js'
import { downloadOf, servedBy } from './download.js'
import { type CreateFault, nothingWrong, type ObserveFault, type ReadFault, reset, type Script } from './faults.js'
import { type Happened, Killed, type Run, wrongToSend } from './run.js'
import { virtualTime } from './time.js'

export interface Traits {
  /** Repositories of one host share its limits. @default a host of its own */
  readonly host: string | undefined
  /** Whether its public files can be read back. */
  readonly reads: boolean
  /** Whether an upload is seen while it grows, and kept when it is broken off. */
  readonly inPlace: boolean
}

export interface Stored {
  data: Buffer
  /** `us`: what a run of ours sent, whole. */
  by: 'us' | 'part of ours' | 'the server' | 'somebody else'
  readonly listedFrom: number
  readonly digestFrom: number
  /** How often it will still be listed. */
  sightings: number
}

const known = new WeakMap<Buffer, Content>()
/** Bytes are never changed in place, and looked at often. */
function contentFor(data: Buffer): Content {
  const content = known.get(data) ?? contentOf(data)
  known.set(data, content)
  return content
}
const otherDigest = contentOf(Buffer.from('something else')).sha256

/** A repository in memory, which does wrong what its script says, and watches what a run does to it. */
export class Server {
  readonly name: string
  readonly traits: Traits
  readonly store = new Map<string, Stored>()
  /** What it lost by itself. */
  readonly lost = new Set<string>()
  /** Every stream that it gave out. */
  readonly streams: Readable[] = []
  readonly #random: () => number
  readonly #role: 'staging' | 'public'
  readonly #sealed: (place: string) => Buffer
  #script: { create: CreateFault[]; observe: ObserveFault[]; read: ReadFault[] } = { create: [], observe: [], read: [] }

  constructor(parts: {
    name: string
    role: 'staging' | 'public'
    traits: Traits
    random: () => number
    /** The bytes that must be there. */
    sealed: (place: string) => Buffer
  }) {
    this.name = parts.name
    this.traits = parts.traits
    this.#role = parts.role
    this.#random = parts.random
    this.#sealed = parts.sealed
  }

  get host(): string {
    return this.traits.host ?? this.name
  }

  play({ create, observe, read }: Script): void {
    this.#script = { create: [...create], observe: [...observe], read: [...read] }
  }

  /** As a run sees it. */
  for(run: Run): StagingRepository {
    const counts = this.#role === 'public'
    const asked = <T>(ask: () => Promise<T>, begun = false): Promise<T> => {
      const answered = run.asks(this.host, { counts, begun })
      return ask()
        .finally(answered)
        .catch((error: unknown) => {
          // Nobody hears what would be said to a process that is no more.
          if (error instanceof Killed) return new Promise<never>(() => undefined)
          throw error
        })
    }
    const repository: StagingRepository = {
      ...(this.traits.host !== undefined && { host: this.traits.host }),
      observe: (at, call) => asked(() => this.#observe(run, at, call)),
      create: (item, body, call) => {
        this.#mayBeSent(run, item)
        if (this.#script.create[0]?.do === 'throw-at-once') {
          this.#take(run, 'create')
          run.trace(this.name, placeOf(item.coordinates)).push({ is: 'sending' }, { is: 'ambiguous' })
          throw reset()
        }
        return asked(() => this.#create(run, item, body, call))
      },
      // Of a public one, the second half of a look.
      read: (location, call) => asked(() => this.#read(run, location, call), counts),
    }
    // The cast: a public repository need not be readable, and this one is given to publish as a public one.
    return this.traits.reads ? repository : ({ ...repository, read: undefined } as unknown as StagingRepository)
  }

  /** Somebody else puts something there. */
  put(place: string, data: Buffer): void {
    if (!this.store.has(place)) this.#keep(place, data, 'somebody else')
  }

  /** Whatever it would still do wrong with what it has, it does now no more. */
  recover(): void {
    this.play(nothingWrong)
    for (const stored of this.store.values()) stored.sightings = Number.POSITIVE_INFINITY
  }

  #keep(place: string, data: Buffer, by: Stored['by'], fault?: CreateFault): void {
    const seconds = fault !== undefined && 'seconds' in fault ? (fault.seconds ?? 0) : 0
    const lateBy = virtualTime.now + seconds * 1000
    this.store.set(place, {
      data,
      by,
      listedFrom: fault?.do === 'list-late' ? lateBy : 0,
      digestFrom: fault?.do === 'digest-late' ? lateBy : 0,
      sightings: fault?.do === 'list-then-lose' ? fault.times : Number.POSITIVE_INFINITY,
    })
  }

  #take<K extends keyof Script>(run: Run, what: K): Script[K][number] | undefined {
    const fault: Script[K][number] | undefined = this.#script[what].shift()
    if (fault !== undefined) run.wronged.add(this.host)
    return fault
  }

  async #observe(run: Run, at: Coordinates, call: Call): Promise<Observation> {
    const place = placeOf(at)
    const trace = run.trace(this.name, place)
    try {
      const seen = await this.#look(run, place, call)
      trace.push(happened(seen))
      run.point()
      return seen
    } catch (error) {
      trace.push({ is: 'unknown' })
      throw error
    }
  }

  async #look(run: Run, place: string, call: Call): Promise<Observation> {
    const fault = this.#take(run, 'observe')
    await this.#time(call)
    run.point()
    if (fault !== undefined) await this.#trouble(run, fault, call)
    const stored = this.store.get(place)
    if (stored === undefined || fault?.do === 'see-nothing') return { saw: 'absent' }
    if (stored.sightings-- <= 0) {
      this.store.delete(place)
      this.lost.add(place)
    }
    const late = stored.listedFrom > virtualTime.now || stored.digestFrom > virtualTime.now || Number.isFinite(stored.sightings)
    if (late) run.wronged.add(this.host)
    if (stored.listedFrom > virtualTime.now || !this.store.has(place)) return { saw: 'absent' }
    const { sha256, size } = contentFor(stored.data)
    const here = { saw: 'present', size, location: place } as const
    if (fault?.do === 'no-digest' || stored.digestFrom > virtualTime.now) return { ...here, size: undefined, sha256: undefined }
    if (fault?.do === 'other-digest') return { ...here, sha256: otherDigest }
    // The cast: what a module in plain JavaScript can return.
    if (fault?.do === 'nonsense') return { ...here, sha256: sha256.toUpperCase() as Sha256 }
    return { ...here, sha256 }
  }

  /** Statements 3 and 9. */
  #mayBeSent(run: Run, { coordinates }: Item): void {
    const place = placeOf(coordinates)
    const wrong = wrongToSend(run.trace(this.name, place))
    if (wrong !== undefined) run.violated(`${place} was sent to ${this.name} ${wrong}`)
  }

  async #create(run: Run, item: Item, body: Body, call: Call): Promise<Written> {
    const place = placeOf(item.coordinates)
    const trace = run.trace(this.name, place)
    trace.push({ is: 'sending' })
    const fault = this.#take(run, 'create')
    let ended: Happened = { is: 'ambiguous' }
    try {
      await this.#time(call)
      run.point()
      if (fault !== undefined) await this.#trouble(run, fault, call)
      if (fault?.do === 'accept-unread') {
        ended = { is: 'accepted-unread' }
        return { outcome: 'accepted' }
      }
      const written = await this.#receive(run, item, place, body, call, fault)
      run.point()
      if (fault?.do === 'lose-answer') throw reset()
      if (fault?.do === 'keep-and-hang') await forever(call)
      // The cast: what a module in plain JavaScript can return.
      if (fault?.do === 'answer-nonsense') return { outcome: 'ok' } as unknown as Written
      ended = { is: written.outcome }
      return written
    } catch (error) {
      if (error instanceof PutOff) ended = { is: 'put-off' }
      if (error instanceof RepositoryRefusal) {
        ended = { is: 'refused' }
        return { outcome: 'refused', because: { code: error.code, message: error.message } }
      }
      throw error
    } finally {
      trace.push(ended)
    }
  }

  async #receive(run: Run, item: Item, place: string, body: Body, call: Call, fault?: CreateFault): Promise<Written> {
    const { inPlace } = this.traits
    if (inPlace && this.store.has(place)) return { outcome: 'exists' }
    let data = Buffer.alloc(0)
    if (inPlace) this.#keep(place, data, 'part of ours')
    let left = fault !== undefined && 'at' in fault ? fault.at * item.content.size : Number.POSITIVE_INFINITY
    const grown = async () => {
      if (data.length < left) return
      left = Number.POSITIVE_INFINITY
      if (fault?.do === 'reset') throw reset()
      if (fault?.do === 'hang') await forever(call)
      if (fault?.do === 'stall') await virtualTime.clock.sleep(fault.seconds * 1000, call.signal)
    }
    await grown()
    for await (const chunk of body.stream() as AsyncIterable<Buffer>) {
      data = Buffer.concat([data, chunk])
      run.received.set(`${this.name} ${place}`, (run.received.get(`${this.name} ${place}`) ?? 0) + chunk.length)
      this.#watchBytes(run, place, data)
      if (inPlace) this.#keep(place, data, 'part of ours')
      run.point()
      await grown()
      if (this.#random() < 0.3) await this.#time(call)
    }
    if (!data.equals(this.#sealed(place))) run.violated(`${this.name} got a whole ${place} that is not what was sealed`)
    // Another upload may have been quicker; one in place is ours from its first byte on.
    if (!inPlace && this.store.has(place)) return { outcome: 'exists' }
    if (fault?.do === 'forget') this.store.delete(place)
    else if (fault?.do === 'keep-other-bytes') this.#keep(place, Buffer.concat([data, Buffer.from('!')]), 'the server')
    else this.#keep(place, data, 'us', fault)
    return { outcome: 'accepted', location: place }
  }

  /** Statement 1: what is held back until everything was right begins as it should. */
  #watchBytes(run: Run, place: string, data: Buffer): void {
    if (data.length <= Math.max(0, this.#sealed(place).length - holdBack)) return
    if (!this.#sealed(place).subarray(0, data.length).equals(data))
      run.violated(`${this.name} got the last bytes of something else than was sealed`)
  }

  async #read(run: Run, location: string, call: Call): Promise<Readable> {
    const trace = run.trace(this.name, location)
    const fault = this.#take(run, 'read')
    try {
      await this.#time(call)
      run.point()
      if (fault !== undefined) await this.#trouble(run, fault, call)
      const stored = this.store.get(location)
      if (stored === undefined || fault?.do === 'not-there') {
        trace.push({ is: 'gone' })
        throw new NotThere(`${location} is gone`)
      }
      const served = servedBy(stored.data, fault)
      const shown: Happened = { is: 'seen', sha256: contentFor(served.data).sha256 }
      // Whoever reads something back has seen it when it ends; what staging gives can be found wrong before, as it is too much.
      const enough = served.end === 'well' || served.data.length > this.#sealed(location).length
      if (this.#role === 'staging' && enough) trace.push(shown)
      const stream = downloadOf(served, () => this.#role === 'public' && trace.push(shown))
      this.streams.push(stream)
      return stream
    } catch (error) {
      trace.push({ is: 'unknown' })
      throw error
    }
  }

  /** What can go wrong with anything. */
  async #trouble(run: Run, fault: CreateFault | ObserveFault | ReadFault, call: Call): Promise<void> {
    if (fault.do === 'refuse') throw new RepositoryRefusal({ code: 'repository/unauthorized', what: 'the credential is not accepted' })
    if ('at' in fault) return
    if (fault.do === 'hang') await forever(call)
    if (fault.do === 'reset') throw reset()
    if (fault.do !== 'put-off' && fault.do !== 'busy') return
    const { seconds } = fault
    const until = seconds === undefined ? undefined : later(virtualTime.clock.now(), seconds)
    if (until !== undefined) run.leaveAlone(this.host, Date.parse(until))
    if (fault.do === 'put-off') throw new PutOff({ what: 'asked too often', until })
    throw Object.assign(new Error('the server is busy'), { retryAfter: seconds })
  }

  /** Every answer takes a moment. */
  async #time(call: Call): Promise<void> {
    await virtualTime.clock.sleep(Math.ceil(this.#random() * 40), call.signal)
  }
}

function happened(seen: Observation): Happened {
  if (seen.saw === 'absent') return { is: 'absent' }
  return seen.sha256 === undefined ? { is: 'undigested' } : { is: 'seen', sha256: seen.sha256 }
}

/** Nothing is heard any more, until the call is broken off. */
function forever({ signal }: Call): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
