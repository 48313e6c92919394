import { bytes, type Instant, later, type Problem, type Verdict } from '@stagegate/schema'
import { answerOf, causeOf, withDeadline } from '../contract/call.js'
import type { Body, Call, Written } from '../contract/capabilities.js'
import { millisecondsBetween } from '../contract/clock.js'
import { isTimeOver, ofDestination, problemOf, stopOf, withLast } from '../contract/problem.js'
import { PutOff } from '../contract/put-off.js'
import type { Failure } from '../contract/repository-error.js'
import { afterLook, decide, type History, type State, untried } from '../decide/decide.js'
import { problemIn } from '../decide/problem.js'
import { afterThrow } from './after-throw.js'
import type { Arrival, Delivery, DeliveryPorts, Destination } from './delivery.js'
import { type Host, HostGivenUp } from './host.js'
import { sendTimeoutFor, waitBefore } from './limits.js'
import { Listing } from './listing.js'
import { lookInTurn, untilIn } from './look.js'
import type { Reader, Readings } from './reading.js'

/** Brings one artifact to one destination: observe, decide, act, confirm. */
export class Lane implements Reader {
  readonly plan: Destination['plan']
  readonly host: Host
  readonly #destination: Destination
  readonly #delivery: Delivery
  readonly #readings: Readings
  readonly #ports: DeliveryPorts
  /** Where it waits to be listed together with others; only for a repository with an index. */
  readonly #listing: Listing | undefined
  readonly #startedAt: Instant
  readonly #spent = { looking: 0, sending: 0, confirming: 0 }
  #history: History = untried
  #sent = 0
  /** `offered`: the server was asked to copy it. */
  #serverSide: 'open' | 'offered' | 'done' = 'open'
  /** The problem of the last write. */
  #problem: Problem | undefined
  /** Why the last look or write failed, before the run was stopped. */
  #last: Problem | undefined
  /** The bytes are there, but the index does not list them yet. */
  #isUnlisted = false
  /** The last call that failed. */
  #failure: Failure = { operation: 'observe', cause: undefined }
  /** The problem of the last write, until it is known whether it is the host's. */
  #trouble: { readonly startedAt: Instant; readonly problem: Problem } | undefined

  constructor(destination: Destination, delivery: Delivery, readings: Readings, ports: DeliveryPorts) {
    this.plan = destination.plan
    this.host = ports.hosts.of(destination.repository.host ?? destination.plan.repository)
    this.#destination = destination
    this.#delivery = delivery
    this.#readings = readings
    this.#ports = ports
    const { list } = destination.repository
    this.#listing = list && (ports.listings?.of(destination.plan.repository) ?? new Listing(1))
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
      // The run was stopped, or the host was given up: the outcome says what was done.
      const problem = problemOf(this.#ports.signal.aborted ? stopOf(error) : error)
      this.#failure = { ...this.#failure, cause: error }
      this.host.reportGivenUp(error, this.#ports.emit)
      return this.#settle('undetermined', undefined, error instanceof HostGivenUp ? ofDestination(problem) : problem)
    } finally {
      this.#readings.notComing(this)
      this.#listing?.leave(this.#ports)
    }
  }

  async #step(): Promise<Arrival | undefined> {
    const { clock, limits, random, signal } = this.#ports
    const state = await this.#look()
    const decision = decide({ seen: state, staged: this.#readings.staged, history: this.#history }, limits, clock.now())
    const problem = problemIn(state, this.#history, this.#delivery.item.content)
    if (decision.do === 'stop') {
      const ofSource = state.is === 'absent' && this.#history.lastWrite !== 'accepted' && !this.#readings.canBeRead
      if (state.is === 'same') await this.#completeIndex()
      const found = (ofSource ? this.#readings.problem : undefined) ?? problem ?? this.#problem
      // A stopped run is nobody's fault.
      return this.#settle(decision.verdict, state, found && !signal.aborted ? ofDestination(found) : found)
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
    if (this.#history.lastWrite === undefined || this.#history.lastWrite === 'ambiguous') this.#readings.coming(this)
    // Once, the server gets a moment to compute the digest; after that the artifact is read back.
    const patient = this.#history.unknown === 0
    const sought = { ...this.#destination, patient, completes: true }
    const { state, milliseconds } = await lookInTurn(this.host, sought, this.#onWait, this.#ports)
    this.#spent[this.#history.sends === 0 ? 'looking' : 'confirming'] += milliseconds
    this.#history = afterLook(this.#history, state)
    if (state.is === 'unknown') {
      this.#failure = { operation: 'observe', cause: state.cause }
      this.#noteLast(state.because)
    }
    this.#ports.emit({ event: 'observed', destination: this.plan, state: state.is })
    return state
  }

  /** A time-out is noted only if there is no better explanation. */
  #noteLast(problem: Problem): void {
    if (!this.#ports.signal.aborted && !(isTimeOver(problem) && this.#last !== undefined)) this.#last = problem
  }

  readonly #onWait = (milliseconds: number, because: Problem, host?: string): void => {
    // Others need not wait for a lane that waits.
    this.#readings.notComing(this)
    if (milliseconds > 0) this.#ports.emit({ event: 'waiting', destination: this.plan, ...(host && { host }), milliseconds, because })
  }

  /** Sends it once. As long as the server asks to retry later, nothing was done, and it is tried again. */
  async #copy(): Promise<void> {
    const { clock, limits, signal } = this.#ports
    if (await this.#copyThere()) return
    while (this.#history.putOff < limits.putOffs) {
      await this.#readings.ready(this.#onWait)
      await this.host.ready(signal, this.#onWait)
      if (!this.#readings.canBeRead) return
      const { sends } = this.#history
      const startedAt = clock.now()
      this.#trouble = undefined
      const result = await this.#readings.join(this)
      this.#spent.sending += millisecondsBetween(startedAt, clock.now())
      this.#sent += result?.bytes ?? 0
      signal.throwIfAborted()
      if (result === undefined) continue
      if (result.sourceProblem !== undefined) this.#sourceFailed(result.sourceProblem)
      else this.#tellTrouble()
      if (this.#isUnlisted) return this.#list()
      if (this.#history.sends > sends || result.sourceProblem !== undefined) return
    }
  }

  /** Users get it only from now on: listing is the second half of the write. */
  async #list(): Promise<void> {
    const { signal } = this.#ports
    const { item, repository } = this.#destination
    this.#isUnlisted = false
    const result = await this.#listing?.join({ item, repository, host: this.host, onWait: this.#onWait }, this.#ports)
    signal.throwIfAborted()
    if (result === undefined) return
    if ('written' in result) return this.#answered('list', result.written)
    const { failed } = result
    if (failed instanceof HostGivenUp) throw failed
    this.#problem = problemOf(failed)
    this.#noteLast(this.#problem)
    this.#failure = { operation: 'list', cause: failed }
    this.#wrote(afterThrow(failed))
  }

  /** A killed run may have left the index incomplete. This artifact did not need it, so the outcome does not depend on it. */
  async #completeIndex(): Promise<void> {
    if (this.#listing === undefined || this.#history.sends > 0) return
    const { item, repository } = this.#destination
    await this.#listing.join({ item, repository, host: this.host, onWait: this.#onWait }, this.#ports)
  }

  #answered(operation: 'create' | 'list', written: Written): void {
    const { outcome } = written
    this.#problem = outcome === 'refused' ? written.because : undefined
    this.#failure = { operation: outcome === 'refused' ? operation : 'observe', cause: undefined }
    if (operation === 'create' && outcome === 'accepted' && this.#listing !== undefined) this.#isUnlisted = true
    else this.#wrote(outcome)
  }

  #tellTrouble(): void {
    if (this.#trouble !== undefined) this.host.failed(this.#trouble.startedAt, this.#trouble.problem)
  }

  /** If the server also has the staged bytes, it is asked once to copy them itself. False if they have to be sent. */
  async #copyThere(): Promise<boolean> {
    const { clock, limits, signal } = this.#ports
    const { item, repository } = this.#destination
    const { from, fromName } = this.#delivery
    const { format } = item.coordinates
    const isPart = format === 'blob' || format === 'manifest' || format === 'image'
    const offers = repository.copy !== undefined && fromName !== undefined && (!isPart || (from !== undefined && from === repository.host))
    if (!offers || this.#serverSide !== 'open') return false
    this.#serverSide = 'offered'
    return this.host.visit(signal, this.#onWait, async () => {
      const startedAt = clock.now()
      try {
        const timeout = isPart ? limits.lookTimeout : sendTimeoutFor(item.content, limits)
        const written = await withDeadline(clock, timeout, signal, (call) =>
          answerOf(call, repository.copy?.(item, fromName, call) ?? Promise.resolve({ outcome: 'unsupported' as const })),
        )
        this.host.succeeded()
        if (written.outcome === 'unsupported' || written.outcome === 'refused') return false
        this.#serverSide = 'done'
        this.#wrote(written.outcome)
        return true
      } catch (error) {
        signal.throwIfAborted()
        this.#problem = problemOf(error)
        this.#noteLast(this.#problem)
        this.#failure = { operation: 'copy', cause: error }
        const until = untilIn(error, clock.now())
        if (until !== undefined) this.host.closeUntil(until)
        this.host.failed(startedAt, this.#problem)
        if (!(error instanceof PutOff)) this.#wrote('ambiguous')
        return true
      }
    })
  }

  async serve(body: Body, call: Call): Promise<void> {
    const { clock } = this.#ports
    const { item, repository } = this.#destination
    const startedAt = clock.now()
    try {
      const written = await answerOf(call, repository.create(item, body, call))
      this.host.succeeded()
      this.#answered('create', written)
      return
    } catch (error) {
      const cause = causeOf(call, error)
      this.#problem = problemOf(cause)
      this.#noteLast(this.#problem)
      this.#failure = { operation: 'create', cause }
      // The wait that it asks for is its own. Other problems may be the source's, which shows when the reading is over.
      const until = untilIn(cause, clock.now())
      if (until !== undefined) this.host.closeUntil(until)
      const lastWrite = afterThrow(cause)
      if (lastWrite === 'ambiguous') this.#trouble = { startedAt, problem: this.#problem }
      if (cause instanceof PutOff) {
        this.#history = { ...this.#history, putOff: this.#history.putOff + 1 }
        this.#ports.emit({ event: 'written', destination: this.plan, answer: 'put-off', because: this.#problem })
        return
      }
      // If repeating does not help, it is looked at once more like any other, and then it is over.
      this.#wrote(lastWrite)
    }
  }

  #wrote(lastWrite: NonNullable<History['lastWrite']>): void {
    const { clock, limits, emit } = this.#ports
    const confirmBy = later(clock.now(), limits.confirmWithin / 1000)
    this.#history = { ...this.#history, unknown: 0, sends: this.#history.sends + 1, lastWrite, looksSince: 0, confirmBy }
    const answer = lastWrite === 'no-room' ? 'refused' : lastWrite
    const because = answer === 'refused' || answer === 'ambiguous' ? this.#problem : undefined
    emit({ event: 'written', destination: this.plan, answer, ...(because && { because }) })
  }

  /** A problem of the source affects every destination that was being served, and none can have accepted an unfinished body. */
  #sourceFailed(problem: Problem): void {
    const { lastWrite } = this.#history
    if (lastWrite === 'refused' || lastWrite === 'exists') return
    this.#problem = problem
    // Without a write nothing was sent, and nothing is ambiguous.
    if (lastWrite !== undefined) this.#history = { ...this.#history, lastWrite: 'ambiguous' }
  }

  #settle(verdict: Verdict, state: State | undefined, problem: Problem | undefined): Arrival {
    const { target, item } = this.#delivery
    const finishedAt = this.#ports.clock.now()
    const seen = state?.is === 'same' ? item.content.sha256 : state?.is === 'different' ? state.sha256 : undefined
    const last = this.#last ?? this.#readings.problem ?? this.host.trouble
    const fine = verdict === 'published' || verdict === 'already-public'
    const { looking, sending, confirming } = this.#spent
    const waiting = Math.max(0, millisecondsBetween(this.#startedAt, finishedAt) - looking - sending - confirming)
    const outcome = {
      target,
      destination: this.plan,
      coordinates: this.#destination.item.coordinates,
      expected: item.content,
      ...(seen === undefined ? {} : { seen }),
      verdict,
      ...(fine || problem === undefined ? {} : { problem: withLast(problem, last) }),
      bytesSent: bytes(this.#sent),
      ...(verdict === 'published' && this.#serverSide === 'done' && this.#sent === 0 && { copiedByServer: true as const }),
      startedAt: this.#startedAt,
      finishedAt,
      milliseconds: { waiting, looking, sending, confirming },
    }
    this.#ports.emit({ event: 'verdict', outcome })
    const how = this.#history.sends === 0 ? 'there' : this.#serverSide === 'done' ? 'copied' : 'sent'
    const failure = outcome.problem?.side === 'destination' ? this.#failure : undefined
    return { outcome, location: state?.is === 'same' ? state.location : undefined, failure, how }
  }
}
