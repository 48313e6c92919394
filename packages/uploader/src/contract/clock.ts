import { type Instant, instant } from '@stagegate/schema'

/** Time as an argument, so that tests need not wait for it. */
export interface Clock {
  now(): Instant
  /** Resolves after that many milliseconds; rejects with the signal's reason when it is aborted first. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

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
