import { type ReleasePlan, UsageError } from '@stagegate/schema'
import { GitlabApi, jobToken, privateToken } from '../gitlab/gitlab-api.js'
import type { Network } from '../http/network.js'
import { gitlabPackages } from '../repository/gitlab-packages/index.js'
import { inPlan, parseSettings } from '../repository/opened.js'

/** A project's page of releases, with the token that the plan names for its packages. */
export interface ReleasePage {
  /** The project's GitLab, with that token. */
  readonly api: GitlabApi
  /** The project's path. */
  readonly project: string
}

/**
 * The page of releases of the project whose packages are a repository of the plan.
 * @throws {UsageError} the plan has no such repository, it is not GitLab's packages, or it names no token
 * @example
 * const page = openReleasePage(plan, 'downloads', createEnvironment())
 */
export function openReleasePage(plan: ReleasePlan, repository: string, environment: Network): ReleasePage {
  const planned = Object.hasOwn(plan.repositories, repository) ? plan.repositories[repository] : undefined
  if (planned === undefined) throw wrong(`the plan has no repository ${repository}`, repository)
  const { type, role, origin, ca, settings, credentials } = planned
  if (type !== gitlabPackages.type || role !== 'public')
    throw wrong(`it ${role === 'public' ? `has the type ${type}` : 'is for staging'}, so it has no page of releases`, repository)
  const { project, base, token } = parseSettings(gitlabPackages, settings, inPlan(repository))
  const [variable] = credentials.write
  if (variable === undefined) throw wrong('the plan names no token for it', repository)
  const url = `${origin}${base}`
  const api = new GitlabApi(
    { url, ...(ca !== undefined && { ca }) },
    environment,
    token === 'job' ? jobToken(variable) : privateToken(variable),
  )
  return { api, project }
}

function wrong(what: string, repository: string): UsageError {
  return new UsageError({
    code: 'usage/repository',
    where: `the repository ${repository}`,
    what,
    next: 'A release entry belongs to a public repository of the type gitlab-packages. Correct it in pipeline.ts, and synth again. Nothing was done.',
  })
}
