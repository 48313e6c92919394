import { bucketPlace, type JsonObject, parseRegistryName, UsageError } from '@stagegate/schema'
import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'
import type { Clock } from '../contract/clock.js'
import { expectKnown } from '../contract/options.js'
import { createEnvironment } from '../environment.js'
import type { Secret, SecretFunction, SecretValue } from '../http/client.js'
import { expectSecret } from '../http/credential.js'
import { parseOrigin } from '../http/origin.js'
import type { Hosts } from '../transfer/host.js'
import { apt as apts } from './apt/index.js'
import type { Access, RepositoryKind, Tls } from './define.js'
import { directory as directories } from './directory/index.js'
import { gitlabPackages as gitlabPackageses } from './gitlab-packages/index.js'
import { ociLayout as ociLayouts } from './oci-layout/index.js'
import { type Called, openKind } from './opened.js'
import { packagecloud as packageclouds } from './packagecloud/index.js'
import { registry as registries } from './registry/index.js'
import { s3 as buckets } from './s3/index.js'

/** How a server is reached. */
export interface ServerOptions {
  /** Certificate authorities of your own, and a client certificate. @default the public authorities, and those of NODE_EXTRA_CA_CERTS */
  readonly tls?: Tls | undefined
  /** The proxy's address: `http://proxy.example:3128`. It learns host and port alone. @default none: the server is reached directly */
  readonly proxy?: string | undefined
  /** Our manners towards servers, shared with other repositories and runs. The verbs use them, too. @default of each run alone */
  readonly hosts?: Hosts | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** The options of `openRepository`. */
export interface OpenOptions extends ServerOptions {
  /** As the kind's `parse` takes them. */
  readonly settings: JsonObject
  /** Scheme, host and port: `https://packages.example`. @default none: the kind needs no server */
  readonly server?: string | undefined
  /** In the order in which the kind wants them. @default none */
  readonly credentials?: readonly Secret[] | undefined
  /** `users` has none of the publisher's credentials. @default write */
  readonly access?: Access | undefined
}

/**
 * Opens a repository of any kind, for a program: one of your own, made by `defineRepository`.
 *
 * @throws {UsageError} settings that are not the kind's, a secret that is missing or malformed, an address that is none
 * @example
 * const shelf = openRepository(shelfKind, { server: 'https://files.example', settings: { path: '/files/' }, credentials: [{ variable: 'SHELF_TOKEN' }] })
 */
export function openRepository<Settings, R extends PublicRepository>(kind: RepositoryKind<Settings, R>, options: OpenOptions): R {
  const known = [...ofServer, 'settings', 'server', 'credentials', 'access']
  expectKnown('openRepository()', options, known)
  const given: Partial<typeof kind> | undefined = kind
  if (typeof given?.parse !== 'function' || typeof given.open !== 'function')
    throw wrong('openRepository()', 'its first argument is no kind of repository: pass what defineRepository() returned')
  if (typeof options.settings !== 'object' || options.settings === null) throw wrong('openRepository()', 'settings is no object')
  return open(kind, options, { name: options.server ?? kind.type, next: advice })
}

/**
 * A folder of this machine, for packages and plain files: what it publishes, `sha256sum --check` checks.
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
  /** An API token that may read and upload. @default none: what everybody may see is seen, and nothing can be uploaded */
  readonly token?: Secret | undefined
  /** Another server with the same API. @default https://packagecloud.io */
  readonly url?: string | undefined
}

/**
 * A repository on packagecloud.io, or on a server with its API, for Debian and RPM packages.
 * @param repository `acme/stable`
 * @throws {UsageError} a name or an address that is none, a token that is missing or malformed
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
  /** A token. @default none: what everybody may see is seen */
  readonly token?: Secret | undefined
  /** The owner of the token: a job (`CI_JOB_TOKEN`), or else a person, a project or a group. @default private */
  readonly tokenOf?: 'job' | 'private' | undefined
  /** Its use. Staged files have other names, and are uploaded only where nobody but members can read them. @default public */
  readonly role?: 'staging' | 'public' | undefined
  /** The address of the GitLab, with its path if it has one. @default https://gitlab.com */
  readonly url?: string | undefined
}

/**
 * The generic packages of a GitLab project, for Debian and RPM packages and plain files. `acme/1.2.3/acme.tar.gz` is the file `acme.tar.gz` of
 * the package acme 1.2.3; of a path with less than two folders, the missing ones are `-`.
 * @param project its path: `acme/hello`
 * @throws {UsageError} a path or an address that is none, a token that is missing or malformed
 * @example
 * const downloads = gitlabPackages('acme/hello', { token: { variable: 'GITLAB_TOKEN' } })
 */
export function gitlabPackages(project: string, options: GitlabPackagesOptions = {}): StagingRepository & PublicRepository {
  expectKnown('gitlabPackages()', options, [...ofServer, 'token', 'tokenOf', 'role', 'url'])
  const { token, tokenOf = 'private', role = 'public', url = 'https://gitlab.com', ...server } = options
  if (token !== undefined) expectSecret(token, 'token')
  if (!URL.canParse(url)) throw wrong('gitlabPackages()', 'url is no address of a GitLab, such as https://gitlab.example')
  const { origin, pathname } = new URL(url)
  const settings = { project, base: pathname.replace(/\/+$/, ''), token: tokenOf }
  const credentials = token === undefined ? [] : [token]
  return open(gitlabPackageses, { ...server, server: origin, credentials, settings, role }, { name: String(project), next: advice })
}

/** The options of `registry`. */
export interface RegistryOptions extends ServerOptions {
  /** The account. @default none: what everybody may see is seen */
  readonly username?: string | Secret | undefined
  /** The account's password or token. @default none */
  readonly password?: Secret | undefined
  /** In place of both: the text of a Docker config.json, as `docker login` writes it. */
  readonly config?: Secret | undefined
  /** Origins beside the registry's own that may be asked for tokens. The account goes to no other. @default Docker Hub's, for Docker Hub */
  readonly realms?: readonly string[] | undefined
  /** Where the registry answers, if not under its name: `http://127.0.0.1:5000`. @default https, and the name's host */
  readonly url?: string | undefined
}

/**
 * A registry of container images, and what stands before the images' names there.
 * @param name `docker.io/acme`, `registry.example/acme/tools`
 * @throws {UsageError} a name or an address that is none, an account without a password, a secret that is missing or malformed
 * @example
 * const hub = registry('docker.io/acme', { username: 'acme', password: { variable: 'HUB_PASSWORD' } })
 */
export function registry(name: string, options: RegistryOptions = {}): StagingRepository & PublicRepository {
  expectKnown('registry()', options, [...ofServer, 'username', 'password', 'config', 'realms', 'url'])
  const named = parseRegistryName(name)
  // A password may stand before the @, so the text is not repeated then.
  if (String(name).includes('@')) throw wrong('the name of a registry', 'there is an @ in it: give an account as username and password')
  if (named === undefined) throw wrong(String(name), 'it is no registry, such as registry.example/acme or docker.io/acme')
  const { username, password, config, realms = named.realms, url = named.origin, ...server } = options
  if ((username === undefined) !== (password === undefined))
    throw wrong(name, username === undefined ? 'there is a password without a user name' : 'there is a user name without a password')
  if (password !== undefined) expectSecret(password, 'password')
  if (config !== undefined) expectSecret(config, 'config')
  if (config !== undefined && password !== undefined) throw wrong(name, 'there are a password and a Docker config.json, and one is enough')
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

/** The keys of an account on S3. */
export interface S3Credentials {
  /** The access key. */
  readonly accessKeyId: Secret
  /** The secret key. It signs requests, and is never sent. */
  readonly secretAccessKey: Secret
  /** For temporary keys: their session token. @default the keys are not temporary */
  readonly sessionToken?: Secret | undefined
}

/** The options of `s3`. */
export interface S3Options extends ServerOptions {
  /** The region of the bucket: `eu-central-1`. */
  readonly region: string
  /** @default none: what everybody may see is seen, and nothing can be uploaded */
  readonly credentials?: S3Credentials | undefined
  /** The folder of the bucket that the repository begins at: `linux/stable`. @default the whole bucket */
  readonly prefix?: string | undefined
  /** The address of another server than AWS: `https://s3.acme.example`. @default that of AWS for the region */
  readonly endpoint?: string | undefined
  /** How the bucket is addressed. @default `host` at AWS for a name without dots, and `path` elsewhere */
  readonly addressing?: 'path' | 'host' | undefined
  /** Where readers find the folder: `https://downloads.example/linux`. @default the bucket itself, without keys */
  readonly readAt?: string | undefined
  /** Its use. Nothing is staged where anybody can read. @default public */
  readonly role?: 'staging' | 'public' | undefined
}

/**
 * A bucket of AWS S3, or of a server with its API, for Debian and RPM packages and plain files. Before the first upload the server is tried:
 * one that ignores `If-None-Match`, and so would overwrite, is refused.
 * @param bucket its name: `acme-packages`
 * @throws {UsageError} a bucket, a region, a prefix or an address that is none, a secret that is missing or malformed
 * @example
 * const credentials = { accessKeyId: { variable: 'S3_KEY_ID' }, secretAccessKey: { variable: 'S3_SECRET_KEY' } }
 * const downloads = s3('acme-downloads', { region: 'eu-central-1', prefix: 'linux', credentials })
 */
export function s3(bucket: string, options: S3Options): StagingRepository & PublicRepository {
  expectKnown('s3()', options, [...ofServer, ...ofBucket, 'role'])
  const { tls, proxy, hosts, clock, role = 'public' } = options
  const { settings, origin, keys } = bucketOf(bucket, options)
  return open(
    buckets,
    { tls, proxy, hosts, clock, server: origin, credentials: keys, settings, role },
    { name: String(bucket), next: advice },
  )
}

const ofBucket = ['region', 'credentials', 'prefix', 'endpoint', 'addressing', 'readAt'] as const

/** The settings of a bucket, its server, and its keys. */
function bucketOf(bucket: string, options: Omit<S3Options, 'role' | keyof ServerOptions>) {
  const { region, credentials, prefix, endpoint, addressing, readAt } = options
  const place = bucketPlace({ bucket, region, endpoint, addressing })
  if (place === undefined)
    throw wrong('s3()', "the bucket, its region or the endpoint is none: write s3('acme-packages', { region: 'eu-central-1' })")
  if (credentials !== undefined) expectKnown('credentials', credentials, ['accessKeyId', 'secretAccessKey', 'sessionToken'])
  const { accessKeyId, secretAccessKey, sessionToken }: Partial<S3Credentials> = credentials ?? {}
  const keys = credentials === undefined ? [] : [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])]
  const settings: JsonObject = {
    bucket,
    region,
    addressing: place.addressing,
    ...(prefix !== undefined && { prefix }),
    ...(readAt !== undefined && { readAt }),
  }
  return { settings, origin: place.origin, keys: keys.map(given) }
}

/** The options of `aptRepository`. */
export interface AptRepositoryOptions extends ServerOptions {
  /** Where its files lie: a bucket, or the path of a directory. */
  readonly on: string | BucketOptions
  /** The folder that it begins at there: `debian`. @default all of it */
  readonly path?: string | undefined
  /** The secret keys that sign its index, as `gpg --armor --export-secret-keys` prints them: one, or two while clients change over. */
  readonly signWith: Secret | readonly Secret[]
  /** The passphrase of the keys. @default they have none */
  readonly passphrase?: Secret | undefined
  /** The certificates that its clients have, as armoured text. @default those of the keys */
  readonly certificates?: string | undefined
  /** The suite of all packages, or that of each distribution. @default the distribution's second part: `jammy` */
  readonly suite?: string | Readonly<Record<string, string>> | undefined
  /** @default main */
  readonly component?: string | undefined
  /** Architectures that a new suite has an index for, whatever it lists. @default amd64 and arm64 */
  readonly architectures?: readonly string[] | undefined
  /** Who the packages come from, as clients pin it. A suite keeps the one that it began with. @default none */
  readonly origin?: string | undefined
  /** Their kind, as clients pin it. A suite keeps the one that it began with. @default none */
  readonly label?: string | undefined
  /** One line for people. @default none */
  readonly description?: string | undefined
  /** Whether indices also stand under plain names, for mirrors and old clients. @default true */
  readonly plainNames?: boolean | undefined
  /** Whether a package lies under its own name, or under its digest. @default names */
  readonly pool?: 'names' | 'digests' | undefined
}

/** A bucket that holds a repository with an index. */
export interface BucketOptions extends Omit<S3Options, 'role' | keyof ServerOptions> {
  /** Its name: `acme-packages`. */
  readonly bucket: string
}

/**
 * A repository for apt in a bucket or a directory, without a server of its own. Any number of programs can publish into a suite at the same time.
 *
 * @throws {UsageError} a place that is none, a name that is none, a secret that is missing or malformed
 * @example
 * const apt = aptRepository({ on: '/srv/packages', path: 'debian', signWith: { variable: 'APT_KEY' } })
 */
export function aptRepository(options: AptRepositoryOptions): StagingRepository & PublicRepository {
  const own = ['suite', 'component', 'architectures', 'origin', 'label', 'description', 'plainNames'] as const
  expectKnown('aptRepository()', options, [...ofServer, ...ofTree, ...own])
  const { suite, component, architectures, origin, label, description, plainNames } = options
  const settings = { suite, component, architectures, origin, label, description, plainNames }
  return openTree(apts, options, settings)
}

const ofTree = ['on', 'path', 'signWith', 'passphrase', 'certificates', 'pool'] as const

function openTree<S, R extends StagingRepository & PublicRepository>(
  kind: RepositoryKind<S, R>,
  options: Pick<AptRepositoryOptions, (typeof ofTree)[number] | keyof ServerOptions>,
  own: Readonly<Record<string, unknown>>,
): R {
  const { on, path, signWith, passphrase, certificates, pool, tls, proxy, hosts, clock } = options
  const { settings, server, credentials } = storeOf(on)
  // A list of secrets is no secret; the cast tells that to the compiler.
  const keys = (Array.isArray(signWith) ? signWith : [signWith]) as readonly Secret[]
  const secrets = [...credentials, ...keys, ...(passphrase === undefined ? [] : [passphrase])]
  const names = secrets.map(nameOf)
  const signing = names.slice(credentials.length)
  const all = {
    on: settings,
    path,
    certificates,
    pool,
    ...own,
    signWith: signing.slice(0, keys.length),
    ...(passphrase !== undefined && { passphrase: signing[keys.length] }),
  }
  // The cast: what is not JSON is refused with the settings.
  const json = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as JsonObject
  return open(
    kind,
    { tls, proxy, hosts, clock, server, credentials: secrets, settings: json },
    { name: String(path ?? kind.type), next: advice },
  )
}

interface OpenedStore {
  readonly settings: JsonObject
  readonly server: string | undefined
  readonly credentials: readonly Secret[]
}

function storeOf(on: string | BucketOptions): OpenedStore {
  if (typeof on === 'string') return { settings: { type: 'directory', path: on }, server: undefined, credentials: [] }
  if (typeof on !== 'object' || on === null) throw wrong('on', 'it is neither a directory nor a bucket')
  expectKnown('on', on, ['bucket', ...ofBucket])
  const { settings, origin, keys } = bucketOf(on.bucket, on)
  return { settings: { type: 's3', ...settings }, server: origin, credentials: keys }
}

/** @throws {UsageError} a key that is missing */
function given(secret: Secret | undefined): Secret {
  if (secret !== undefined) return secret
  throw wrong('s3()', 'credentials needs accessKeyId and secretAccessKey')
}

const ofServer = ['tls', 'proxy', 'hosts', 'clock']
const advice = 'in your call'

interface Opened extends OpenOptions {
  /** @default public */
  readonly role?: 'staging' | 'public' | undefined
}

function open<Settings, R extends PublicRepository>(kind: RepositoryKind<Settings, R>, options: Opened, called: Called): R {
  const { settings, server, role = 'public', credentials = [], access = 'write', tls, proxy, hosts, clock } = options
  const origin = server === undefined ? '' : parseOrigin(server, true).origin
  const secrets: Record<string, SecretValue | SecretFunction> = {}
  const names = credentials.map((secret, index) => {
    const name = nameOf(secret, index)
    if (typeof secret === 'function' || !('variable' in secret)) secrets[name] = secret
    return name
  })
  const environment = createEnvironment({ secrets, proxy, hosts, clock, ...(tls !== undefined && { tls: { [origin]: tls } }) })
  return openKind(kind, { settings, role, origin, access, credentials: names }, environment, called)
}

/** The name by which a kind knows a secret. @throws {UsageError} it is none */
function nameOf(secret: Secret, index: number): string {
  expectSecret(secret, `credentials[${index}]`)
  return typeof secret !== 'function' && 'variable' in secret ? secret.variable : `credential ${index + 1}`
}

function wrong(where: string, what: string): UsageError {
  return new UsageError({ code: 'usage/repository', what, where, next: 'Correct it in your call. Nothing was done.' })
}
