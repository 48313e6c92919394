import { isStagegateError } from '@stagegate/schema'
import { askWithin } from '../contract/call.js'
import type { Call } from '../contract/capabilities.js'
import { type Clock, millisecondsBetween } from '../contract/clock.js'
import { PutOff } from '../contract/put-off.js'
import { defaultLimits, waitBefore } from '../transfer/limits.js'

/** The means to wait out trouble that can pass. */
export interface Patience {
  /** Measures waits, and the limits of calls. */
  readonly clock: Clock
  /** Numbers from 0 to below 1, for the jitter of waits. @default Math.random */
  readonly random?: (() => number) | undefined
  /** Stops the waiting. @default never */
  readonly signal?: AbortSignal | undefined
}

const attempts = 6
/** Each attempt, in milliseconds. */
const callTimeout = 60_000
/** Longer than this is not waited, though the server asks for it. */
const longestPutOff = 120_000

/** Does something that can be done again; trouble that can pass is waited out for about half a minute. */
export async function patiently<T>({ clock, random = Math.random, signal }: Patience, run: (call: Call) => Promise<T>): Promise<T> {
  const stop = signal ?? new AbortController().signal
  for (let attempt = 1; ; attempt++) {
    try {
      return await askWithin(clock, callTimeout, stop, run)
    } catch (error) {
      if (stop.aborted || attempt === attempts || !canPass(error)) throw error
      const wait = Math.max(waitBefore(attempt, defaultLimits, random), putOff(error, clock))
      if (wait > longestPutOff) throw error
      await clock.sleep(wait, stop)
    }
  }
}

const passing = [
  'call/timeout',
  'gitlab/unavailable',
  'http/failed',
  'http/reset',
  'http/short',
  'http/timeout',
  'http/unreachable',
  'records/not-listed',
  'repository/put-off',
]

function canPass(error: unknown): boolean {
  return isStagegateError(error) && passing.includes(error.code)
}

function putOff(error: unknown, clock: Clock): number {
  if (!(error instanceof PutOff) || error.until === undefined) return 0
  return millisecondsBetween(clock.now(), error.until)
}
