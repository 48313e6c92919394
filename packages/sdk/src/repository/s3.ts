import {
  bucketPlace,
  isBucketName,
  isKeyPrefix,
  isOfAws,
  isRegionName,
  isRoleName,
  type JsonObject,
  parseReadAddress,
  stsOrigin,
} from '@stagegate/schema'
import { oneOf, text } from '../form/keyword.js'
import { byKey, fields } from '../form/keyword-forms.js'
import { credential, expectOptions, idToken, neverUndefined } from '../form/props.js'
import type { Secret } from '../secret.js'
import { type RepositoryAddress, type TrustOptions, trustOf } from './address.js'

/** The keys of an account on S3, by the variables that hold them. */
export interface S3Credentials {
  /** The access key: `AWS_ACCESS_KEY_ID`. */
  readonly accessKeyId: Secret
  /** The secret key. It signs requests, and is never sent. */
  readonly secretAccessKey: Secret
  /** For temporary keys: their session token. @default the keys are not temporary */
  readonly sessionToken?: Secret
}

/** A role that a job takes with its own ID token: no key is kept anywhere. For AWS, and servers with its AssumeRoleWithWebIdentity. */
export interface S3Role {
  /** `arn:aws:iam::123456789012:role/publish`. @default the one that the server finds by the token, as MinIO does */
  readonly role?: string | undefined
  /** The token: `Secret.idToken('PUBLISH_TOKEN', { aud: 'publish.acme.example' })`. */
  readonly token: Secret
  /** The address of the server that issues the keys. @default the bucket's: AWS for its region, or `endpoint` */
  readonly sts?: string | undefined
}

/** The options of `s3`. Authorities in `ca` vouch for the endpoint, and not for `readAt`. */
export interface S3Options extends TrustOptions {
  /** The region of the bucket: `eu-central-1`. Servers other than AWS have one, too, and often take `us-east-1`. */
  readonly region: string
  /** Keys that may write: `s3:PutObject`, `s3:GetObject` and `s3:ListBucket`. They need no right to delete. */
  readonly credentials: S3Credentials | S3Role
  /**
   * Keys that may only read. For staging, the jobs that publish have these alone; for a private public place, its users read with them.
   * @default for staging those that may write; for a public place none, as anybody reads
   */
  readonly readCredentials?: S3Credentials | S3Role
  /** The folder of the bucket that the repository begins at: `linux/stable`. @default the whole bucket */
  readonly prefix?: string | undefined
  /** The address of another server: `https://s3.acme.example`. @default that of AWS for the region */
  readonly endpoint?: string | undefined
  /** How the bucket is addressed. @default `host` at AWS for a name without dots, and `path` elsewhere */
  readonly addressing?: 'path' | 'host' | undefined
  /**
   * For a public place, the address at which readers find the folder: `https://downloads.example/linux`. `verify` reads there.
   * @default the bucket itself, as anybody reads it
   */
  readonly readAt?: string | undefined
}

const keys = byKey<S3Credentials | S3Role>({
  accessKeyId: fields<S3Credentials>(
    { accessKeyId: credential, secretAccessKey: credential, sessionToken: neverUndefined(credential) },
    'accessKeyId',
    'secretAccessKey',
  ),
  token: fields<S3Role>({ role: text, token: idToken, sts: text }, 'token'),
})
const form = fields<S3Options>(
  {
    region: text,
    credentials: keys,
    readCredentials: neverUndefined(keys),
    prefix: text,
    endpoint: text,
    addressing: oneOf('path', 'host'),
    readAt: text,
    ca: text,
  },
  'region',
  'credentials',
)

/**
 * A bucket of AWS S3, or of a server with its API, for .deb and .rpm packages and plain files. The server must heed conditional writes
 * (`If-None-Match`): jobs try that before they upload anything, and refuse one that would overwrite. A place for staging must be private.
 *
 * A package lies at `DISTRIBUTION/FILE`, a plain file at its own path; `.stagegate/` is a folder of ours.
 *
 * @param bucket its name: `acme-packages`
 * @throws {TypeError} a bucket, region, prefix, endpoint or address that is none, or `ca` holds no certificate
 * @example
 * const credentials = { accessKeyId: Secret.variable('S3_KEY_ID'), secretAccessKey: Secret.variable('S3_SECRET_KEY') }
 * const downloads = new PublicRepo(app, 'downloads', { at: s3('acme-downloads', { region: 'eu-central-1', prefix: 'linux', credentials }) })
 */
export function s3(bucket: string, options: S3Options): RepositoryAddress {
  expectOptions(options, form, 's3')
  const { region, prefix, endpoint, addressing, readAt, ca, credentials, readCredentials = credentials } = options
  if (!isBucketName(bucket)) throw new TypeError(`Expected the name of a bucket such as acme-packages, got ${JSON.stringify(bucket)}`)
  if (!isRegionName(region)) throw new TypeError(`Expected a region such as eu-central-1, got ${JSON.stringify(region)}`)
  if (prefix !== undefined && !isKeyPrefix(prefix))
    throw new TypeError(`Expected a folder such as linux/stable, without slashes at its ends, got ${JSON.stringify(prefix)}`)
  if (readAt !== undefined && parseReadAddress(readAt) === undefined)
    throw new TypeError('Expected the address that readers use, such as https://downloads.example/linux, in readAt')
  const place = bucketPlace({ bucket, region, endpoint, addressing })
  if (place === undefined)
    throw new TypeError('Expected the address of a server such as https://s3.acme.example, without a path, in endpoint')
  return {
    type: 's3',
    origin: place.origin,
    ...trustOf({ ca }),
    formats: ['deb', 'rpm', 'file'],
    read: secretsOf(readCredentials),
    write: secretsOf(credentials),
    settings: {
      bucket,
      region,
      addressing: place.addressing,
      ...(prefix !== undefined && { prefix }),
      ...(readAt !== undefined && { readAt }),
      ...webIdentityOf({ read: readCredentials, write: credentials }, options),
    },
  }
}

function secretsOf(credentials: S3Credentials | S3Role): readonly Secret[] {
  if ('token' in credentials) return [credentials.token]
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  return [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])]
}

/** The settings by which keys are got for a token, for each access that has one. */
function webIdentityOf(by: Readonly<Record<'read' | 'write', S3Credentials | S3Role>>, { region, endpoint }: S3Options): JsonObject {
  const roles = Object.entries(by).flatMap(([access, credentials]) =>
    'token' in credentials ? [[access, roleOf(credentials, { region, endpoint })] as const] : [],
  )
  return roles.length === 0 ? {} : { webIdentity: Object.fromEntries(roles) }
}

function roleOf({ role, sts }: S3Role, place: Pick<S3Options, 'region' | 'endpoint'>): JsonObject {
  const origin = stsOrigin({ ...place, sts })
  if (origin === undefined) throw new TypeError('Expected the address of a server such as https://sts.acme.example, without a path, in sts')
  if (role === undefined && isOfAws(new URL(origin).hostname))
    throw new TypeError('Expected a role with the token, such as arn:aws:iam::123456789012:role/publish: AWS issues no keys without one')
  if (role !== undefined && !isRoleName(role))
    throw new TypeError(`Expected a role such as arn:aws:iam::123456789012:role/publish, got ${JSON.stringify(role)}`)
  return { sts: origin, ...(role !== undefined && { role }) }
}

/** The server of a bucket, without its name: the same for both ways to address it. All of AWS is one server, as names of buckets are unique there. */
export function s3ServerOf({ origin, settings: { bucket, addressing } }: RepositoryAddress): string {
  const host = addressing === 'host' ? origin.replace(`//${bucket}.`, '//') : origin
  return isOfAws(new URL(host).hostname) ? 'https://s3.amazonaws.com' : host
}
