import { StagegateError } from '@stagegate/schema'

/** The error for an artifact of a format that a repository does not take. Trying again is no use. */
export function unsupported(what: string, next: string, where?: string): StagegateError {
  return new StagegateError({ code: 'repository/unsupported', what, where, next, final: true })
}
