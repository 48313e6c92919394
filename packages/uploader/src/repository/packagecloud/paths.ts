import { UsageError } from '@stagegate/schema'
import { shown } from '../../contract/shown.js'

/** Site-relative, so it contains no token (`download_url` does) and means the same to another process. */
export function downloadPath(repository: string, distribution: string, file: string): string {
  return `/${encoded(repository)}/packages/${encoded(distribution)}/${encodeURIComponent(file)}/download`
}

/**
 * The parts of a location that `downloadPath` made.
 * @throws {UsageError} a location in another repository: the credential is not sent anywhere else
 */
export function parseDownloadPath(repository: string, location: string): { readonly distribution: string; readonly file: string } {
  const prefix = `/${encoded(repository)}/packages/`
  const [distro, version, file, download, ...rest] = location.startsWith(prefix) ? location.slice(prefix.length).split('/') : []
  if (distro && version && file && download === 'download' && rest.length === 0) {
    const parts = { distribution: `${decoded(distro)}/${decoded(version)}`, file: decoded(file) }
    const stays = [distro, version, file].every((segment) => segment !== '.' && segment !== '..')
    if (stays && downloadPath(repository, parts.distribution, parts.file) === location) return parts
  }
  throw new UsageError({
    code: 'usage/location',
    what: `expected a package of ${repository}, got ${shown(location)}`,
    next: 'The location belongs to another repository. Check that the plan is the one that the stage job used.',
  })
}

export function uploadPath(repository: string): string {
  return `/api/v1/repos/${encoded(repository)}/packages.json`
}

export function searchPath(repository: string, query: string, distribution: string): string {
  const parameters = Object.entries({ q: query, dist: distribution, per_page: '100' })
  return `/api/v1/repos/${encoded(repository)}/search.json?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return ''
  }
}
