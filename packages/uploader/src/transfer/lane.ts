import { bytes, type Instant, later, type Problem, StagegateError, type Verdict } from '@stagegate/schema'
import { decide, type History, type State, untried } from '../decide/decide.js'
import type { Body, Call, Written } from '../repository/capabilities.js'
import { PutOff } from '../repository/put-off.js'
import { answerOf, causeOf, withDeadline } from './call.js'
import type { Arrival, Delivery, DeliveryPorts, Destination } from './deliver.js'
import type { Host } from './host.js'
import { lookTimeoutFor, waitBefore } from './limits.js'
import { look, untilIn } from './look.js'
import { problemIn, problemOf } from './problem.js'
import type { Reader, Readings } from './reading.js'

const answers: ReadonlySet<unknown> = new Set<Written['outcome']>(['accepted', 'exists', 'refused'])

/** The way of one artifact to one destination: observe, decide, act, confirm. */
export class Lane implements Reader {
  readonly plan: Destination['plan']
  readonly host: Host
  readonly #destination: Destination
  readonly #delivery: Delivery
  readonly #readings: Readings
  readonly #ports: DeliveryPorts
  readonly #startedAt: Instant
  readonly #spent = { looking: 0, sending: 0, confirming: 0 }
  #history: History = untried
  #sent = 0
  /** Of the last write. */
  #problem: Problem | undefined
  /** The trouble that the last write found, until it is known to be the host's. */
  #trouble: { readonly startedAt: Instant; readonly problem: Problem; readonly until: Instant | undefined } | undefined

  constructor(destination: Destination, delivery: Delivery, readings: Readings, ports: DeliveryPorts) {
    this.plan = destination.plan
    this.host = ports.hosts.of(destination.repository.host ?? destination.plan.repository)
    this.#destination = destination
    this.#delivery = delivery
    this.#readings = readings
    this.#ports = ports
    this.#startedAt = ports.clock.now()
    readings.coming(this)
  }

  /** Resolves with the outcome, whatever happens. */
  async run(): Promise<Arrival> {
    try {
      for (;;) {
        const arrival = await this.#step()
        if (arrival !== undefined) return arrival
      }
    } catch (error) {
      // Told to stop, or the host was given up: what has been done stands in the outcome.
      return this.#settle('undetermined', undefined, problemOf(error))
    } finally {
      this.#readings.notComing(this)
    }
  }

  async #step(): Promise<Arrival | undefined> {
    const { clock, limits, random, signal } = this.#ports
    const state = await this.#look()
    const decision = decide(state, this.#readings.staged, this.#history, limits, clock.now())
    const problem = problemIn(state, this.#history, this.#delivery.item.content)
    if (decision.do === 'stop') {
      const ofSource = state.is === 'absent' && this.#history.lastWrite !== 'accepted' && !this.#canBeRead()
      return this.#settle(decision.verdict, state, (ofSource ? this.#readings.problem : undefined) ?? problem ?? this.#problem)
    }
    signal.throwIfAborted()
    if (decision.do === 'copy') await this.#copy()
    else {
      const because = problem ?? this.#problem ?? { code: 'repository/not-there', message: 'It is not there.' }
      const milliseconds = waitBefore(decision.attempt, limits, random)
      this.#onWait(milliseconds, because)
      await clock.sleep(milliseconds, signal)
    }
    return undefined
  }

  async #look(): Promise<State> {
    const { item, repository } = this.#destination
    const { clock, limits, signal } = this.#ports
    const timeout = lookTimeoutFor(item.content, limits)
    if (this.#history.lastWrite === undefined || this.#history.lastWrite === 'ambiguous') this.#readings.coming(this)
    const state = await this.host.visit(signal, this.#onWait, async () => {
      const startedAt = clock.now()
      // Once, the server is given a moment to work the digest out; then it is read back.
      const patient = this.#history.unknown === 0
      const seen = await withDeadline(clock, timeout, signal, (call) => look(repository, item, call, patient, clock))
      this.#tellHost(seen, startedAt)
      this.#spent[this.#history.sends === 0 ? 'looking' : 'confirming'] += since(startedAt, clock.now())
      return seen
    })
    this.#ports.emit({ event: 'observed', destination: this.plan, state: state.is })
    const { putOff, unknown, looksSince } = this.#history
    if (state.is === 'unknown' && state.putOff) this.#history = { ...this.#history, putOff: putOff + 1 }
    else if (state.is === 'unknown') this.#history = { ...this.#history, unknown: unknown + 1 }
    else this.#history = { ...this.#history, unknown: 0, looksSince: looksSince + (state.is === 'absent' ? 1 : 0) }
    return state
  }

  #tellHost(state: State, startedAt: Instant): void {
    if (state.is !== 'unknown' || state.answered || state.final) this.host.succeeded()
    else if (!this.#ports.signal.aborted) this.#inTrouble({ startedAt, problem: state.because, until: state.until })
  }

  #inTrouble({ startedAt, problem, until }: { startedAt: Instant; problem: Problem; until: Instant | undefined }): void {
    if (until !== undefined) this.host.closeUntil(until)
    this.host.failed(startedAt, problem)
  }

  readonly #onWait = (milliseconds: number, because: Problem): void => {
    // Others need not wait for one that waits.
    this.#readings.notComing(this)
    if (milliseconds > 0) this.#ports.emit({ event: 'waiting', destination: this.plan, milliseconds, because })
  }

  /** Sends it once; while the server asks to be asked later, nothing has been done, and it is tried again. */
  async #copy(): Promise<void> {
    const { clock, limits, signal } = this.#ports
    while (this.#history.putOff < limits.putOffs) {
      await this.#readings.ready(this.#onWait)
      await this.host.ready(signal, this.#onWait)
      if (!this.#canBeRead()) return
      const { sends } = this.#history
      const startedAt = clock.now()
      this.#trouble = undefined
      const result = await this.#readings.join(this)
      this.#spent.sending += since(startedAt, clock.now())
      this.#sent += result?.bytes ?? 0
      signal.throwIfAborted()
      if (result === undefined) continue
      if (result.sourceProblem !== undefined) this.#sourceFailed(result.sourceProblem)
      else if (this.#trouble !== undefined) this.#inTrouble(this.#trouble)
      if (this.#history.sends > sends || result.sourceProblem !== undefined) return
    }
  }

  async serve(body: Body, call: Call): Promise<void> {
    const { clock } = this.#ports
    const { item, repository } = this.#destination
    const startedAt = clock.now()
    let answer: NonNullable<History['lastWrite']>
    try {
      const written = await answerOf(call, repository.create(item, body, call))
      if (!answers.has(written.outcome))
        throw new StagegateError({ code: 'repository/unexpected-answer', what: 'expected to hear accepted, exists or refused' })
      answer = written.outcome
      this.#problem = written.outcome === 'refused' ? written.because : undefined
      this.host.succeeded()
    } catch (error) {
      const cause = causeOf(call, error)
      this.#problem = problemOf(cause)
      this.#trouble = { startedAt, problem: this.#problem, until: untilIn(cause, clock.now()) }
      if (cause instanceof PutOff) {
        this.#history = { ...this.#history, putOff: this.#history.putOff + 1 }
        return
      }
      answer = 'ambiguous'
    }
    this.#wrote(answer)
  }

  #wrote(lastWrite: NonNullable<History['lastWrite']>): void {
    const { clock, limits, emit } = this.#ports
    const confirmBy = later(clock.now(), limits.confirmWithin / 1000)
    this.#history = { ...this.#history, unknown: 0, sends: this.#history.sends + 1, lastWrite, looksSince: 0, confirmBy }
    emit({ event: 'written', destination: this.plan, answer: lastWrite })
  }

  /** The source's trouble is that of every destination that was being served; and nobody can have accepted what never ended. */
  #sourceFailed(problem: Problem): void {
    const { lastWrite } = this.#history
    if (lastWrite === 'refused' || lastWrite === 'exists') return
    this.#problem = problem
    // Without a write nothing was sent, and nothing is ambiguous.
    if (lastWrite !== undefined) this.#history = { ...this.#history, lastWrite: 'ambiguous' }
  }

  #canBeRead(): boolean {
    return this.#readings.staged === 'unread' || this.#readings.staged === 'right'
  }

  #settle(verdict: Verdict, state: State | undefined, problem: Problem | undefined): Arrival {
    const { target, item } = this.#delivery
    const finishedAt = this.#ports.clock.now()
    const seen = state?.is === 'same' ? item.content.sha256 : state?.is === 'different' ? state.sha256 : undefined
    const fine = verdict === 'published' || verdict === 'already-public'
    const { looking, sending, confirming } = this.#spent
    const waiting = Math.max(0, since(this.#startedAt, finishedAt) - looking - sending - confirming)
    const outcome = {
      target,
      destination: this.plan,
      coordinates: this.#destination.item.coordinates,
      expected: item.content,
      ...(seen === undefined ? {} : { seen }),
      verdict,
      ...(fine || problem === undefined ? {} : { problem }),
      bytesSent: bytes(this.#sent),
      startedAt: this.#startedAt,
      finishedAt,
      milliseconds: { waiting, looking, sending, confirming },
    }
    this.#ports.emit({ event: 'verdict', outcome })
    return { outcome, location: state?.is === 'same' ? state.location : undefined }
  }
}

/** In milliseconds; a clock that was set back makes it nothing. */
function since(startedAt: Instant, now: Instant): number {
  return Math.max(0, Date.parse(now) - Date.parse(startedAt))
}
