import { type JsonObject, parseUrl, UsageError } from '@stagegate/schema'
import { GitlabApi, jobToken, privateToken } from '../../gitlab/gitlab-api.js'
import { jobTokenVariable } from '../../gitlab/job-token.js'
import type { Credential } from '../../http/client.js'
import { defineRepository } from '../define.js'
import { Audience } from './audience.js'
import { GitlabPackages } from './gitlab-packages.js'
import { UsersView } from './users-view.js'

export interface GitlabPackagesSettings {
  /** The project's path: `acme/hello`. */
  readonly project: string
  /** The path of the instance on its host: `/gitlab`. Usually empty. */
  readonly base: string
  /** The header for the token: a job's, or a person's, a project's or a group's. */
  readonly token: 'job' | 'private'
}

/** Staged files have different names, so staging and public can be one project. */
const prefixOfStaging = 'stagegate-staging.'

/**
 * The generic packages of a project, for packages and plain files. The credential is a token; without one, only public packages are
 * visible.
 */
export const gitlabPackages = defineRepository<GitlabPackagesSettings>({
  type: 'gitlab-packages',
  formats: ['deb', 'rpm', 'file'],
  usersHaveJobToken: true,
  parse({ project, base = '', token = 'job', ...rest }: JsonObject): GitlabPackagesSettings {
    const isProject = typeof project === 'string' && /^(?!\.{1,2}\/)[\w.][\w.-]*(?:\/(?!\.{1,2}(?:\/|$))[\w.][\w.-]*)+$/.test(project)
    const isBase = typeof base === 'string' && /^(?:\/[\w.-]+)*$/.test(base)
    if (!isProject || !isBase || (token !== 'job' && token !== 'private') || Object.keys(rest).length > 0)
      throw new UsageError({
        code: 'usage/settings',
        what: 'generic packages of GitLab have the settings `project`, such as acme/hello, `base`, such as /gitlab, and `token`, which is job or private',
      })
    return { project, base, token }
  },
  open({ settings: { project, base, token }, role, origin, access, credentials: [variable] }, environment) {
    if (parseUrl(origin) === undefined)
      throw new UsageError({ code: 'usage/repository', what: 'generic packages need the address of their GitLab', where: project })
    const open = (credential: Credential | 'none') => new GitlabApi({ url: `${origin}${base}` }, environment, credential)
    const credentialIn = token === 'job' ? jobToken : privateToken
    const visitors = open('none')
    const packagesFor = (asker: string | undefined) =>
      new GitlabPackages({
        api: asker === undefined ? visitors : open(credentialIn(asker)),
        visitors,
        asker: { project, variable: asker },
        prefix: role === 'staging' ? prefixOfStaging : '',
        isPrivate: role === 'staging',
      })
    if (access !== 'users' || token !== 'job' || variable !== jobTokenVariable) return packagesFor(variable)
    return new UsersView(new Audience(visitors, project), { everybody: packagesFor(undefined), members: packagesFor(variable) })
  },
})
