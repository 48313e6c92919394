import { originOf, type RepositoryAddress } from './address.js'
import { packagesOf } from './gitlab-packages.js'

/** The app's project, as far as it is known. */
export interface OwnProject {
  readonly url: string
  /** The authorities that vouch for its GitLab, as PEM text. */
  readonly ca: string | undefined
  readonly path: string | undefined
}

/**
 * The address of the app's own project, where `gitlabRegistry()` or `gitlabPackages()` named none; others as they are. Repositories in the
 * registry are in lower case. `undefined`: nothing says where it is.
 */
export function atOwnProject(address: RepositoryAddress, { url, ca, path }: OwnProject): RepositoryAddress | undefined {
  const { ownProject, ...settings } = address.settings
  if (ownProject !== true) return address
  if (path === undefined) return undefined
  if (address.type === 'gitlab-packages') return packagesOf(address, { url, ca, path })
  return originOf(url) === 'https://gitlab.com' ? { ...address, settings: { ...settings, prefix: path.toLowerCase() } } : undefined
}
