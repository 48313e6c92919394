import { isStagegateError, StagegateError, UsageError } from '@stagegate/schema'

/** The server says no, and will say so again: the credential is refused, the repository is not this account's. */
export class RepositoryRefusal extends StagegateError {}

const refusals = new Set(['repository/unauthorized', 'repository/forbidden', 'repository/payment-required'])

/** True when asking again is of no use before a person has changed something. */
export function isFinal(error: unknown): boolean {
  return error instanceof UsageError || (isStagegateError(error) && refusals.has(error.code))
}
