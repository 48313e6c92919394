import { GateError } from '@stagegate/schema'
import { jobOver } from '../http/gitlab-issuer.js'
import type { GitlabApi } from './gitlab-api.js'
import { jobTokenVariable } from './job-token.js'
import { GitlabRefusal } from './refusal.js'

interface Refused {
  readonly tag: string
  readonly ref?: string | undefined
}

interface Asked {
  readonly api: GitlabApi
  readonly project: number | string
}

/**
 * GitLab's refusal of a release entry, with what to do; any other error as it is. GitLab says little, and its words differ from version to
 * version: the status tells, and its words are handed on.
 */
export function entryRefusal(error: unknown, { tag, ref }: Refused, { api, project }: Asked): unknown {
  if (!(error instanceof GitlabRefusal)) return error
  const { status, said } = error
  const isJob = api.variable === jobTokenVariable
  const token = api.variable ?? 'the token'
  // The next job has another one.
  if (status === 401 && isJob) return jobOver(error.where ?? api.origin)
  const meaning = meanings({ tag, ref, project, token, isJob })[status]
  if (meaning === undefined) return error
  return new GateError({
    code: 'gate/release-refused',
    where: `the release ${tag} of the project ${project}`,
    what: `${meaning.what} (${status}).${said === undefined ? '' : ` GitLab’s answer: ${said}`}`,
    next: meaning.next,
    cause: error,
  })
}

interface Meaning {
  readonly what: string
  readonly next: string
}

interface Circumstances extends Refused {
  readonly project: number | string
  /** The variable that holds it. */
  readonly token: string
  readonly isJob: boolean
}

function meanings({ tag, ref, project, token, isJob }: Circumstances): { readonly [status: number]: Meaning | undefined } {
  const rights = isJob
    ? `If that is another project than the job's, it must allow the job's project the permission ADMIN_RELEASES (Settings > CI/CD > Job token permissions there), and the user who started the job must be a Developer there.`
    : `${token} needs the scope api, and the role Developer in ${project}.`
  return {
    400: {
      what: 'GitLab refused the entry or one of its assets',
      next: 'Nothing existing was changed. Correct what GitLab names, then run the job again.',
    },
    401: {
      what: `GitLab does not accept the token in ${token}`,
      next: 'Replace it with a token that has not expired. Then run the job again.',
    },
    403: {
      what: `${token} cannot create or read this entry`,
      next: `If the tag is protected, ${isJob ? 'the user who started the job' : `the owner of ${token}`} must be allowed to create it: Settings > Repository > Protected tags. ${rights}`,
    },
    404: {
      what: `${token} cannot see the project ${project}, or somebody just deleted the entry`,
      next: `Run the job again, or correct the project’s path. ${rights}`,
    },
    409: {
      what: `there is an entry, but ${token} cannot read it`,
      next: isJob ? `${rights} Reading an entry needs READ_RELEASES and the permission to read code.` : rights,
    },
    422: {
      what:
        ref === undefined ? `the tag ${tag} does not exist, or GitLab refused the entry` : `GitLab cannot create the tag ${tag} at ${ref}`,
      next:
        ref === undefined
          ? "Push the tag again if somebody deleted it. In a project other than the release's own, set `ref` to the commit or branch for the tag."
          : 'Name an existing branch or commit.',
    },
  }
}
