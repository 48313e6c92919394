import { type Instant, instant } from '@stagegate/schema'

/** Time as an argument, so that tests need not wait for it. */
export interface Clock {
  /** The time now. */
  now(): Instant
  /** Resolves after that many milliseconds; rejects with the signal's reason when it is aborted first. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

/** Milliseconds from one instant to a later one. Zero if the clock went backwards. */
export function millisecondsBetween(from: Instant, to: Instant): number {
  return Math.max(0, Date.parse(to) - Date.parse(from))
}

/** The system's clock. */
export const systemClock: Clock = {
  now: () => instant(Date.now()),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', aborted)
        resolve()
      }, milliseconds)
      const aborted = () => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      signal.addEventListener('abort', aborted, { once: true })
    }),
}
