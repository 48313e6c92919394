import { parseUrl, UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import { type Bucket, type GoogleKeys, openGoogle } from '../../store/s3/index.js'
import { defineRepository, type Environment, type Opening, type ServedStore } from '../define.js'
import { StoredFiles } from '../files/stored-files.js'
import { bucketSettings, folderOf, withReaders } from '../s3/bucket.js'
import { settingsBy } from '../settings.js'

const Settings = v.strictObject(bucketSettings)
export type GcsSettings = v.InferOutput<typeof Settings>

/** @throws {UsageError} settings that do not belong to a bucket */
export const parseGcsSettings = settingsBy(Settings, 'a Google Cloud Storage bucket has the settings bucket, prefix and readAt')

/**
 * A bucket of Google Cloud Storage. The credentials are the access ID and the secret of an HMAC key, or one OAuth token. Without them only
 * public objects are visible.
 */
export const gcs = defineRepository<GcsSettings>({
  type: 'gcs',
  formats: ['deb', 'rpm', 'file'],
  parse: parseGcsSettings,
  open: (opening, environment) => new StoredFiles(openGoogleBucket(opening, environment)),
})

/** Opens a bucket. @throws {UsageError} no server, too many credentials, a staging place that everybody may read */
export function openGoogleBucket(opening: Opening<GcsSettings>, environment: Environment): ServedStore {
  const { settings, origin, role, access } = opening
  if (parseUrl(origin) === undefined)
    throw new UsageError({ code: 'usage/repository', what: 'a bucket needs the address of its server', where: settings.bucket })
  const bucket: Bucket = { name: settings.bucket, style: 'path' }
  const keys = keysOf(opening)
  const prefix = folderOf(settings)
  const opened = openGoogle({ origin, bucket, prefix, keys }, environment)
  const place = { bucket, prefix, readAt: settings.readAt, origin, role, hasKeys: access === 'users' && keys !== undefined }
  return withReaders(opened, place, environment)
}

/** @throws {UsageError} credentials that are neither a key nor a token */
function keysOf({ credentials, settings }: Opening<GcsSettings>): GoogleKeys | undefined {
  const [first, secret, ...more] = credentials
  if (first === undefined) return undefined
  if (secret === undefined) return { token: { variable: first } }
  if (more.length === 0) return { accessId: { variable: first }, secret: { variable: secret } }
  throw new UsageError({
    code: 'usage/credential',
    what: 'a Google Cloud Storage bucket needs the access ID and the secret of an HMAC key, or one token',
    where: settings.bucket,
    next: 'Name one or two variables. Nothing was sent.',
  })
}
