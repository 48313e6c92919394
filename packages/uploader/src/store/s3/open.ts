import type { Clock } from '../../contract/clock.js'
import type { AwsAccount, AwsIssued, Credential, GoogleAccount, HttpClient, Secret } from '../../http/client.js'
import { ownFolder, type StorePath } from '../path.js'
import { type Bucket, keyOf } from './bucket.js'
import { amazon, google } from './dialect.js'
import { googleLimits, type S3Limits, s3Limits } from './in-parts.js'
import { ObjectStore, type StoreParts } from './object-store.js'
import { Probe } from './probe.js'
import { S3Store } from './s3-store.js'
import { Wire } from './wire.js'

/** The path of the test object in each store. */
export const probePath = `${ownFolder}/probe`

/** The keys of an account, or issued keys, which sign for the region of a bucket. */
export type S3Keys = AwsAccount | AwsIssued

/** The address of a store, and the account. */
export interface S3Opening {
  /** Scheme, host and port; with the style `host`, the bucket is part of it. */
  readonly origin: string
  readonly bucket: Bucket
  readonly region: string
  readonly prefix: StorePath | undefined
  /** @default none: only public objects are visible */
  readonly keys?: S3Keys | undefined
  /** @default those of S3 */
  readonly limits?: S3Limits | undefined
}

/** The way to servers. */
export interface S3Ports {
  readonly clock: Clock
  /** A client that sends the credential only to this origin. */
  http(origin: string, credential?: Credential): HttpClient
}

/** An opened store, and the probe of its server. */
export interface OpenedBucketStore<S extends ObjectStore = ObjectStore> {
  readonly store: S
  readonly probe: Probe
}

/** Opens a store. It connects to nothing yet. */
export function openS3(
  { origin, bucket, region, prefix, keys, limits = s3Limits }: S3Opening,
  environment: S3Ports,
): OpenedBucketStore<S3Store> {
  const credentialFor = (signedFor: string): Credential | undefined =>
    keys === undefined ? undefined : { ...keys, scheme: 'aws', region: signedFor, service: 's3' }
  const open = (signedFor: string) => environment.http(origin, credentialFor(signedFor))
  const parts = partsOf(new Wire({ bucket, dialect: amazon, region, clock: environment.clock, open }), prefix, limits)
  return { store: new S3Store(parts), probe: parts.probe }
}

/** The HMAC key of a service account, or a token of OAuth. */
export type GoogleKeys = GoogleAccount | { readonly token: Secret }

/** The address of a store on Google's storage, and the account. */
export interface GoogleOpening extends Omit<S3Opening, 'region' | 'keys'> {
  /** @default none: only public objects are visible */
  readonly keys?: GoogleKeys | undefined
}

/** Opens a store on Google's storage. It connects to nothing yet. */
export function openGoogle(
  { origin, bucket, prefix, keys, limits = googleLimits }: GoogleOpening,
  { clock, http }: S3Ports,
): OpenedBucketStore {
  const open = () => http(origin, keys && googleCredential(keys))
  const parts = partsOf(new Wire({ bucket, dialect: google, region: 'auto', clock, open }), prefix, limits)
  return { store: new ObjectStore(parts), probe: parts.probe }
}

function googleCredential(keys: GoogleKeys): Credential {
  return 'token' in keys ? { scheme: 'bearer', token: keys.token } : { scheme: 'google', ...keys }
}

function partsOf(wire: Wire, prefix: StorePath | undefined, limits: S3Limits): StoreParts {
  return { wire, prefix, probe: new Probe(wire, keyOf(prefix, probePath)), limits }
}
