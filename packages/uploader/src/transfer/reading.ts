import { setMaxListeners } from 'node:events'
import type { Readable } from 'node:stream'
import { type Instant, type PlannedDestination, type Problem, StagegateError } from '@stagegate/schema'
import { causeOf, streamOf, withDeadline } from '../contract/call.js'
import { type Body, type Call, NotThere } from '../contract/capabilities.js'
import { ofSource, problemOf } from '../contract/problem.js'
import { PutOff } from '../contract/put-off.js'
import { isFinal } from '../contract/refusal.js'
import type { Staged } from '../decide/decide.js'
import { ContentMismatch } from './content-mismatch.js'
import type { Delivery, DeliveryPorts } from './delivery.js'
import { type FanOut, fanOut } from './fan-out.js'
import { type Host, HostGivenUp, type OnWait } from './host.js'
import { sendTimeoutFor } from './limits.js'
import { untilIn } from './look.js'

/** A destination that wants the bytes. */
export interface Reader {
  readonly plan: PlannedDestination
  readonly host: Host
  /** Sends them. Never rejects. */
  serve(body: Body, call: Call): Promise<void>
}

/** The result of a reading for one of its readers; `undefined` if its host could no longer be asked and nothing was done. */
export type ReadingResult = Served | undefined

interface Served {
  /** How many bytes it took. */
  readonly bytes: number
  /** Why the source did not give all of them, if it did not. */
  readonly sourceProblem: Problem | undefined
}

/** A reading in progress. */
interface UnderWay {
  readonly fan: FanOut
  readonly call: Call
  /** The source's problem, once the reading is over. */
  readonly over: Promise<Problem | undefined>
}

interface Waiting {
  readonly reader: Reader
  readonly done: (result: ReadingResult) => void
}

/**
 * The staged bytes of one artifact, read once for all destinations that want them at about the same time. A destination that is ready waits
 * for those that are preparing, but not for long, and not for one whose host has problems.
 */
export class Readings {
  /** The state of the staged bytes. */
  staged: Staged = 'unread'
  /** Why they could not be read. */
  problem: Problem | undefined
  /** Resolves when everything that is left waits for a host, or for another try. */
  readonly idle: Promise<void>
  readonly #delivery: Delivery
  readonly #ports: DeliveryPorts
  readonly #source: Host | undefined
  readonly #coming = new Set<Reader>()
  #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #reading = 0
  /** Consecutive readings that the source broke. */
  #failures = 0
  #putOffs = 0
  #beIdle: () => void = () => undefined

  constructor(delivery: Delivery, ports: DeliveryPorts) {
    this.#delivery = delivery
    this.#ports = ports
    this.#source = delivery.from === undefined ? undefined : ports.hosts.of(delivery.from)
    this.idle = new Promise((resolve) => {
      this.#beIdle = resolve
    })
  }

  /** This destination may want the bytes soon. */
  coming(reader: Reader): void {
    this.#coming.add(reader)
  }

  /** This destination will not want them for now. */
  notComing(reader: Reader): void {
    this.#coming.delete(reader)
    if (this.#coming.size > 0) return
    if (this.#waiting.length > 0) this.#begin()
    else if (this.#reading === 0) this.#beIdle()
  }

  /** Waits until the source may be asked. If it is given up, `staged` says so. */
  async ready(onWait: OnWait): Promise<void> {
    try {
      await this.#source?.ready(this.#ports.signal, onWait)
    } catch (error) {
      if (!(error instanceof HostGivenUp)) throw error
      this.staged = 'silent'
      this.problem = ofSource(problemOf(error))
      this.#source?.reportGivenUp(error, this.#ports.emit)
    }
  }

  /** Serves the reader. Resolves when it was served, or when the source has failed. */
  join(reader: Reader): Promise<ReadingResult> {
    return new Promise((done) => {
      this.#waiting.push({ reader, done })
      this.#timer ??= setTimeout(() => this.#begin(), this.#ports.limits.gather)
      this.notComing(reader)
    })
  }

  #begin(): void {
    const readers = this.#waiting
    this.#waiting = []
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#reading++
    // Always in the same order, so that nobody holds a slot at one host while waiting for a slot that somebody else holds.
    const hosts = [...new Set(readers.map(({ reader }) => reader.host))].sort((a, b) => (a.name < b.name ? -1 : 1))
    const enter = hosts.reduceRight<() => Promise<void>>(
      (run, host) => () => host.enter(run, readers.filter(({ reader }) => reader.host === host).length),
      () => this.#read(readers),
    )
    enter()
      .catch((error: unknown) => {
        // Nothing here should fail, but if it does, nobody may wait forever.
        for (const { done } of readers) done({ bytes: 0, sourceProblem: problemOf(error) })
      })
      .finally(() => {
        this.#reading--
        if (this.#reading === 0 && this.#waiting.length === 0) this.#beIdle()
      })
  }

  async #read(all: readonly Waiting[]): Promise<void> {
    const { clock, limits, signal, emit } = this.#ports
    const { content } = this.#delivery.item
    const asked = this.#admitted(all)
    if (asked.length === 0) return
    await withDeadline(clock, sendTimeoutFor(content, limits), signal, async (call) => {
      const startedAt = clock.now()
      const failed = (error: unknown): Problem => {
        const cause = causeOf(call, error)
        if (signal.aborted) return problemOf(cause)
        const because = ofSource(problemOf(cause))
        this.#failed(cause, startedAt)
        emit({ event: 'source-failed', because })
        return because
      }
      let stream: Readable
      try {
        stream = await streamOf(call, this.#delivery.open(call))
      } catch (error) {
        const sourceProblem = failed(error)
        for (const { done } of asked) done({ bytes: 0, sourceProblem })
        return
      }
      const readers = this.#admitted(asked)
      if (readers.length === 0) {
        stream.destroy()
        return
      }
      const destinations = readers.map(({ reader }) => reader.plan)
      emit({ event: 'started', destinations })
      const fan = fanOut(stream, content, readers.length, {
        patience: limits.leaveBehind,
        onBytes: (sum) => emit({ event: 'progress', destinations, bytes: sum }),
        onLeftBehind: (index) => {
          const destination = destinations[index]
          if (destination !== undefined) emit({ event: 'left-behind', destination })
        },
      })
      const over = fan.done.then((complete) => {
        if (complete) this.#succeeded()
        return undefined
      }, failed)
      await Promise.all(readers.map((waiting, index) => this.#serve(waiting, index, { fan, call, over })))
    })
  }

  /** Whether it makes sense to read them. */
  get canBeRead(): boolean {
    return this.staged === 'unread' || this.staged === 'right'
  }

  /**
   * The readers that may go on. In the meantime a host may have asked to retry later, the staged bytes may turn out to be wrong, or the run
   * may be stopped: then nothing was done.
   */
  #admitted(all: readonly Waiting[]): readonly Waiting[] {
    const open = this.canBeRead && !this.#ports.signal.aborted && this.#source?.isReady() !== false
    const admitted = all.filter(({ reader }) => open && reader.host.isReady())
    for (const waiting of all) if (!admitted.includes(waiting)) waiting.done(undefined)
    return admitted
  }

  async #serve({ reader, done }: Waiting, index: number, { fan, call, over }: UnderWay): Promise<void> {
    const body = fan.bodies[index]
    if (body === undefined) throw new Error('Expected a body for each destination')
    if (!call.signal.aborted) await this.#serveUntilBroken(reader, body, { call, over })
    const bytes = fan.release(body)
    // A reader with every byte has verified bytes and can finish early. An empty artifact has not: zero bytes arrive before that.
    done({ bytes, sourceProblem: bytes > 0 && bytes === body.content.size ? undefined : await over })
  }

  /** A reader that does not notice that its body failed is stopped after a while. Otherwise it would wait for its deadline. */
  async #serveUntilBroken(reader: Reader, body: Body, { call, over }: Pick<UnderWay, 'call' | 'over'>): Promise<void> {
    const broken = new AbortController()
    let isServed = false
    let timer: NodeJS.Timeout | undefined
    over.then((problem) => {
      if (problem === undefined || isServed) return
      const reason = new StagegateError({ code: problem.code, what: problem.message })
      timer = setTimeout(() => broken.abort(reason), this.#ports.limits.leaveBehind)
    })
    const signal = AbortSignal.any([call.signal, broken.signal])
    setMaxListeners(0, signal)
    await reader.serve(body, { ...call, signal })
    isServed = true
    clearTimeout(timer)
  }

  #succeeded(): void {
    this.staged = 'right'
    this.problem = undefined
    this.#failures = 0
    this.#source?.succeeded()
  }

  #failed(cause: unknown, startedAt: Instant): void {
    const { limits, clock } = this.#ports
    this.problem = ofSource(problemOf(cause))
    if (cause instanceof ContentMismatch) this.staged = 'wrong'
    else if (cause instanceof NotThere) this.staged = 'gone'
    else if (isFinal(cause)) this.staged = 'refused'
    else {
      const until = untilIn(cause, clock.now())
      if (until !== undefined) this.#source?.closeUntil(until)
      this.#source?.failed(startedAt, this.problem)
      if (cause instanceof PutOff) this.#putOffs++
      else this.#failures++
      if (this.#failures >= limits.looks || this.#putOffs >= limits.putOffs) this.staged = 'silent'
    }
  }
}
