import type { JsonObject } from '@stagegate/schema'
import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'
import { expectKnown } from '../contract/options.js'
import type { Secret } from '../http/client.js'
import { apt as apts } from './apt/index.js'
import type { RepositoryKind } from './define.js'
import { advice, nameOf, ofServer, open, type ServerOptions } from './opening.js'
import { type Place, storeAt } from './place.js'
import { withStores } from './stores.js'
import { yum as yums } from './yum/index.js'

/** The options that all repositories with an index have. */
export interface TreeOptions extends ServerOptions {
  /** The store of its files: a bucket, the path of a directory, or your own store with compare-and-set. */
  readonly on: Place
  /** The folder in the store that it starts at: `debian`. @default all of it */
  readonly path?: string | undefined
  /** The secret keys that sign its index, as `gpg --armor --export-secret-keys` prints them: one, or two during a change of keys. */
  readonly signWith: Secret | readonly Secret[]
  /** The passphrase of the keys. @default they have none */
  readonly passphrase?: Secret | undefined
  /** The certificates that its clients have, as armoured texts one after another. @default those of the keys */
  readonly certificates?: string | undefined
  /** Whether a package lies under its own name, or under its digest. @default names */
  readonly pool?: 'names' | 'digests' | undefined
}

/** The options of `aptRepository`. */
export interface AptRepositoryOptions extends TreeOptions {
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
  /** Whether indices also exist under plain names, for mirrors and old clients. @default true */
  readonly plainNames?: boolean | undefined
}

/** The options of `yumRepository`. */
export interface YumRepositoryOptions extends TreeOptions {
  /** The folder of all packages, or that of each distribution. @default the distribution: `el/9` */
  readonly folder?: string | Readonly<Record<string, string>> | undefined
  /**
   * Whether the index also has a separate signature, for clients with repo_gpgcheck. While the index changes, they may fail. @default false
   */
  readonly indexSignature?: boolean | undefined
}

/**
 * A repository for apt in a bucket or a directory, without a package server. Any number of programs can publish into a suite at the same time.
 *
 * @throws {UsageError} an invalid place or name, a missing or malformed secret
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

/**
 * A repository for yum, dnf and zypper in a bucket or a directory, without a package server. Any number of programs can publish into it at the
 * same time.
 *
 * @throws {UsageError} an invalid place or name, a missing or malformed secret
 * @example
 * const yum = yumRepository({ on: '/srv/packages', path: 'rpm', signWith: { variable: 'RPM_KEY' } })
 */
export function yumRepository(options: YumRepositoryOptions): StagingRepository & PublicRepository {
  expectKnown('yumRepository()', options, [...ofServer, ...ofTree, 'folder', 'indexSignature'])
  const { folder, indexSignature } = options
  return openTree(yums, options, { folder, indexSignature })
}

const ofTree = ['on', 'path', 'signWith', 'passphrase', 'certificates', 'pool'] as const

function openTree<S, R extends StagingRepository & PublicRepository>(
  kind: RepositoryKind<S, R>,
  options: TreeOptions,
  own: Readonly<Record<string, unknown>>,
): R {
  const { on, path, signWith, passphrase, certificates, pool, tls, proxy, hosts, clock } = options
  const { settings, server, credentials, kinds } = storeAt(on, tls)
  // A list of secrets is not a secret; the cast tells the compiler so.
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
  // The cast: a value that is not JSON is refused with the settings.
  const json = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as JsonObject
  return open(
    withStores(kind, kinds),
    { tls, proxy, hosts, clock, server, credentials: secrets, settings: json },
    { name: String(path ?? kind.type), next: advice },
  )
}
