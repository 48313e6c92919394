import { isBucketName, isKeyPrefix, parseReadAddress } from '@stagegate/schema'
import * as v from 'valibot'
import type { Call } from '../../contract/capabilities.js'
import { type StorePath, storePath, type Users, usersOf } from '../../store/index.js'
import { type Bucket, type OpenedBucketStore, pathIn } from '../../store/s3/index.js'
import type { Environment, Opening } from '../define.js'
import { named } from '../settings.js'
import { expectNoReaders, Visitors } from '../visitors.js'
import { expectPrivate } from './private.js'

/** The settings that all buckets have. */
export const bucketSettings = {
  /** The bucket's name. */
  bucket: named(isBucketName, 'the name of a bucket'),
  /** The folder of the bucket that the repository begins at. */
  prefix: v.optional(named(isKeyPrefix, 'a folder such as linux/stable')),
  /** Where readers find that folder. */
  readAt: v.optional(named((text) => parseReadAddress(text) !== undefined, 'an address such as https://downloads.example')),
} as const

/** An opened bucket, and the ways around it. */
export interface OpenedBucket {
  readonly opened: OpenedBucketStore
  /** Reads as users do. */
  readonly readers: Users
  /** Where any program reads it. `undefined`: its readers sign their requests with keys. */
  readonly address: string | undefined
  /** Makes sure of the place before anything is written to it. @default nothing */
  readonly beforeWrite: ((call: Call) => Promise<void>) | undefined
}

/** A bucket that is opened, and by whom. */
interface Place extends Pick<Opening<unknown>, 'origin' | 'role'> {
  readonly bucket: Bucket
  readonly prefix: StorePath | undefined
  readonly readAt: string | undefined
  /** Whether its users have keys of their own. */
  readonly hasKeys: boolean
}

/** The ways around a bucket. @throws {UsageError} a place for staging that everybody may read */
export function around(
  opened: OpenedBucketStore,
  { bucket, prefix, readAt, origin, role, hasKeys }: Place,
  environment: Environment,
): OpenedBucket {
  if (role === 'staging') expectNoReaders(readAt)
  const visitors = new Visitors(environment.http(origin), pathIn(bucket, prefix ?? '').replace(/\/$/, ''))
  // Users that have keys of their own read with them.
  const everybody = hasKeys ? undefined : readersAt(readAt, visitors, environment)
  const readers = everybody ?? usersOf(opened.store)
  return { opened, readers, address: everybody?.address, beforeWrite: role === 'staging' ? expectPrivate(opened, visitors) : undefined }
}

/** The folder of a bucket that settings name. */
export function folderOf({ prefix }: { readonly prefix?: string | undefined }): StorePath | undefined {
  return prefix === undefined ? undefined : storePath(prefix)
}

function readersAt(readAt: string | undefined, visitors: Visitors, environment: Environment): Visitors {
  const address = readAt === undefined ? undefined : parseReadAddress(readAt)
  return address === undefined ? visitors : new Visitors(environment.http(address.origin), address.path)
}
