import { describeCoordinates, isPackage, type Outcome, StagegateError } from '@stagegate/schema'
import { exitCodeOf } from '../exit-code.js'

/** Some artifacts are not in staging. `outcomes` has one entry for each artifact. */
export class StagingIncomplete extends StagegateError {
  readonly outcomes: readonly Outcome[]

  constructor(outcomes: readonly Outcome[], parts: { code: string; what: string; next: string }) {
    super(parts)
    this.outcomes = outcomes
  }
}

export function incomplete(outcomes: readonly Outcome[]): StagingIncomplete {
  const conflict = outcomes.find(({ verdict }) => verdict === 'conflict')
  if (conflict !== undefined) {
    return new StagingIncomplete(outcomes, {
      code: 'staging/conflict',
      what: `staging has another ${describeCoordinates(conflict.coordinates)}: ${conflict.seen} there, ${conflict.expected.sha256} here`,
      next: 'Staging is never overwritten. Build under a new version, or find out which of the two builds is the right one.',
    })
  }
  const of = ({ coordinates, problem, verdict }: Outcome) =>
    `${describeCoordinates(coordinates)} is not in staging: ${problem?.message ?? verdict}`
  // A package that changes while it is read is still being written; a layout stays as it was built.
  const refused = outcomes.find(
    (outcome) => exitCodeOf([outcome]) === 3 && !(isPackage(outcome.coordinates) && outcome.verdict === 'tampered'),
  )
  if (refused !== undefined) {
    return new StagingIncomplete(outcomes, {
      code: 'staging/refused',
      what: of(refused),
      next: 'Correct this, then run the job again; it sends only what is missing.',
    })
  }
  const late = outcomes.find((outcome) => exitCodeOf([outcome]) !== 0)
  return new StagingIncomplete(outcomes, {
    code: 'staging/incomplete',
    what: late === undefined ? 'not everything is in staging' : of(late),
    next: 'Run the job again; it sends only what is missing.',
  })
}
