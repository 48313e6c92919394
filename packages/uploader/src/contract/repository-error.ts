import { type ErrorParts, isStagegateError, type Outcome, StagegateError } from '@stagegate/schema'
import type { Completable, ImageCapabilities, Indexed, Installable, Served, Sink, Source } from './capabilities.js'
import { problemOf } from './problem.js'
import { isFinal } from './refusal.js'

/** A call to a repository, by the name of its method. */
export type Operation = Exclude<
  keyof (Source & Sink & Served & Completable & Indexed & Installable & ImageCapabilities),
  'host' | 'formats' | 'nameOnHost'
>

/** A call that failed. */
export interface Failure {
  readonly operation: Operation
  /** The error; `undefined` where the repository answered with a refusal. */
  readonly cause: unknown
}

/** The parts of a `RepositoryError`. */
export interface RepositoryErrorParts extends ErrorParts {
  /** The side of the gate that the repository is on. */
  readonly side: 'staging' | 'public'
  /** Its name in the plan. */
  readonly repository: string
  /** The method whose call failed. */
  readonly operation: Operation
  /** The outcomes so far: of `stage`, one entry for each artifact. @default none */
  readonly outcomes?: readonly Outcome[] | undefined
}

/** Where a call failed. */
export type Place = Pick<RepositoryErrorParts, 'side' | 'repository' | 'operation'>

/**
 * A call to a repository failed, and the verb stopped. `final` tells whether a retry cannot help, `cause` is the error of the
 * call. Failures of public repositories are part of receipts and verifications; verbs do not reject because of them.
 *
 * @example
 * if (error instanceof RepositoryError) console.error(`${error.operation} failed at ${error.side} ${error.repository}: ${error.what}`)
 */
export class RepositoryError extends StagegateError {
  /** The side of the gate that the repository is on. */
  readonly side: 'staging' | 'public'
  /** Its name in the plan. */
  readonly repository: string
  /** The method whose call failed. */
  readonly operation: Operation
  /** The outcomes so far: of `stage`, one entry for each artifact. */
  readonly outcomes: readonly Outcome[]

  constructor(parts: RepositoryErrorParts) {
    super(parts)
    this.side = parts.side
    this.repository = parts.repository
    this.operation = parts.operation
    this.outcomes = parts.outcomes ?? []
  }
}

/** The error of a call, with its place. An error about what the repository has, or of a wrong call, stays as it is. */
export function placed(error: unknown, place: Place): unknown {
  const { code, message } = problemOf(error)
  if (/^(content|usage)\//.test(code)) return error
  const { what, where, next } = isStagegateError(error) ? error : { what: message }
  return new RepositoryError({ code, what, where, next, final: isFinal(error), cause: error, ...place })
}
