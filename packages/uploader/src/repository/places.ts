import { type JsonObject, parseRegistryName } from '@stagegate/schema'
import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'
import { expectKnown } from '../contract/options.js'
import type { Secret } from '../http/client.js'
import { expectSecret } from '../http/secret.js'
import type { RepositoryKind } from './define.js'
import { directory as directories } from './directory/index.js'
import { gitlabPackages as gitlabPackageses } from './gitlab-packages/index.js'
import { ociLayout as ociLayouts } from './oci-layout/index.js'
import { advice, type OpenOptions, ofServer, open, type ServerOptions, wrong } from './opening.js'
import { packagecloud as packageclouds } from './packagecloud/index.js'
import { registry as registries } from './registry/index.js'

/**
 * Opens a repository of any kind, for a program: one of your own, made by `defineRepository`.
 *
 * @throws {UsageError} settings that are invalid for the kind, a missing or malformed secret, an invalid address
 * @example
 * const shelf = openRepository(shelfKind, { server: 'https://files.example', settings: { path: '/files/' }, credentials: [{ variable: 'SHELF_TOKEN' }] })
 */
export function openRepository<Settings, R extends PublicRepository>(kind: RepositoryKind<Settings, R>, options: OpenOptions): R {
  const known = [...ofServer, 'settings', 'server', 'credentials', 'access']
  expectKnown('openRepository()', options, known)
  const given: Partial<typeof kind> | undefined = kind
  if (typeof given?.parse !== 'function' || typeof given.open !== 'function')
    throw wrong('openRepository()', 'its first argument is not a kind of repository: pass what defineRepository() returned')
  if (typeof options.settings !== 'object' || options.settings === null) throw wrong('openRepository()', 'settings is not an object')
  return open(kind, options, { name: options.server ?? kind.type, next: advice })
}

/**
 * A folder of this machine, for packages and plain files. `sha256sum --check` can check what it publishes.
 * @param path relative ones start from the working directory
 * @example
 * const to = { mirror: directory('public'), archive: directory('/srv/archive') }
 */
export function directory(path: string): StagingRepository & PublicRepository {
  return open(directories, { settings: { path } }, { name: String(path), next: advice })
}

/**
 * A folder with an OCI layout for each image.
 * @example
 * const from = { repository: ociLayout('layouts'), image: 'hello', tag: '1.2.3' }
 */
export function ociLayout(path: string): StagingRepository & PublicRepository {
  return open(ociLayouts, { settings: { path } }, { name: String(path), next: advice })
}

/** The options of `packagecloud`. */
export interface PackagecloudOptions extends ServerOptions {
  /** An API token that may read and upload. @default none: only public packages are visible, and nothing can be uploaded */
  readonly token?: Secret | undefined
  /** Another server with the same API. @default https://packagecloud.io */
  readonly url?: string | undefined
}

/**
 * A repository on packagecloud.io, or on a server with its API, for Debian and RPM packages.
 * @param repository `acme/stable`
 * @throws {UsageError} an invalid name or address, a missing or malformed token
 * @example
 * const stable = packagecloud('acme/stable', { token: { variable: 'PACKAGECLOUD_TOKEN' } })
 */
export function packagecloud(repository: string, options: PackagecloudOptions = {}): StagingRepository & PublicRepository {
  expectKnown('packagecloud()', options, [...ofServer, 'token', 'url'])
  const { token, url = 'https://packagecloud.io', ...server } = options
  if (token !== undefined) expectSecret(token, 'token')
  const credentials = token === undefined ? [] : [token]
  return open(packageclouds, { ...server, server: url, credentials, settings: { repository } }, { name: String(repository), next: advice })
}

/** The options of `gitlabPackages`. */
export interface GitlabPackagesOptions extends ServerOptions {
  /** A token. @default none: only public packages are visible */
  readonly token?: Secret | undefined
  /** The owner of the token: a job (`CI_JOB_TOKEN`), or a person, a project or a group. @default private */
  readonly tokenOf?: 'job' | 'private' | undefined
  /** Its use. Staged files have different names, and are uploaded only where nobody but members can read them. @default public */
  readonly role?: 'staging' | 'public' | undefined
  /** The address of the GitLab, with its path if it has one. @default https://gitlab.com */
  readonly url?: string | undefined
}

/**
 * The generic packages of a GitLab project, for Debian and RPM packages and plain files. `acme/1.2.3/acme.tar.gz` is the file `acme.tar.gz`
 * of the package acme 1.2.3; in a path with fewer than two folders, the missing ones are `-`.
 * @param project its path: `acme/hello`
 * @throws {UsageError} an invalid path or address, a missing or malformed token
 * @example
 * const downloads = gitlabPackages('acme/hello', { token: { variable: 'GITLAB_TOKEN' } })
 */
export function gitlabPackages(project: string, options: GitlabPackagesOptions = {}): StagingRepository & PublicRepository {
  expectKnown('gitlabPackages()', options, [...ofServer, 'token', 'tokenOf', 'role', 'url'])
  const { token, tokenOf = 'private', role = 'public', url = 'https://gitlab.com', ...server } = options
  if (token !== undefined) expectSecret(token, 'token')
  if (!URL.canParse(url)) throw wrong('gitlabPackages()', 'url is not the address of a GitLab, such as https://gitlab.example')
  const { origin, pathname } = new URL(url)
  const settings = { project, base: pathname.replace(/\/+$/, ''), token: tokenOf }
  const credentials = token === undefined ? [] : [token]
  return open(gitlabPackageses, { ...server, server: origin, credentials, settings, role }, { name: String(project), next: advice })
}

/** The options of `registry`. */
export interface RegistryOptions extends ServerOptions {
  /** The account. @default none: only public images are visible */
  readonly username?: string | Secret | undefined
  /** The account's password or token. @default none */
  readonly password?: Secret | undefined
  /** Instead of both: the text of a Docker config.json, as `docker login` writes it. */
  readonly config?: Secret | undefined
  /**
   * Other origins that may be asked for tokens, in addition to the registry's own. The account is sent to no other. @default Docker Hub's,
   * for Docker Hub
   */
  readonly realms?: readonly string[] | undefined
  /** Where the registry answers, if not under its name: `http://127.0.0.1:5000`. @default https, and the name's host */
  readonly url?: string | undefined
}

/**
 * A registry of container images, and the prefix of the images' names there.
 * @param name `docker.io/acme`, `registry.example/acme/tools`
 * @throws {UsageError} an invalid name or address, an account without a password, a missing or malformed secret
 * @example
 * const hub = registry('docker.io/acme', { username: 'acme', password: { variable: 'HUB_PASSWORD' } })
 */
export function registry(name: string, options: RegistryOptions = {}): StagingRepository & PublicRepository {
  expectKnown('registry()', options, [...ofServer, 'username', 'password', 'config', 'realms', 'url'])
  const named = parseRegistryName(name)
  // There may be a password before the @, so the text is not repeated then.
  if (String(name).includes('@')) throw wrong('the name of a registry', 'it contains an @: pass the account as username and password')
  if (named === undefined) throw wrong(String(name), 'it is not a registry, such as registry.example/acme or docker.io/acme')
  const { username, password, config, realms = named.realms, url = named.origin, ...server } = options
  if ((username === undefined) !== (password === undefined))
    throw wrong(name, username === undefined ? 'there is a password without a user name' : 'there is a user name without a password')
  if (password !== undefined) expectSecret(password, 'password')
  if (config !== undefined) expectSecret(config, 'config')
  if (config !== undefined && password !== undefined) throw wrong(name, 'there are both a password and a Docker config.json: pass only one')
  const account = config !== undefined ? 'config' : password !== undefined ? 'password' : 'none'
  const settings: JsonObject = {
    account,
    ...(named.prefix !== '' && { prefix: named.prefix }),
    ...(typeof username === 'string' && { username }),
    realms: [...realms],
  }
  const credentials = [typeof username === 'string' ? undefined : username, password, config].filter((one) => one !== undefined)
  return open(registries, { ...server, server: url, credentials, settings }, { name, next: advice })
}
