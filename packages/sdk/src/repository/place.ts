import { posix } from 'node:path'
import type { RepositoryAddress } from './address.js'
import { gcsServerOf } from './gcs.js'
import { s3ServerOf } from './s3.js'
import { isTree, storeOf } from './tree.js'

/** Names of one server. */
const sameServers: Readonly<Record<string, string>> = {
  'docker.io': 'registry-1.docker.io',
  'index.docker.io': 'registry-1.docker.io',
  'registry.hub.docker.com': 'registry-1.docker.io',
  localhost: '127.0.0.1',
  '[::1]': '127.0.0.1',
}

/** A server's name, without what says the same: scheme and its port, case, the dot of a full name. */
function serverOf(origin: string): string {
  if (origin === '') return ''
  const { hostname, port, protocol } = new URL(origin)
  const host = hostname.toLowerCase().replace(/\.$/, '')
  const loopback = /^127\./.test(host) || host.endsWith('.localhost') ? '127.0.0.1' : host
  const usual = port === '' || (protocol === 'https:' ? '443' : '80') === port
  return `${sameServers[loopback] ?? loopback}${usual ? '' : `:${port}`}`
}

/** Where on its server a repository is. The other settings of a registry only say who asks. */
function pathOf({ type, settings }: RepositoryAddress): string {
  // Keys of objects tell capitals from small letters.
  if (type === 'http-files') return String(settings['path'] ?? '').replace(/^\//, '')
  if (isBucket(type)) return [settings['bucket'], settings['prefix'] ?? []].flat().map(String).join('/')
  const { prefix, path, repository, project, base = '' } = settings
  const packages = type === 'gitlab-packages' ? `${base}/${project}` : undefined
  const own = type === 'registry' ? (prefix ?? '') : (packages ?? path ?? repository ?? JSON.stringify(settings))
  const text = String(own)
  return isLocal(type) ? posix.resolve('/', text) : text.toLowerCase()
}

function isBucket(type: string): boolean {
  return type === 's3' || type === 'gcs'
}

function isLocal(type: string): boolean {
  return type === 'directory' || type === 'oci-layout'
}

/** The place of an image in it: the same for two addresses of one registry, however its path is divided. */
export function imagePlaceOf(address: RepositoryAddress, image: string): string {
  return [isLocal(address.type) ? 'local' : address.type, serverOf(address.origin), posix.join('/', pathOf(address), image)].join(' ')
}

/** Whether two addresses lead to one place, as far as they tell. */
export function isOnePlace(first: RepositoryAddress, second: RepositoryAddress): boolean {
  const [one, other] = [storeOf(first), storeOf(second)]
  return (
    isTree(first) === isTree(second) &&
    (!isTree(first) || first.type === second.type) &&
    one.type === other.type &&
    serverOf(one.origin) === serverOf(other.origin) &&
    pathOf(one) === pathOf(other)
  )
}

/** An address that says nothing of the names by which its server is known. */
const isNumber = (server: string) => /^(?:\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\])(?::\d+)?$/.test(server)

/**
 * Whether what is written to one repository can be seen in the other: `same`, where they are one place or one lies in the other;
 * `perhaps`, where that depends on the server.
 */
export function overlapOf(first: RepositoryAddress, second: RepositoryAddress): 'same' | 'perhaps' | undefined {
  const [one, other] = [storeOf(first), storeOf(second)]
  if (isLocal(one.type) !== isLocal(other.type) || (!isLocal(one.type) && one.type !== other.type)) return undefined
  // Staged files have names of their own there.
  if (one.type === 'gitlab-packages') return undefined
  const [server, otherServer] = [serverOf(serverAddressOf(one)), serverOf(serverAddressOf(other))]
  const [path, otherPath] = [pathOf(one), pathOf(other)]
  if (server !== otherServer) return path === otherPath && [server, otherServer].some(isNumber) ? 'perhaps' : undefined
  if (path === otherPath) return 'same'
  const isNested = isWithin(path, otherPath) || isWithin(otherPath, path)
  if (!isNested || one.type === 'packagecloud') return undefined
  return isLocal(one.type) || isBucket(one.type) || one.type === 'http-files'
    ? 'same'
    : path !== '' && otherPath !== ''
      ? 'perhaps'
      : undefined
}

function serverAddressOf(address: RepositoryAddress): string {
  if (address.type === 'gcs') return gcsServerOf(address)
  return address.type === 's3' ? s3ServerOf(address) : address.origin
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

/**
 * Whether a place is in a GitLab project that each of its own jobs can push to: `perhaps`, where the project is not known, or lies below the
 * place.
 */
export function ownPlaceOf(address: RepositoryAddress, instance: string, project: string | undefined): 'own' | 'perhaps' | undefined {
  if (address.type === 'gitlab-packages') return ownPackagesOf(address, instance, project)
  return address.type === 'registry' ? ownRegistryOf(address, instance, project) : undefined
}

function ownPackagesOf(
  { origin, settings }: RepositoryAddress,
  instance: string,
  project: string | undefined,
): 'own' | 'perhaps' | undefined {
  const { base = '', project: theirs } = settings
  const { pathname } = new URL(instance)
  if (serverOf(origin) !== serverOf(instance) || base !== pathname.replace(/\/+$/, '')) return undefined
  if (project === undefined) return 'perhaps'
  return String(theirs).toLowerCase() === project.toLowerCase() ? 'own' : undefined
}

function ownRegistryOf(
  { origin, settings }: RepositoryAddress,
  instance: string,
  project: string | undefined,
): 'own' | 'perhaps' | undefined {
  const [host = ''] = serverOf(origin).split(':')
  const [gitlab = ''] = serverOf(instance).split(':')
  const issuers = [settings['realms'] ?? []].flat().map((realm) => serverOf(String(realm)).split(':')[0])
  // Whatever the registry's own name is: a GitLab issues tokens for its own registry alone.
  if (host !== gitlab && host !== `registry.${gitlab}` && !issuers.includes(gitlab)) return undefined
  const prefix = String(settings['prefix'] ?? '').toLowerCase()
  if (project === undefined) return 'perhaps'
  const path = project.toLowerCase()
  if (prefix === path || (isWithin(prefix, path) && prefix !== '')) return 'own'
  return isWithin(path, prefix) ? 'perhaps' : undefined
}
