import type { Clock } from '../../contract/clock.js'
import type { AwsAccount, AwsIssued, Credential, HttpClient } from '../../http/client.js'
import { ownFolder, type StorePath } from '../path.js'
import { type Bucket, keyOf } from './bucket.js'
import { type S3Limits, s3Limits } from './in-parts.js'
import { Probe } from './probe.js'
import { S3Store } from './s3-store.js'
import { Wire } from './wire.js'

/** Where the object lies by which a server is tried, in each store. */
export const probePath = `${ownFolder}/probe`

/** The keys of an account, or keys that are issued, which sign for the region of a bucket. */
export type S3Keys = AwsAccount | AwsIssued

/** Where a store is, and by whom it is opened. */
export interface S3Opening {
  /** Scheme, host and port; with the style `host`, the bucket is part of it. */
  readonly origin: string
  readonly bucket: Bucket
  readonly region: string
  readonly prefix: StorePath | undefined
  /** @default none: only what everybody may see is seen */
  readonly keys?: S3Keys | undefined
  /** @default those of S3 */
  readonly limits?: S3Limits | undefined
}

/** The way to servers. */
export interface S3Ports {
  readonly clock: Clock
  /** A client that sends the credential to this origin and nowhere else. */
  http(origin: string, credential?: Credential): HttpClient
}

/** An opened store, and the key of the object by which its server is tried. */
export interface OpenedS3 {
  readonly store: S3Store
  readonly probe: Probe
}

/** Opens a store. It connects to nothing yet. */
export function openS3({ origin, bucket, region, prefix, keys, limits = s3Limits }: S3Opening, environment: S3Ports): OpenedS3 {
  const credentialFor = (signedFor: string): Credential | undefined =>
    keys === undefined ? undefined : { ...keys, scheme: 'aws', region: signedFor, service: 's3' }
  const wire = new Wire({
    bucket,
    region,
    clock: environment.clock,
    open: (signedFor) => environment.http(origin, credentialFor(signedFor)),
  })
  const probe = new Probe(wire, keyOf(prefix, probePath))
  return { store: new S3Store({ wire, prefix, probe, limits }), probe }
}
