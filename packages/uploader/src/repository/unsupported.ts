import { StagegateError } from '@stagegate/schema'

/** The error for an artifact whose format a repository does not accept. Trying again does not help. */
export function unsupported(what: string, next: string, where?: string): StagegateError {
  return new StagegateError({ code: 'repository/unsupported', what, where, next, final: true })
}
