import { type Finding, incompleteExitCode, isStagegateError, type Outcome, type PlannedDestination, type Verdict } from '@stagegate/schema'
import { isFinal } from './contract/refusal.js'
import { canPass, systemCode } from './contract/system-error.js'

/** `0` all is as it should be, `3` a person must look, `4` incomplete and running again can help. */
export type ExitCode = 0 | 3 | typeof incompleteExitCode

/** Advisory destinations are reported, and change nothing. No outcome at all is incomplete. */
export function exitCodeOf(outcomes: readonly Pick<Outcome, 'verdict' | 'destination' | 'problem'>[]): ExitCode {
  return worst(outcomes.map(({ verdict, destination }) => ({ code: codeOf[verdict], destination })))
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

/** The same for what verifying found. */
export function exitCodeOfFindings(findings: readonly Pick<Finding, 'found' | 'destination'>[]): ExitCode {
  return worst(findings.map(({ found, destination }) => ({ code: codeOfFound[found], destination })))
}

const codeOfFound: Readonly<Record<Finding['found'], ExitCode>> = {
  'sealed-bytes': 0,
  'other-bytes': 3,
  'index-broken': 3,
  gone: 3,
  refused: 3,
  'not-there-yet': incompleteExitCode,
  unknown: incompleteExitCode,
}

function worst(all: readonly { readonly code: ExitCode; readonly destination: Pick<PlannedDestination, 'advisory'> }[]): ExitCode {
  const codes = all.filter(({ destination }) => !destination.advisory).map(({ code }) => code)
  if (codes.includes(3)) return 3
  return all.length === 0 || codes.includes(incompleteExitCode) ? incompleteExitCode : 0
}

/**
 * The exit code of an error that a verb rejects with: 2 for a wrong call or configuration, 3 where a person must look, 4 only if the same job can succeed when it
 * runs again. Some families of codes decide it; for the others, whether asking again is of use. An unforeseen error is 3.
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
