import { bucketPlace, type JsonObject, stsOrigin } from '@stagegate/schema'
import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'
import { expectKnown } from '../contract/options.js'
import type { Secret } from '../http/client.js'
import { advice, ofServer, open, type ServerOptions, wrong } from './opening.js'
import { s3 as buckets } from './s3/index.js'

/** The keys of an account on S3. */
export interface S3Credentials {
  /** The access key. */
  readonly accessKeyId: Secret
  /** The secret key. It signs requests, and is never sent. */
  readonly secretAccessKey: Secret
  /** For temporary keys: their session token. @default the keys are not temporary */
  readonly sessionToken?: Secret | undefined
}

/** A role that is assumed with an ID token: no key is stored anywhere. For AWS, and servers that support AssumeRoleWithWebIdentity. */
export interface S3Role {
  /** `arn:aws:iam::123456789012:role/publish`. @default the one that the server finds by the token, as MinIO does */
  readonly role?: string | undefined
  /** The token. */
  readonly token: Secret
  /** The address of the server that issues the keys. @default the bucket's: AWS for its region, or `endpoint` */
  readonly sts?: string | undefined
}

/** The options of `s3`. */
export interface S3Options extends ServerOptions {
  /** The region of the bucket: `eu-central-1`. */
  readonly region: string
  /** @default none: only public objects are visible, and nothing can be uploaded */
  readonly credentials?: S3Credentials | S3Role | undefined
  /** The folder of the bucket that the repository starts at: `linux/stable`. @default the whole bucket */
  readonly prefix?: string | undefined
  /** The address of a server other than AWS: `https://s3.acme.example`. @default that of AWS for the region */
  readonly endpoint?: string | undefined
  /** How the bucket is addressed. @default `host` at AWS for a name without dots, and `path` elsewhere */
  readonly addressing?: 'path' | 'host' | undefined
  /** Where readers find the folder: `https://downloads.example/linux`. @default the bucket itself, without keys */
  readonly readAt?: string | undefined
  /** Its use. Nothing is staged in a place that anybody can read. @default public */
  readonly role?: 'staging' | 'public' | undefined
}

/**
 * A bucket of AWS S3, or of a server with its API, for Debian and RPM packages and plain files. The server is tested before the first upload:
 * one that ignores `If-None-Match`, and so would overwrite, is refused.
 * @param bucket its name: `acme-packages`
 * @throws {UsageError} for an invalid bucket, region, prefix or address, and a missing or malformed secret
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

/** The names of the options of a bucket. */
export const ofBucket = ['region', 'credentials', 'prefix', 'endpoint', 'addressing', 'readAt'] as const

/** The settings of a bucket, its server, and its keys. */
export function bucketOf(bucket: string, options: Omit<S3Options, 'role' | keyof ServerOptions>) {
  const { region, credentials, prefix, endpoint, addressing, readAt } = options
  const place = bucketPlace({ bucket, region, endpoint, addressing })
  if (place === undefined)
    throw wrong('s3()', "the bucket, its region or the endpoint is not valid: write s3('acme-packages', { region: 'eu-central-1' })")
  const settings: JsonObject = {
    bucket,
    region,
    addressing: place.addressing,
    ...(prefix !== undefined && { prefix }),
    ...(readAt !== undefined && { readAt }),
  }
  if (credentials === undefined) return { settings, origin: place.origin, keys: [] }
  if (!isRole(credentials)) return { settings, origin: place.origin, keys: keysIn(credentials) }
  expectKnown('credentials', credentials, ['role', 'token', 'sts'])
  const { role, token, sts = stsOrigin({ region, endpoint }) ?? '' } = credentials
  const by: JsonObject = { sts, ...(role !== undefined && { role }) }
  return { settings: { ...settings, webIdentity: { read: by, write: by } }, origin: place.origin, keys: [given(token)] }
}

function isRole(credentials: S3Credentials | S3Role): credentials is S3Role {
  return typeof credentials === 'object' && credentials !== null && 'token' in credentials
}

function keysIn(credentials: S3Credentials): readonly Secret[] {
  expectKnown('credentials', credentials, ['accessKeyId', 'secretAccessKey', 'sessionToken'])
  const { accessKeyId, secretAccessKey, sessionToken }: Partial<S3Credentials> = credentials
  return [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])].map(given)
}

/** @throws {UsageError} a key that is missing */
function given(secret: Secret | undefined): Secret {
  if (secret !== undefined) return secret
  throw wrong('s3()', 'credentials needs accessKeyId and secretAccessKey, or a token')
}
