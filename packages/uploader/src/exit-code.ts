import { type Finding, incompleteExitCode, isStagegateError, type Outcome, type PlannedDestination, type Verdict } from '@stagegate/schema'
import { isFinal } from './contract/refusal.js'
import { canPass, systemCode } from './contract/system-error.js'

/** `0` everything is as it should be, `3` a person must investigate, `4` incomplete and running it again can help. */
export type ExitCode = 0 | 3 | 4

/** The destination of an outcome in a plan; a program has none. */
export interface Destined {
  /** Whether a failure there can be ignored. */
  readonly destination?: Pick<PlannedDestination, 'advisory'>
}

/**
 * For the outcomes of a receipt, or of several. Advisory destinations are reported, and change nothing. No outcome at all is incomplete.
 * @example
 * process.exitCode = exitCodeOf(receipt.outcomes)
 */
export function exitCodeOf(outcomes: readonly (Pick<Outcome, 'verdict'> & Destined)[]): ExitCode {
  return worst(outcomes.map(({ verdict, ...destined }) => ({ code: codeOf[verdict], ...destined })))
}

const codeOf: Readonly<Record<Verdict, ExitCode>> = {
  published: 0,
  'already-public': 0,
  conflict: 3,
  tampered: 3,
  missing: 3,
  failed: 3,
  undetermined: incompleteExitCode,
}

/**
 * The same for what `verify` and `verifyFiles` found.
 * @example
 * process.exitCode = exitCodeOfFindings(findings)
 */
export function exitCodeOfFindings(findings: readonly ({ readonly found: Found } & Destined)[]): ExitCode {
  return worst(findings.map(({ found, ...destined }) => ({ code: codeOfFound[found], ...destined })))
}

/** A finding's word: of `verify`, or `expected-bytes` of `verifyFiles`. */
export type Found = Finding['found'] | 'expected-bytes'
const codeOfFound: Readonly<Record<Found, ExitCode>> = {
  'sealed-bytes': 0,
  'expected-bytes': 0,
  'other-bytes': 3,
  'index-broken': 3,
  gone: 3,
  refused: 3,
  'not-there-yet': incompleteExitCode,
  unknown: incompleteExitCode,
}

function worst(all: readonly ({ readonly code: ExitCode } & Destined)[]): ExitCode {
  const codes = all.filter(({ destination }) => destination?.advisory !== true).map(({ code }) => code)
  if (codes.includes(3)) return 3
  return all.length === 0 || codes.includes(incompleteExitCode) ? incompleteExitCode : 0
}

/**
 * The exit code of an error that a verb rejects with: 2 for a wrong call or configuration, 3 where a person must investigate, 4 only if the same job can succeed when it
 * runs again. Some families of codes decide it; for the others, whether a retry can help. An unexpected error is 3.
 *
 * @example
 * await publish(manifest, options).catch((error: unknown) => {
 *   console.error(error)
 *   process.exitCode = exitCodeOfError(error)
 * })
 */
export function exitCodeOfError(error: unknown): 2 | 3 | 4 {
  const system = systemCode(error)
  if (system !== undefined) return canPass(system) ? 4 : 2
  if (!isStagegateError(error)) return 3
  const [family] = error.code.split('/', 1)
  switch (family) {
    case 'usage':
    case 'author':
    case 'document':
    case 'package':
      return 2
    case 'gate':
    case 'content':
      return 3
    case 'signing':
      return /^signing\/key-/.test(error.code) ? 2 : 3
    default:
      return isFinal(error) || refused.includes(error.code) ? 3 : 4
  }
}

const refused: readonly string[] = [
  'staging/conflict',
  'staging/refused',
  'repository/index-broken',
  'repository/unsupported',
  'layout/broken',
  'directory/outside',
  'directory/not-a-file',
]
