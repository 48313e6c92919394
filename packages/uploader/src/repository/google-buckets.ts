import { googleOrigin, isBucketName, type JsonObject } from '@stagegate/schema'
import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'
import { expectKnown } from '../contract/options.js'
import type { Secret } from '../http/client.js'
import { gcs as buckets } from './gcs/index.js'
import { advice, ofServer, open, type ServerOptions, wrong } from './opening.js'

/** The HMAC key of a service account of Google Cloud. */
export interface GcsKey {
  /** The access ID: `GOOG1E…`. */
  readonly accessId: Secret
  /** The secret. It signs requests, and is never sent. */
  readonly secret: Secret
}

/** An OAuth token, for example from workload identity federation. It is valid for an hour; for longer runs, pass a function that fetches it. */
export interface GcsToken {
  /** The token. */
  readonly token: Secret
}

/** The options of `gcs`. */
export interface GcsOptions extends ServerOptions {
  /** @default none: only public objects are visible, and nothing can be uploaded */
  readonly credentials?: GcsKey | GcsToken | undefined
  /** The folder of the bucket that the repository starts at: `linux/stable`. @default the whole bucket */
  readonly prefix?: string | undefined
  /** The address of the storage, such as that of a region: `https://storage.europe-west3.rep.googleapis.com`. @default https://storage.googleapis.com */
  readonly endpoint?: string | undefined
  /** Where readers find the folder: `https://downloads.example/linux`. @default the bucket itself, without keys */
  readonly readAt?: string | undefined
  /** Its use. Nothing is staged in a place that anybody can read. @default public */
  readonly role?: 'staging' | 'public' | undefined
}

/**
 * A bucket of Google Cloud Storage, for Debian and RPM packages and plain files. The server is tested before the first upload: one that ignores
 * preconditions by generation, and so would overwrite, is refused. Google stores no sha256, so each file is read back after it is written.
 * @param bucket its name: `acme-packages`
 * @throws {UsageError} for an invalid bucket, prefix or address, and a missing or malformed secret
 * @example
 * const credentials = { accessId: { variable: 'GCS_ACCESS_ID' }, secret: { variable: 'GCS_SECRET' } }
 * const downloads = gcs('acme-downloads', { prefix: 'linux', credentials })
 */
export function gcs(bucket: string, options: GcsOptions): StagingRepository & PublicRepository {
  expectKnown('gcs()', options, [...ofServer, ...ofGoogleBucket, 'role'])
  const { tls, proxy, hosts, clock, role = 'public' } = options
  const { settings, origin, keys } = googleBucketOf(bucket, options)
  return open(
    buckets,
    { tls, proxy, hosts, clock, server: origin, credentials: keys, settings, role },
    { name: String(bucket), next: advice },
  )
}

/** The names of the options of a bucket. */
export const ofGoogleBucket = ['credentials', 'prefix', 'endpoint', 'readAt'] as const

/** The settings of a bucket, its server, and its credentials. */
export function googleBucketOf(bucket: string, options: Omit<GcsOptions, 'role' | keyof ServerOptions>) {
  const { credentials, prefix, endpoint, readAt } = options
  const origin = googleOrigin(endpoint)
  if (!isBucketName(bucket) || origin === undefined)
    throw wrong('gcs()', "the bucket or the endpoint is not valid: write gcs('acme-packages', { credentials })")
  const settings: JsonObject = { bucket, ...(prefix !== undefined && { prefix }), ...(readAt !== undefined && { readAt }) }
  return { settings, origin, keys: credentials === undefined ? [] : secretsOf(credentials) }
}

function secretsOf(credentials: GcsKey | GcsToken): readonly Secret[] {
  expectKnown('credentials', credentials, ['accessId', 'secret', 'token'])
  const { accessId, secret, token }: Partial<GcsKey & GcsToken> = credentials
  if (token !== undefined && accessId === undefined && secret === undefined) return [token]
  if (token === undefined && accessId !== undefined && secret !== undefined) return [accessId, secret]
  throw wrong('gcs()', 'credentials needs accessId and secret, or a token')
}
