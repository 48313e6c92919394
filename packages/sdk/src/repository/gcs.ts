import { googleOrigin, isBucketName, isKeyPrefix, parseReadAddress } from '@stagegate/schema'
import { text } from '../form/keyword.js'
import { byKey, fields } from '../form/keyword-forms.js'
import { credential, expectOptions, neverUndefined } from '../form/props.js'
import type { Secret } from '../secret.js'
import { type RepositoryAddress, type TrustOptions, trustOf } from './address.js'

/** The HMAC key of a service account of Google Cloud, by the variables that hold it. */
export interface GcsKey {
  /** The access ID: `GOOG1E…`. */
  readonly accessId: Secret
  /** The secret. It signs requests, and is never sent. */
  readonly secret: Secret
}

/** A token of OAuth that the job finds in a variable, as a vault gives it. It is good for an hour, so the job has to be done by then. */
export interface GcsToken {
  /** The token. */
  readonly token: Secret
}

/** The options of `gcs`. Authorities in `ca` vouch for the endpoint, and not for `readAt`. */
export interface GcsOptions extends TrustOptions {
  /** A key that may write: `storage.objects.create`, `storage.objects.get` and `storage.objects.list`; for an index `storage.objects.delete` too. */
  readonly credentials: GcsKey | GcsToken
  /**
   * A key that may only read. For staging, the jobs that publish have it alone; for a private public place, its users read with it.
   * @default for staging the one that may write; for a public place none, as anybody reads
   */
  readonly readCredentials?: GcsKey | GcsToken
  /** The folder of the bucket that the repository begins at: `linux/stable`. @default the whole bucket */
  readonly prefix?: string | undefined
  /** The address of the storage, such as that of a region: `https://storage.europe-west3.rep.googleapis.com`. @default https://storage.googleapis.com */
  readonly endpoint?: string | undefined
  /**
   * For a public place, the address at which readers find the folder: `https://downloads.example/linux`. `verify` reads there.
   * @default the bucket itself, as anybody reads it
   */
  readonly readAt?: string | undefined
}

const keys = byKey<GcsKey | GcsToken>({
  accessId: fields<GcsKey>({ accessId: credential, secret: credential }, 'accessId', 'secret'),
  token: fields<GcsToken>({ token: credential }, 'token'),
})
const form = fields<GcsOptions>(
  { credentials: keys, readCredentials: neverUndefined(keys), prefix: text, endpoint: text, readAt: text, ca: text },
  'credentials',
)

/**
 * A bucket of Google Cloud Storage, for .deb and .rpm packages and plain files. Writes have preconditions by generation, and jobs try before they
 * upload anything that the server heeds them. A place for staging must be private.
 *
 * A package lies at `DISTRIBUTION/FILE`, a plain file at its own path; `.stagegate/` is a folder of ours.
 *
 * @param bucket its name: `acme-packages`
 * @throws {TypeError} a bucket, prefix, endpoint or address that is none, or `ca` holds no certificate
 * @example
 * const credentials = { accessId: Secret.variable('GCS_ACCESS_ID'), secret: Secret.variable('GCS_SECRET') }
 * const downloads = new PublicRepo(app, 'downloads', { at: gcs('acme-downloads', { prefix: 'linux', credentials }) })
 */
export function gcs(bucket: string, options: GcsOptions): RepositoryAddress {
  expectOptions(options, form, 'gcs')
  const { prefix, endpoint, readAt, ca, credentials, readCredentials = credentials } = options
  if (!isBucketName(bucket)) throw new TypeError(`Expected the name of a bucket such as acme-packages, got ${JSON.stringify(bucket)}`)
  if (prefix !== undefined && !isKeyPrefix(prefix))
    throw new TypeError(`Expected a folder such as linux/stable, without slashes at its ends, got ${JSON.stringify(prefix)}`)
  if (readAt !== undefined && parseReadAddress(readAt) === undefined)
    throw new TypeError('Expected the address that readers use, such as https://downloads.example/linux, in readAt')
  const origin = googleOrigin(endpoint)
  if (origin === undefined)
    throw new TypeError('Expected the address of a server such as https://storage.googleapis.com, without a path, in endpoint')
  return {
    type: 'gcs',
    origin,
    ...trustOf({ ca }),
    formats: ['deb', 'rpm', 'file'],
    read: secretsOf(readCredentials),
    write: secretsOf(credentials),
    settings: { bucket, ...(prefix !== undefined && { prefix }), ...(readAt !== undefined && { readAt }) },
  }
}

function secretsOf(credentials: GcsKey | GcsToken): readonly Secret[] {
  return 'token' in credentials ? [credentials.token] : [credentials.accessId, credentials.secret]
}

/** All of Google's addresses lead to one storage, as names of buckets are unique there. */
export function gcsServerOf({ origin }: RepositoryAddress): string {
  return /(?:^|\.)googleapis\.com$/.test(new URL(origin).hostname) ? 'https://storage.googleapis.com' : origin
}
