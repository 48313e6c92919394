import { type Instant, later, type Problem, StagegateError } from '@stagegate/schema'
import pLimit, { type LimitFunction } from 'p-limit'
import { type Clock, systemClock } from '../contract/clock.js'
import { limitsWith } from '../contract/options.js'
import { problemOf } from '../contract/problem.js'
import type { Happening } from './event.js'
import { backOff, defaultLimits, type Limits } from './limits.js'

/** The effects of `Hosts`, as arguments. All have defaults. */
export interface HostPorts {
  /** @default the system's */
  readonly clock: Clock
  /** Numbers from 0 to below 1, for the jitter of waits. @default Math.random */
  readonly random: () => number
  /** @default `defaultLimits` */
  readonly limits: Limits
}

/** The run continues without this host: it had problems for too long, or asks to wait for too long. */
export class HostGivenUp extends StagegateError {
  constructor(parts: { where: string; what: string }) {
    super({ code: 'host/given-up', ...parts, next: 'Run the job again when the server works; it sends only what is missing.' })
  }
}

/** Called before waiting for a host; 0 ms if this wait was already announced. */
export type OnWait = (milliseconds: number, because: Problem, host: string) => void

type Standing = { readonly is: 'waiting'; readonly milliseconds: number } | { readonly is: 'given-up'; readonly because: string }

/**
 * A server with one limit and one back-off clock for all its requests. One host's
 * problems never slow down another.
 */
export class Host {
  /** Its origin, or the repository's name. */
  readonly name: string
  readonly #ports: HostPorts
  readonly #limit: LimitFunction
  readonly #turnstile: LimitFunction
  readonly #gathering = pLimit(1)
  /** No request is sent before this time, because the host asked for that. */
  #closedUntil: Instant | undefined
  /** No request is sent before this time, because the host had problems. */
  #backOffUntil: Instant | undefined
  /** Until when the wait for it has already been announced. */
  #announced: Instant | undefined
  #isGivenUpReported = false
  #failures = 0
  #lastFailure: Instant | undefined
  #troubleSince: Instant | undefined
  #problem: Problem = { code: 'host/trouble', message: 'It had a problem.' }

  constructor(name: string, ports: HostPorts) {
    this.name = name
    this.#ports = ports
    this.#limit = pLimit(ports.limits.concurrency)
    this.#turnstile = pLimit(ports.limits.concurrency)
  }

  /**
   * Calls the host once it may be asked and there is room.
   * @throws {HostGivenUp} if the host is not worth waiting for; the signal's reason; errors of the call itself
   */
  async visit<T>(signal: AbortSignal, onWait: OnWait, run: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.ready(signal, onWait)
      const done = await this.enter(async () => {
        signal.throwIfAborted()
        // While it waited for room, the others may have found a problem.
        return this.isReady() ? { result: await run() } : undefined
      })
      if (done !== undefined) return done.result
    }
  }

  /** Calls the host once there is room for it, which may mean room for several, or all the room that the host has. */
  async enter<T>(run: () => Promise<T>, places = 1): Promise<T> {
    const wanted = Math.min(places, this.#ports.limits.concurrency)
    if (wanted === 1) return this.#limit(run)
    // One after the other. Otherwise two calls could each hold the room that the other lacks.
    const leave = await this.#gathering(() => Promise.all(Array.from({ length: wanted }, () => this.#place())))
    try {
      return await run()
    } finally {
      for (const one of leave) one()
    }
  }

  /** Resolves when there is room for one, with a function that gives the room back. */
  #place(): Promise<() => void> {
    return new Promise((taken) => {
      this.#limit(() => new Promise<void>(taken))
    })
  }

  /**
   * Waits until the host may be asked. Announces the wait once.
   * @throws {HostGivenUp} if the host is not worth waiting for; the signal's reason
   */
  async ready(signal: AbortSignal, onWait: OnWait): Promise<void> {
    signal.throwIfAborted()
    const milliseconds = this.#pause()
    if (milliseconds === 0) return
    onWait(this.#announceWait(milliseconds) ? milliseconds : 0, this.#problem, this.name)
    // A few at a time, so that not all of them ask the server at once when the wait is over.
    await this.#turnstile(async () => {
      for (;;) {
        signal.throwIfAborted()
        const left = this.#pause()
        if (left === 0) return
        await this.#ports.clock.sleep(left, signal)
      }
    })
  }

  /** Emits `given-up` if the error says so, once per host. */
  reportGivenUp(error: unknown, emit: (event: Happening) => void): void {
    if (!(error instanceof HostGivenUp) || this.#isGivenUpReported) return
    this.#isGivenUpReported = true
    emit({ event: 'given-up', host: this.name, because: problemOf(error) })
  }

  /** The problem that the host has. */
  get trouble(): Problem | undefined {
    return this.#troubleSince === undefined ? undefined : this.#problem
  }

  /** Whether it may be asked now. A host that was given up may not be asked for a while; `ready` says why. */
  isReady(): boolean {
    const standing = this.#standing()
    return standing.is === 'waiting' && standing.milliseconds === 0
  }

  /** Notes that the wait is announced. Returns whether that is new. */
  #announceWait(milliseconds: number): boolean {
    const until = later(this.#ports.clock.now(), milliseconds / 1000)
    if (this.#announced !== undefined && until <= this.#announced) return false
    this.#announced = until
    return true
  }

  /** How long not to ask it from now on, in milliseconds. @throws {HostGivenUp} */
  #pause(): number {
    const standing = this.#standing()
    if (standing.is === 'given-up') throw new HostGivenUp({ where: this.name, what: standing.because })
    return standing.milliseconds
  }

  #standing(): Standing {
    const { clock, limits } = this.#ports
    // Counted up to the last failure: time during which the host asked not to be called does not count as a problem. A long-running program
    // may try again, once in this time.
    if (
      this.#troubleSince !== undefined &&
      this.#lastFailure !== undefined &&
      this.#lastFailure >= later(this.#troubleSince, limits.patience / 1000) &&
      clock.now() < later(this.#lastFailure, limits.patience / 1000)
    )
      return {
        is: 'given-up',
        because: `there was no valid answer for ${limits.patience / 1000} s; the last problem: ${this.#problem.message}`,
      }
    const until = Math.max(...[this.#closedUntil, this.#backOffUntil].map((at) => (at === undefined ? 0 : Date.parse(at))))
    const milliseconds = Math.max(0, until - Date.parse(clock.now()))
    if (milliseconds > limits.longestPutOff)
      return { is: 'given-up', because: `it allows no requests for ${Math.round(milliseconds / 1000)} s` }
    return { is: 'waiting', milliseconds }
  }

  /** Until when it asked not to be called, if that time is not over yet. */
  closed(): Instant | undefined {
    return this.#closedUntil !== undefined && this.#closedUntil > this.#ports.clock.now() ? this.#closedUntil : undefined
  }

  /** The host asked to wait. */
  closeUntil(at: Instant): void {
    if (this.#closedUntil === undefined || this.#closedUntil < at) this.#closedUntil = at
  }

  /** A call succeeded: the problem is over. */
  succeeded(): void {
    this.#failures = 0
    this.#backOffUntil = undefined
    this.#troubleSince = undefined
    this.#isGivenUpReported = false
  }

  /** A call that started after the last failure failed. Several that ran at the same time count once. */
  failed(startedAt: Instant, problem: Problem): void {
    if (this.#lastFailure !== undefined && startedAt < this.#lastFailure) return
    const { clock, limits, random } = this.#ports
    const now = clock.now()
    this.#problem = problem
    this.#lastFailure = now
    this.#troubleSince ??= now
    this.#failures++
    this.#backOffUntil = later(now, backOff(this.#failures, limits, random) / 1000)
  }
}

/**
 * The hosts of a run.
 * @example
 * const hosts = new Hosts()
 * const stable = packagecloud('acme/stable', { token: { variable: 'TOKEN' }, hosts })
 */
export class Hosts {
  readonly #ports: HostPorts
  readonly #hosts = new Map<string, Host>()

  /** Everything has a default. @throws {UsageError} an invalid limit */
  constructor({
    clock = systemClock,
    random = Math.random,
    limits,
  }: Partial<Omit<HostPorts, 'limits'>> & { readonly limits?: Partial<Limits> } = {}) {
    this.#ports = { clock, random, limits: limitsWith(defaultLimits, limits) }
  }

  /** `name`: an origin, or any other unique name if there is no origin. */
  of(name: string): Host {
    const host = this.#hosts.get(name) ?? new Host(name, this.#ports)
    this.#hosts.set(name, host)
    return host
  }
}
