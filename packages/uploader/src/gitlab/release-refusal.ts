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
    what: `${meaning.what} (${status}).${said === undefined ? '' : ` GitLab says: ${said}`}`,
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
    ? `In another project than the job's, this one must be allowed with the permission ADMIN_RELEASES (Settings > CI/CD > Job token permissions there), and whoever started the job must be a Developer there.`
    : `${token} needs the scope api, and the role Developer in ${project}.`
  return {
    400: {
      what: 'GitLab does not take the entry, or one of its assets',
      next: 'Nothing that is there was changed. Correct what GitLab names; then run the job again.',
    },
    401: { what: `GitLab does not know the token in ${token}`, next: 'Give it a token that has not expired. Then run the job again.' },
    403: {
      what: `${token} may not make this entry, or not read it`,
      next: `If the tag is protected, ${isJob ? 'whoever started the job' : `the owner of ${token}`} must be allowed to create it: Settings > Repository > Protected tags. ${rights}`,
    },
    404: {
      what: `GitLab shows no project ${project} to ${token}, or somebody has deleted the entry just now`,
      next: `Run the job again, or correct the project’s path. ${rights}`,
    },
    409: {
      what: `there is an entry, and ${token} may not read it`,
      next: isJob ? `${rights} To read an entry it takes READ_RELEASES, and the right to read code.` : rights,
    },
    422: {
      what:
        ref === undefined
          ? `the tag ${tag} is not there, or GitLab does not take the entry`
          : `GitLab cannot make the tag ${tag} at ${ref}`,
      next:
        ref === undefined
          ? "Push the tag again if somebody has deleted it. In another project than the release's own, say with `ref` where the tag is made."
          : 'Name a branch or a commit that is there.',
    },
  }
}
