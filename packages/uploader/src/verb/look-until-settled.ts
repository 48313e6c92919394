import { type Finding, type Instant, later, type Sha256 } from '@stagegate/schema'
import { causeOf, withDeadline } from '../contract/call.js'
import { type Call, IndexBroken } from '../contract/capabilities.js'
import { problemOf, stopOf, withLast } from '../contract/problem.js'
import { isFinal } from '../contract/refusal.js'
import type { withDefaults } from '../ports.js'
import type { Host } from '../transfer/host.js'
import { waitBefore } from '../transfer/limits.js'

/** `settled`: looking again would show the same. */
export type Found = Pick<Finding, 'found' | 'seen' | 'by' | 'problem' | 'layers'> & { readonly settled: boolean }

export interface Patience {
  readonly host: Host
  /** The time of one look, in milliseconds. */
  readonly timeout: number
  /** No look starts after this time. */
  readonly end: Instant
}

/** A failed look: an unknown state is looked at again, a final answer of the repository is not. */
export function foundBy(error: unknown, call: Call, expected: Sha256): Found {
  const cause = causeOf(call, error)
  const problem = problemOf(cause)
  if (cause instanceof IndexBroken) {
    // An index that listed other bytes correctly would make them look released.
    const { served } = cause
    if (served !== undefined && served !== expected) return { found: 'other-bytes', seen: served, settled: true }
    return { found: 'index-broken', problem, settled: true }
  }
  const settled = isFinal(cause)
  return { found: settled ? 'refused' : 'unknown', problem, settled }
}

/** Looks until the finding is settled, or the time is over. */
export async function lookUntilSettled(
  lookOnce: (call: Call) => Promise<Found>,
  { host, timeout, end }: Patience,
  { clock, limits, random, signal }: ReturnType<typeof withDefaults>,
  onWait: (found: Omit<Found, 'settled'>, wait: number) => void,
): Promise<Omit<Found, 'settled'>> {
  let last: Omit<Found, 'settled'> | undefined
  let problem: Finding['problem']
  try {
    for (let attempt = 1; ; attempt++) {
      const { settled, ...looked } = await host.visit(
        signal,
        () => undefined,
        () => withDeadline(clock, timeout, signal, lookOnce),
      )
      const found = looked.problem ? { ...looked, problem: withLast(looked.problem, problem) } : looked
      last = found
      problem = looked.problem ?? problem
      const wait = waitBefore(attempt, limits, random)
      if (settled || later(clock.now(), wait / 1000) > end || signal.aborted) return found
      onWait(found, wait)
      await clock.sleep(wait, signal)
    }
  } catch (error) {
    // The run was stopped, or the host was given up.
    return last ?? { found: 'unknown', problem: problemOf(signal.aborted ? stopOf(error) : error) }
  }
}
