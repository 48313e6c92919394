import { isBucketName, isKeyPrefix, parseReadAddress } from '@stagegate/schema'
import * as v from 'valibot'
import { type StorePath, storePath, usersOf } from '../../store/index.js'
import { type Bucket, type OpenedBucketStore, pathIn } from '../../store/s3/index.js'
import type { Environment, Opening, ServedStore } from '../define.js'
import { named } from '../settings.js'
import { expectNoReaders, Visitors } from '../visitors.js'
import { expectPrivate } from './private.js'

/** The settings that all buckets have. */
export const bucketSettings = {
  /** The bucket's name. */
  bucket: named(isBucketName, 'the name of a bucket'),
  /** The folder of the bucket that the repository starts at. */
  prefix: v.optional(named(isKeyPrefix, 'a folder such as linux/stable')),
  /** Where readers find that folder. */
  readAt: v.optional(named((text) => parseReadAddress(text) !== undefined, 'an address such as https://downloads.example')),
} as const

/** An opened bucket, and the account. */
interface Place extends Pick<Opening<unknown>, 'origin' | 'role'> {
  readonly bucket: Bucket
  readonly prefix: StorePath | undefined
  readonly readAt: string | undefined
  /** Whether its users have their own keys. */
  readonly hasKeys: boolean
}

/** An opened bucket, and how its users read. @throws {UsageError} a staging place that everybody may read */
export function withReaders(
  opened: OpenedBucketStore,
  { bucket, prefix, readAt, origin, role, hasKeys }: Place,
  environment: Environment,
): ServedStore {
  if (role === 'staging') expectNoReaders(readAt)
  const visitors = new Visitors(environment.http(origin), pathIn(bucket, prefix ?? '').replace(/\/$/, ''))
  // Users with their own keys read with them.
  const everybody = hasKeys ? undefined : readersAt(readAt, visitors, environment)
  const { store } = opened
  return {
    store,
    users: everybody ?? usersOf(store),
    address: everybody?.address,
    beforeWrite: role === 'staging' ? expectPrivate(opened, visitors) : undefined,
  }
}

/** The folder of a bucket that settings name. */
export function folderOf({ prefix }: { readonly prefix?: string | undefined }): StorePath | undefined {
  return prefix === undefined ? undefined : storePath(prefix)
}

function readersAt(readAt: string | undefined, visitors: Visitors, environment: Environment): Visitors {
  const address = readAt === undefined ? undefined : parseReadAddress(readAt)
  return address === undefined ? visitors : new Visitors(environment.http(address.origin), address.path)
}
