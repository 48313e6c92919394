import { isRegionName, isRoleName, parseUrl, UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import { type Bucket, openS3, type S3Keys, WebIdentity } from '../../store/s3/index.js'
import { defineRepository, type Environment, type Opening, type ServedStore } from '../define.js'
import { StoredFiles } from '../files/stored-files.js'
import { named, settingsBy } from '../settings.js'
import { bucketSettings, folderOf, withReaders } from './bucket.js'

const Role = v.strictObject({
  /** The server that issues keys. */
  sts: named((text) => parseUrl(text)?.origin === text, 'an address such as https://sts.eu-central-1.amazonaws.com'),
  /** The role to assume. */
  role: v.optional(named(isRoleName, 'a role such as arn:aws:iam::123456789012:role/publish')),
})

const Settings = v.strictObject({
  ...bucketSettings,
  /** The region that requests are signed for. */
  region: named(isRegionName, 'a region such as eu-central-1'),
  /** Whether the bucket's name is in the path of an address, or in its host. */
  addressing: v.optional(v.picklist(['path', 'host'])),
  /** Where keys are issued for a token, by access; the only credential of such an access is the token. */
  webIdentity: v.optional(v.strictObject({ read: v.optional(Role), write: v.optional(Role) })),
})
export type S3Settings = v.InferOutput<typeof Settings>

/** @throws {UsageError} settings that do not belong to a bucket */
export const parseS3Settings = settingsBy(Settings, 'a bucket has the settings bucket, region, addressing, prefix, webIdentity and readAt')

/**
 * A bucket of S3, or of a server with its API. The credentials are an access key, its secret key and, for temporary ones, a session token;
 * or an ID token, for which keys are issued. Without them only public objects are visible.
 */
export const s3 = defineRepository<S3Settings>({
  type: 's3',
  formats: ['deb', 'rpm', 'file'],
  parse: parseS3Settings,
  open: (opening, environment) => new StoredFiles(openBucket(opening, environment)),
})

/** Opens a bucket. @throws {UsageError} no server, incomplete keys, a staging place that everybody may read */
export function openBucket(opening: Opening<S3Settings>, environment: Environment): ServedStore {
  const { settings, origin, role, access } = opening
  if (parseUrl(origin) === undefined)
    throw new UsageError({ code: 'usage/repository', what: 'a bucket needs the address of its server', where: settings.bucket })
  const { bucket: name, region, addressing: style = 'path', readAt } = settings
  const bucket: Bucket = { name, style }
  const keys = keysOf(opening, environment)
  const prefix = folderOf(settings)
  const opened = openS3({ origin, bucket, region, prefix, keys }, environment)
  return withReaders(opened, { bucket, prefix, readAt, origin, role, hasKeys: access === 'users' && keys !== undefined }, environment)
}

/** @throws {UsageError} an access key without its secret, or one credential too many */
function keysOf({ credentials, settings, access }: Opening<S3Settings>, environment: Environment): S3Keys | undefined {
  const [id, secret, session, ...more] = credentials
  if (id === undefined) return undefined
  const role = settings.webIdentity?.[access === 'write' ? 'write' : 'read']
  if (role !== undefined && secret === undefined) return issuedKeys(role, id, environment)
  if (secret === undefined || more.length > 0)
    throw new UsageError({
      code: 'usage/credential',
      what: 'a bucket needs an access key, its secret key and, for temporary keys, a session token',
      where: settings.bucket,
      next: 'Name two or three variables. Nothing was sent.',
    })
  return {
    accessKeyId: { variable: id },
    secretAccessKey: { variable: secret },
    ...(session !== undefined && { sessionToken: { variable: session } }),
  }
}

function issuedKeys({ sts, role }: v.InferOutput<typeof Role>, token: string, { http, clock }: Environment): S3Keys {
  const client = http(sts, { scheme: 'form', field: 'WebIdentityToken', value: { variable: token } })
  const identity = new WebIdentity({ role, client, clock })
  return { issued: (call) => identity.keys(call) }
}
