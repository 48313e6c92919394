import type { Outcome } from '@stagegate/schema'
import { duration } from './time.js'

/** In milliseconds. Shorter runs get no such line. */
const long = 60_000

/** Where the time of a long run went: `Took 3 min 12 s: sending 71 %, waiting 20 %, looking 5 %, confirming 4 %.` */
export function timeSpent(outcomes: readonly Outcome[]): string | undefined {
  const took = Math.max(...outcomes.map(({ finishedAt }) => Date.parse(finishedAt))) - earliest(outcomes)
  if (outcomes.length === 0 || took < long) return undefined
  // Artifacts are processed in parallel, so their times show each phase's share, and not its duration.
  const phases = (['waiting', 'looking', 'sending', 'confirming'] as const)
    .map((phase) => ({ phase, sum: outcomes.reduce((sum, { milliseconds }) => sum + milliseconds[phase], 0) }))
    .sort((a, b) => b.sum - a.sum)
  const all = phases.reduce((total, { sum }) => total + sum, 0)
  const shares = phases.map(({ phase, sum }) => `${phase} ${Math.round((100 * sum) / Math.max(1, all))} %`)
  return `Took ${duration(took)}: ${shares.join(', ')}.`
}

function earliest(outcomes: readonly Outcome[]): number {
  return Math.min(...outcomes.map(({ startedAt }) => Date.parse(startedAt)))
}
