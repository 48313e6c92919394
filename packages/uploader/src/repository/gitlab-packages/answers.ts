import { type Bytes, StagegateError } from '@stagegate/schema'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { UnexpectedAnswer } from '../../contract/unexpected-answer.js'
import { jobTokenVariable } from '../../gitlab/job-token.js'
import { jobOver } from '../../http/gitlab-issuer.js'

/** A refusal by GitLab, and its place. */
export interface Refused {
  readonly status: number
  /** GitLab's own words, if there are any. */
  readonly said: string | undefined
  readonly where: string
}

/** Who asks, and about which project, for messages. */
export interface Asker {
  /** The project's path. */
  readonly project: string
  /** The variable with the token; `undefined` for a visitor. */
  readonly variable: string | undefined
  /** GitLab has accepted the token before. @default false */
  readonly wasKnown?: boolean
}

/**
 * The error of a refused request. GitLab says little: 404 may mean a missing project, an invisible one, or a package registry that is
 * switched off. So it is never taken for absent.
 */
export function refusal({ status, said, where }: Refused, { project, variable, wasKnown = false }: Asker): Error {
  if (status === 401 && wasKnown && variable === jobTokenVariable) return jobOver(where)
  const words = said === undefined ? '' : ` Its answer: ${said}`
  const meaning = meanings(project, variable)[status]
  if (meaning === undefined) return new UnexpectedAnswer({ status, what: `the server answered ${status}.${words}`, where })
  return new RepositoryRefusal({ code: 'repository/refused', what: `${meaning.what} (${status}).${words}`, where, next: meaning.next })
}

/** Neither there nor absent: the file can still be read for a while, and then it is gone. */
export function beingDeleted(where: string): StagegateError {
  return new StagegateError({
    code: 'repository/being-deleted',
    what: 'somebody deleted the package, but GitLab has not removed its files yet',
    where,
    next: 'Wait a few minutes, then run the job again; it sends only what is missing.',
  })
}

/**
 * The same for an upload. GitLab answers a bare 403 if the token has too few rights, and also if its object storage fails
 * (lib/api/generic_packages.rb).
 */
export function uploadRefusal(refused: Refused, asker: Asker): Error {
  const { status, said, where } = refused
  if (status !== 403 || (said !== undefined && said !== '403 Forbidden')) return refusal(refused, asker)
  const { what, next } = meanings(asker.project, asker.variable)[403]
  return new StagegateError({ code: 'repository/forbidden', what: `${what}, or GitLab’s storage fails (403)`, where, next })
}

interface Meaning {
  readonly what: string
  readonly next: string
}

function meanings(
  project: string,
  variable: string | undefined,
): { readonly 403: Meaning; readonly [status: number]: Meaning | undefined } {
  const isJob = variable === jobTokenVariable
  const allowed = isJob
    ? `If that is another project than the job’s, its settings must allow the job’s project: Settings > CI/CD > Job token permissions. The user who started the job must be a developer of ${project}.`
    : `${variable ?? 'A visitor'} needs the scope api, and its owner must be a developer of ${project}.`
  return {
    400: { what: 'GitLab does not accept the name, the version or the path', next: 'Correct it, or use a newer GitLab.' },
    401: {
      what:
        variable === undefined
          ? `GitLab does not show the packages of ${project} without a token`
          : `GitLab does not accept the token in ${variable}`,
      next: isJob
        ? 'A job’s token is valid only while the job runs. Run the job again.'
        : `Set ${variable ?? 'it'} to a token that has not expired.`,
    },
    403: { what: `${variable ?? 'a visitor'} does not have permission to do that with the packages of ${project}`, next: allowed },
    404: {
      what: `GitLab does not show a project ${project} with a package registry to ${variable ?? 'visitors'}`,
      next: `Correct the path, or turn on the package registry (Settings > General > Visibility). ${allowed}`,
    },
  }
}

/** The refusal of one upload, if it is about the file and not about the token; otherwise `undefined`. */
export function refusedUpload(
  { status, said = '' }: Refused,
  size: Bytes,
): { readonly code: string; readonly message: string } | undefined {
  const words = said === '' ? '' : ` GitLab’s answer: ${said}`
  if (status === 413 || (status === 400 && /too large/i.test(said)))
    return {
      code: 'repository/too-large',
      message: `The file has ${size} bytes, but the server accepts no files of that size.${words} An administrator can raise the limit for generic packages, or the limit of a proxy in front of GitLab.`,
    }
  if (status === 403 && /protected/i.test(said))
    return {
      code: 'repository/protected',
      message: `The package is protected, and this token cannot add to it.${words} Change the rule: Settings > Packages and registries > Protected packages.`,
    }
  if (status === 400)
    return { code: 'repository/refused', message: `The server refuses the file (400).${words} Correct its name, its version or its path.` }
  return undefined
}
