import { setImmediate as turn } from 'node:timers/promises'
import { instant } from '@stagegate/schema'
import { vi } from 'vitest'
import { type Clock, systemClock } from '../../contract/clock.js'

interface Timer {
  readonly at: number
  readonly ring: () => void
}

/**
 * Time that passes only when nobody has anything else to do. Everything that waits (for a clock, a deadline, a slow
 * destination) waits for this one, so that hours take no time and the same numbers always lead to the same run.
 */
class VirtualTime {
  readonly clock: Clock = { now: () => instant(this.#now), sleep: systemClock.sleep }
  #now = 0
  /** In the order in which they were set. */
  readonly #timers = new Set<Timer>()

  start(): void {
    this.#now = Date.parse('2026-01-31T12:00:00.000Z')
    this.#timers.clear()
    vi.stubGlobal('setTimeout', (ring: () => void, milliseconds = 0) => {
      const timer: Timer = { at: this.#now + milliseconds, ring }
      this.#timers.add(timer)
      return timer
    })
    vi.stubGlobal('clearTimeout', (timer: Timer) => this.#timers.delete(timer))
  }

  end(): void {
    vi.unstubAllGlobals()
  }

  get now(): number {
    return this.#now
  }

  /** How many wait for a time. */
  get waiting(): number {
    return this.#timers.size
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds
  }

  /**
   * Lets time pass until this is done.
   * @throws {Error} when nobody waits for anything, and it will never be
   */
  async until<T>(promise: Promise<T>): Promise<T> {
    let over = false
    const end = () => {
      over = true
    }
    promise.then(end, end)
    for (;;) {
      // What needs no time happens within one turn: streams and promises know no other timer.
      await turn()
      if (over) return promise
      this.#ringNext()
    }
  }

  #ringNext(): void {
    let next: Timer | undefined
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer
    if (next === undefined) throw new Error('Nobody waits for anything any more, and the run has not ended')
    this.#timers.delete(next)
    this.#now = Math.max(this.#now, next.at)
    next.ring()
  }
}

export const virtualTime = new VirtualTime()

/** The same numbers for the same seed, from 0 to below 1. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
