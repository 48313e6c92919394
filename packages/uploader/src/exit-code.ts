import type { Outcome, Verdict } from '@stagegate/schema'

/** `0` all is as it should be, `3` a person must look, `4` incomplete and running again can help. */
export type ExitCode = 0 | 3 | 4

/** Advisory destinations are reported, and change nothing. No outcome at all is incomplete. */
export function exitCodeOf(outcomes: readonly Pick<Outcome, 'verdict' | 'destination' | 'problem'>[]): ExitCode {
  const codes = outcomes.filter(({ destination }) => !destination.advisory).map(({ verdict }) => codeOf[verdict])
  if (codes.includes(3)) return 3
  return outcomes.length === 0 || codes.includes(4) ? 4 : 0
}

const codeOf: Readonly<Record<Verdict, ExitCode>> = {
  published: 0,
  'already-public': 0,
  conflict: 3,
  tampered: 3,
  missing: 3,
  failed: 3,
  undetermined: 4,
}
