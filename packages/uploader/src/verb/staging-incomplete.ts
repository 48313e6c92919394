import { describeCoordinates, type Outcome, StagegateError } from '@stagegate/schema'
import { RepositoryError } from '../contract/repository-error.js'
import { exitCodeOf } from '../exit-code.js'
import type { Arrival } from '../transfer/delivery.js'

/** Some artifacts are not in staging, although no call to it failed. `outcomes` has one entry for each artifact. */
export class StagingIncomplete extends StagegateError {
  /** One for each artifact. */
  readonly outcomes: readonly Outcome[]

  constructor(outcomes: readonly Outcome[], parts: { code: string; what: string; next: string }) {
    super(parts)
    this.outcomes = outcomes
  }
}

/** Why a target is not staged in this repository. */
export function incomplete(arrivals: readonly Arrival[], repository: string): StagingIncomplete | RepositoryError {
  const outcomes = arrivals.map(({ outcome }) => outcome)
  const conflict = outcomes.find(({ verdict }) => verdict === 'conflict')
  if (conflict !== undefined) {
    return new StagingIncomplete(outcomes, {
      code: 'staging/conflict',
      what: `staging has a different ${describeCoordinates(conflict.coordinates)}: ${conflict.seen} there, ${conflict.expected.sha256} here`,
      next: 'Stagegate never overwrites staging. Build under a new version, or find out which of the two builds is right.',
    })
  }
  const refused = arrivals.find(isRefused)
  const worst = refused ?? arrivals.find(({ outcome }) => exitCodeOf([outcome]) !== 0)
  const parts = {
    what: worst === undefined ? 'not everything is in staging' : reasonOf(worst.outcome),
    ...(refused === undefined
      ? { code: 'staging/incomplete', next: 'Run the job again; it sends only what is missing.' }
      : { code: 'staging/refused', next: 'Correct this, then run the job again.' }),
  }
  const failure = worst?.failure
  if (failure === undefined) return new StagingIncomplete(outcomes, parts)
  return new RepositoryError({ ...parts, ...failure, side: 'staging', repository, outcomes, final: refused !== undefined })
}

/** A package or file that changes while it is read is still being written; a layout does not change after the build. */
function isRefused({ outcome }: Arrival): boolean {
  return exitCodeOf([outcome]) === 3 && !(outcome.coordinates.format !== 'image' && outcome.verdict === 'tampered')
}

function reasonOf({ coordinates, problem, verdict }: Outcome): string {
  return `${describeCoordinates(coordinates)} is not in staging: ${problem?.message ?? verdict}`
}
