import { StagegateError, UsageError } from '@stagegate/schema'
import { HttpError } from '../http/http-error.js'

/**
 * The server says no, and will say so again: the credential is refused, the repository is not this account's. What a
 * repository throws when asking again is of no use before a person has changed something.
 */
export class RepositoryRefusal extends StagegateError {}

/** Whether asking again is of no use: a refusal, a certificate that is not trusted, a wrong configuration. */
export function isFinal(error: unknown): boolean {
  return error instanceof UsageError || error instanceof RepositoryRefusal || (error instanceof HttpError && error.final)
}
