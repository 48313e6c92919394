import type { Call } from '../contract/capabilities.js'
import type { Clock } from '../contract/clock.js'
import type { Failures } from './http-error.js'

/** In milliseconds: a signal that is aborted at the deadline has a reason that says more, and comes first. */
const grace = 20

/** Ends what is under way when the call is aborted or its deadline passes, and remembers why. */
export class Lifetime {
  readonly #call: Call
  readonly #failures: Failures
  readonly #stop: (reason: Error) => void
  readonly #timer: NodeJS.Timeout
  readonly #aborted = () => this.#end(this.#call.signal.reason)
  #reason: Error | undefined

  /** @throws the signal's reason, or an `HttpError`, when it is too late already */
  constructor(call: Call, clock: Clock, failures: Failures, stop: (reason: Error) => void) {
    this.#call = call
    this.#failures = failures
    this.#stop = stop
    const left = Date.parse(call.deadline) - Date.parse(clock.now())
    if (call.signal.aborted) throw this.#explain(call.signal.reason)
    if (left <= 0) throw failures.make('http/timeout', 'its time was up before it began')
    call.signal.addEventListener('abort', this.#aborted, { once: true })
    // setTimeout takes no more than 31 bits; nothing here is meant to last for 24 days.
    this.#timer = setTimeout(
      () => this.#end(failures.make('http/timeout', 'not finished by its deadline')),
      Math.min(left + grace, 2 ** 31 - 1),
    )
  }

  /** Why it ended, if it was us; otherwise the error, made safe. */
  reason(error: unknown): Error {
    return this.#reason ?? this.#failures.of(error)
  }

  /** It is over; nobody needs to be told. */
  release(): void {
    clearTimeout(this.#timer)
    this.#call.signal.removeEventListener('abort', this.#aborted)
  }

  #end(reason: unknown): void {
    if (this.#reason !== undefined) return
    this.#reason = this.#explain(reason)
    this.release()
    this.#stop(this.#reason)
  }

  /** A caller's own reason is given back as it is, so that the caller knows it again. */
  #explain(reason: unknown): Error {
    if (!(reason instanceof Error)) return this.#failures.of(reason)
    return reason.name === 'TimeoutError' ? this.#failures.make('http/timeout', 'not finished by its deadline') : reason
  }
}

/** A limit on how long one thing may take, or on how long nothing may happen. One timer, started again and again. */
export class Patience {
  readonly #limit: number
  readonly #onEnd: () => void
  #timer: NodeJS.Timeout | undefined
  #waiting = false

  constructor(milliseconds: number, onEnd: () => void) {
    this.#limit = milliseconds
    this.#onEnd = onEnd
  }

  start(): void {
    this.#waiting = true
    this.#timer ??= setTimeout(() => this.#waiting && this.#onEnd(), this.#limit)
    this.#timer.refresh()
  }

  pause(): void {
    this.#waiting = false
  }

  end(): void {
    this.#waiting = false
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
