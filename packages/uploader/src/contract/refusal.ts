import { isStagegateError, StagegateError, UsageError } from '@stagegate/schema'
import { isSystemRefusal } from './system-error.js'

/**
 * The server refuses, and will refuse again: the credential is wrong, or the repository belongs to another account. A repository throws
 * this if a retry cannot help before a person has changed something.
 */
export class RepositoryRefusal extends StagegateError {}

/** Whether a retry cannot help: a refusal, an untrusted certificate, a wrong configuration, a folder that is not ours. */
export function isFinal(error: unknown): boolean {
  return (
    error instanceof UsageError || error instanceof RepositoryRefusal || (isStagegateError(error) && error.final) || isSystemRefusal(error)
  )
}
