import type { JsonObject } from '@stagegate/schema'
import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'
import { expectKnown } from '../contract/options.js'
import type { Secret } from '../http/client.js'
import type { Tls } from '../http/network.js'
import { bucketOf, ofBucket, type S3Options } from './buckets.js'
import type { StoreKind } from './define.js'
import { files as filesOn } from './files/index.js'
import { type GcsOptions, googleBucketOf, ofGoogleBucket } from './google-buckets.js'
import { advice, ofServer, open, type ServerOptions, wrong } from './opening.js'
import { withStores } from './stores.js'

/** A bucket for a repository. */
export interface BucketOptions extends Omit<S3Options, 'role' | keyof ServerOptions> {
  /** Its name: `acme-packages`. */
  readonly bucket: string
}

/** A Google Cloud Storage bucket for a repository. */
export interface GcsBucketOptions extends Omit<GcsOptions, 'role' | keyof ServerOptions> {
  /** Its name: `acme-packages`. */
  readonly gcs: string
}

/** Your own store for a repository. */
export interface StoreOptions {
  /** The kind, made by `defineStore`. */
  readonly kind: StoreKind<unknown>
  /** The input of the kind's `parse`. @default none */
  readonly settings?: JsonObject | undefined
  /** Scheme, host and port: `https://files.example`. @default none: the kind needs no server */
  readonly server?: string | undefined
  /** In the order that the kind expects. @default none */
  readonly credentials?: readonly Secret[] | undefined
}

/** A store for a repository: the path of a directory, a bucket of S3 or of Google, or a store of your own. */
export type Place = string | BucketOptions | GcsBucketOptions | StoreOptions

/** The options of `files`. */
export interface FilesOptions extends ServerOptions {
  /** The store: a bucket, the path of a directory, or your own store. */
  readonly on: Place
  /** The folder in the store that it starts at: `releases`. @default all of it */
  readonly path?: string | undefined
  /** Its use. Nothing is staged in a place that anybody can read. @default public */
  readonly role?: 'staging' | 'public' | undefined
}

/**
 * Debian and RPM packages and plain files by path, on any store. A package is at `DISTRIBUTION/FILE`, a plain file at its own path.
 *
 * @throws {UsageError} an invalid place or folder, a missing or malformed secret
 * @example
 * const downloads = files({ on: '/srv/packages', path: 'releases' })
 */
export function files(options: FilesOptions): StagingRepository & PublicRepository {
  expectKnown('files()', options, [...ofServer, 'on', 'path', 'role'])
  const { on, path, role, tls, proxy, hosts, clock } = options
  if (typeof path === 'string' && /[{}]/.test(path))
    throw wrong('path', 'it must be one folder for all versions, without placeholders: the version belongs in the path of each file')
  const { settings, server, credentials, kinds } = storeAt(on, tls)
  const json: JsonObject = { on: settings, ...(path !== undefined && { path }) }
  const name = path ?? server ?? (typeof on === 'string' ? on : 'files')
  return open(
    withStores(filesOn, kinds),
    { tls, proxy, hosts, clock, role, server, credentials, settings: json },
    { name: String(name), next: advice },
  )
}

interface StoreAt {
  readonly settings: JsonObject
  readonly server: string | undefined
  readonly credentials: readonly Secret[]
  readonly kinds: readonly StoreKind<unknown>[]
}

/** The store at a place. @throws {UsageError} an invalid place; `tls` without a server */
export function storeAt(on: Place, tls: Tls | undefined): StoreAt {
  const store = storeOf(on)
  if (store.server === undefined && tls !== undefined)
    throw wrong('tls', `${typeof on === 'string' ? 'a directory' : 'this store'} has no server, so there is no certificate to check`)
  return store
}

function storeOf(on: Place): StoreAt {
  if (on === '') throw wrong('on', 'the path of the directory is empty')
  if (typeof on === 'string') return { settings: { type: 'directory', path: on }, server: undefined, credentials: [], kinds: [] }
  if (typeof on !== 'object' || on === null) throw wrong('on', 'it is neither a directory nor a bucket, nor a store of your own')
  if ('kind' in on) return ownStoreOf(on)
  if ('gcs' in on) {
    expectKnown('on', on, ['gcs', ...ofGoogleBucket])
    const { settings, origin, keys } = googleBucketOf(on.gcs, on)
    return { settings: { type: 'gcs', ...settings }, server: origin, credentials: keys, kinds: [] }
  }
  expectKnown('on', on, ['bucket', ...ofBucket])
  const { settings, origin, keys } = bucketOf(on.bucket, on)
  return { settings: { type: 's3', ...settings }, server: origin, credentials: keys, kinds: [] }
}

function ownStoreOf(on: StoreOptions): StoreAt {
  expectKnown('on', on, ['kind', 'settings', 'server', 'credentials'])
  const { kind, settings = {}, server, credentials = [] } = on
  const given: Partial<typeof kind> | undefined = kind
  if (typeof given?.type !== 'string' || typeof given.parse !== 'function' || typeof given.open !== 'function')
    throw wrong('on', 'its kind is not a kind of store: pass what defineStore() returned')
  return { settings: { ...settings, type: kind.type }, server, credentials, kinds: [kind] }
}
