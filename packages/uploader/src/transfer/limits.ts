import { type Content, credentialScriptTimeout } from '@stagegate/schema'
import type { Clock } from '../contract/clock.js'
import type { DecisionLimits } from '../decide/decide.js'

/** Limits of a run. Times are in milliseconds. */
export interface Limits extends DecisionLimits {
  /** How often an index is read again because another writer changed it first. */
  readonly turns: number
  /** Looks and uploads under way at once, for each host. */
  readonly concurrency: number
  /** The limit of one look, plus a second for each MiB of the artifact, because some repositories must read it. */
  readonly lookTimeout: number
  /** The limit of one upload, plus the time for its bytes at `slowest`. */
  readonly sendTimeout: number
  /** The slowest upload that is waited for, in bytes per second. */
  readonly slowest: number
  /** How long a destination that is ready waits for others, so that the staged bytes are read once for all. */
  readonly gather: number
  /**
   * How long a destination may accept no bytes while others wait for it, before it gets its own reading; and how long it may take to
   * notice that its bytes have failed.
   */
  readonly leaveBehind: number
  /** How long it may take until an accepted upload is listed. */
  readonly confirmWithin: number
  /** The longest first wait after a problem; it doubles, up to `longestWait`, with jitter. */
  readonly firstWait: number
  /** The longest wait after a problem. */
  readonly longestWait: number
  /** How long a host may have problems, without one valid answer, before the run continues without it. */
  readonly patience: number
  /** The limit of the whole run: unfinished work is left for the next run, with time to record that. */
  readonly run: number
}

/** Everything that a wait or a time limit depends on. */
export interface Timing {
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  readonly limits: Limits
}

const minute = 60_000

/** The default limits of a run. */
export const defaultLimits: Limits = {
  looks: 6,
  putOffs: 100,
  longestPutOff: 15 * minute,
  // A server that resets every fifth connection, with hundreds of artifacts, still gets all of them.
  sends: 8,
  looksAfterAmbiguous: 2,
  // An index changes at most once a second, and a hundred writers may come at once.
  turns: 200,
  concurrency: 4,
  lookTimeout: minute,
  sendTimeout: 15 * minute,
  slowest: 256 * 1024,
  gather: 1000,
  leaveBehind: minute,
  confirmWithin: 5 * minute,
  firstWait: 1000,
  longestWait: 30_000,
  patience: 10 * minute,
  // GitLab ends the job's script later than this, so there is time to write down what was done.
  run: credentialScriptTimeout * 1000 - 10 * minute,
}

/**
 * How long a host with problems is not asked: up to the doubled wait ("full jitter"), so that calls that failed together do not return
 * together.
 */
export function backOff(failures: number, limits: Limits, random: () => number): number {
  return Math.round(random() * ceiling(failures, limits))
}

/** The wait before the next look at the same thing: between half of the doubled wait and all of it. 0 is no wait. */
export function waitBefore(attempt: number, limits: Limits, random: () => number): number {
  return attempt === 0 ? 0 : Math.round((ceiling(attempt, limits) / 2) * (1 + random()))
}

function ceiling(attempt: number, { firstWait, longestWait }: Limits): number {
  return Math.min(longestWait, firstWait * 2 ** Math.min(attempt - 1, 20))
}

/** How long one look at an artifact may take. Some repositories have to read it to know its digest. */
export function lookTimeoutFor({ size }: Content, { lookTimeout }: Limits): number {
  const perMebibyte = 1000
  return lookTimeout + Math.ceil(size / 2 ** 20) * perMebibyte
}

/** How long one upload of an artifact may take. */
export function sendTimeoutFor({ size }: Content, { sendTimeout, slowest }: Limits): number {
  return sendTimeout + Math.ceil((size / slowest) * 1000)
}
