import { parseUrl } from '@stagegate/schema'
import { text } from '../form/keyword.js'
import { fields } from '../form/keyword-forms.js'
import { credential, expectOptions, neverUndefined } from '../form/props.js'
import { isProjectPath } from '../gitlab/names.js'
import { Secret } from '../secret.js'
import { type RepositoryAddress, type TrustOptions, trustOf } from './address.js'

export interface GitLabPackagesOptions extends TrustOptions {
  /** The address of the GitLab, with its path if it has one. @default that of the app for its own project; https://gitlab.com for others */
  readonly gitlab?: string | undefined
  /**
   * A token of a person, a project or a group with the scope `api`, for a public place: every job has the token of a job.
   * @default the job's own
   */
  readonly token?: Secret
}

const form = fields<GitLabPackagesOptions>({ gitlab: text, token: neverUndefined(credential), ca: text })

/**
 * The generic packages of a GitLab project, for .deb and .rpm packages and plain files. With the job's own token they are for staging, and
 * need nothing beside GitLab: nobody but members of the project may be able to read them. A public place is another project, with a token of it.
 *
 * Staged files lie in packages of names of their own, `stagegate-staging.…`; public ones in `NAME/VERSION/FILE`, where anybody downloads them.
 *
 * @param project `group/project`. @default the app's own, which `new App({ project: { path } })` names
 * @throws {TypeError} a project that is none, a URL that is none, or `ca` holds no certificate
 * @example
 * const staging = new StagingRepo(app, 'staging', { at: gitlabPackages() })
 * const token = Secret.variable('DOWNLOADS_TOKEN')
 * const downloads = new PublicRepo(app, 'downloads', { at: gitlabPackages('acme/downloads', { token }) })
 */
export function gitlabPackages(project?: string, options: GitLabPackagesOptions = {}): RepositoryAddress {
  expectOptions(options, form, 'gitlabPackages')
  const { gitlab, token, ca } = options
  if (project !== undefined && !isProjectPath(project))
    throw new TypeError(`Expected a project such as acme/hello, got ${JSON.stringify(project)}`)
  if (project === undefined && gitlab !== undefined)
    throw new TypeError('Expected the project’s path before the address of its GitLab; without both it is the app’s own project')
  const tokens = [token ?? Secret.jobToken]
  return {
    type: 'gitlab-packages',
    ...trustOf({ ca }),
    ...instanceAt(gitlab ?? 'https://gitlab.com', {
      ...(project === undefined ? { ownProject: true } : { project }),
      ...(token !== undefined && { token: 'private' }),
    }),
    formats: ['deb', 'rpm', 'file'],
    read: tokens,
    write: tokens,
  }
}

interface Found {
  readonly url: string
  readonly ca: string | undefined
  readonly path: string
}

/** The address, at the app's own project. */
export function packagesOf(address: RepositoryAddress, { url, ca, path }: Found): RepositoryAddress {
  const { ownProject: _, ...settings } = address.settings
  return { ...trustOf({ ca }), ...address, ...instanceAt(url, { ...settings, project: path }) }
}

/** @throws {TypeError} no URL of a GitLab */
function instanceAt(url: string, settings: RepositoryAddress['settings']): Pick<RepositoryAddress, 'origin' | 'settings'> {
  const parsed = parseUrl(url)
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol) || parsed.search !== '' || parsed.username !== '')
    throw new TypeError(`Expected the address of a GitLab, such as https://gitlab.example, got ${JSON.stringify(url)}`)
  const base = parsed.pathname.replace(/\/+$/, '')
  return { origin: parsed.origin, settings: { ...settings, ...(base !== '' && { base }) } }
}
