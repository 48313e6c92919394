import type { DecisionLimits } from '../decide/decide.js'

/** Bounds of a run. Times are in milliseconds. */
export interface Limits extends DecisionLimits {
  /** Artifacts under way at once. */
  readonly concurrency: number
  /** One look, at most; and a second more for each MiB of the artifact, as some repositories have to read it. */
  readonly lookTimeout: number
  /** One upload, at most. */
  readonly sendTimeout: number
  /** How long a destination may take no bytes while others wait for it, before it gets a reading of its own. */
  readonly leaveBehind: number
  /** How long an accepted upload may take to show. */
  readonly confirmWithin: number
  /** The first wait before looking again; it doubles, up to `longestWait`, with jitter. */
  readonly firstWait: number
  readonly longestWait: number
}

export const defaultLimits: Limits = {
  looks: 5,
  sends: 3,
  looksAfterAmbiguous: 2,
  concurrency: 4,
  lookTimeout: 60_000,
  sendTimeout: 2 * 60 * 60_000,
  leaveBehind: 60_000,
  confirmWithin: 5 * 60_000,
  firstWait: 500,
  longestWait: 30_000,
}

/** Between half of the doubled wait and all of it, so that several jobs do not come back in step. */
export function waitBefore(attempt: number, limits: Limits, random: () => number): number {
  const ceiling = Math.min(limits.longestWait, limits.firstWait * 2 ** Math.min(attempt, 20))
  return Math.round(ceiling / 2 + (ceiling / 2) * random())
}
