import { bucketPlace, isBucketName, isKeyPrefix, isOfAws, isRegionName, parseReadAddress } from '@stagegate/schema'
import { oneOf, text } from '../keyword/keyword.js'
import { fields } from '../keyword/keyword-forms.js'
import { credential, expectOptions, neverUndefined } from '../keyword/props.js'
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

/** The options of `s3`. Authorities in `ca` vouch for the endpoint, and not for `readAt`. */
export interface S3Options extends TrustOptions {
  /** The region of the bucket: `eu-central-1`. Servers other than AWS have one, too, and often take `us-east-1`. */
  readonly region: string
  /** Keys that may write: `s3:PutObject`, `s3:GetObject` and `s3:ListBucket`. They need no right to delete. */
  readonly credentials: S3Credentials
  /**
   * Keys that may only read. For staging, the jobs that publish have these alone; for a private public place, its users read with them.
   * @default for staging those that may write; for a public place none, as anybody reads
   */
  readonly readCredentials?: S3Credentials
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

const keys = fields<S3Credentials>(
  { accessKeyId: credential, secretAccessKey: credential, sessionToken: neverUndefined(credential) },
  'accessKeyId',
  'secretAccessKey',
)
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
    },
  }
}

function secretsOf({ accessKeyId, secretAccessKey, sessionToken }: S3Credentials): readonly Secret[] {
  return [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])]
}

/** The server of a bucket, without its name: the same for both ways to address it. All of AWS is one server, as names of buckets are unique there. */
export function s3ServerOf({ origin, settings: { bucket, addressing } }: RepositoryAddress): string {
  const host = addressing === 'host' ? origin.replace(`//${bucket}.`, '//') : origin
  return isOfAws(new URL(host).hostname) ? 'https://s3.amazonaws.com' : host
}
