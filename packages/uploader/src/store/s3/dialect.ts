import type { Content, Sha256 } from '@stagegate/schema'
import { base64Of, vouchedIn } from './checksum.js'
import type { Meaning } from './meaning.js'

type Headers = Readonly<Record<string, string>>

/** The spelling of operations that servers with an API like S3's have in common. */
export interface Dialect {
  /** The conditions of a write, for messages. */
  readonly conditions: { readonly create: string; readonly replace: string }
  /** The condition of a write that replaces nothing. */
  readonly onlyNew: Headers
  /** The condition of a write that replaces only one version. */
  onlyIf(version: string): Headers
  /** A well-formed version that no object has. */
  readonly unusedVersion: string
  /** The header that distinguishes versions of an object. */
  readonly versionHeader: 'etag' | 'x-goog-generation'
  /** The header of our own metadata. The digest in it is a claim, and not believed. */
  readonly claim: 'x-amz-meta-sha256' | 'x-goog-meta-sha256'
  /** Makes the server check a body against its digest. `undefined`: it does not, so the body is checked while it is sent. */
  readonly checksumHeaders: ((content: Content) => Headers) | undefined
  /** Asks for the digest that the server confirms. */
  readonly withChecksum: Headers
  /** The digest that the server confirms. */
  vouchedIn(headers: Headers): Sha256 | undefined
  /** Meanings of its own, by code or by status. */
  readonly meanings: Readonly<Record<string, Meaning>>
  /** Servers that obey conditions. */
  readonly honouringServers: string
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html */
export const amazon: Dialect = {
  conditions: { create: 'If-None-Match', replace: 'If-Match' },
  onlyNew: { 'if-none-match': '*' },
  onlyIf: (version) => ({ 'if-match': version }),
  unusedVersion: '"00000000000000000000000000000000"',
  versionHeader: 'etag',
  claim: 'x-amz-meta-sha256',
  checksumHeaders: ({ sha256 }) => ({ 'x-amz-checksum-sha256': base64Of(sha256) }),
  withChecksum: { 'x-amz-checksum-mode': 'ENABLED' },
  vouchedIn,
  meanings: {},
  honouringServers: 'a server that supports conditional writes, such as AWS S3, Cloudflare R2, Ceph, MinIO or versitygw',
}

const keys =
  'Check the variables that hold the access ID and the secret. Both must belong to the same HMAC key of a service account. An OAuth token is valid for an hour: fetch a new one.'

/**
 * Google's storage. Objects have generations, and preconditions of writes go by them: `If-None-Match` and `If-Match` are for reads alone. It keeps
 * MD5 and CRC32C of an object, and no sha256, so it vouches for no digest. It documents no precondition for an upload in parts.
 *
 * @see https://docs.cloud.google.com/storage/docs/request-preconditions
 * @see https://docs.cloud.google.com/storage/docs/xml-api/reference-headers
 */
export const google: Dialect = {
  conditions: { create: 'x-goog-if-generation-match: 0', replace: 'x-goog-if-generation-match' },
  onlyNew: { 'x-goog-if-generation-match': '0' },
  onlyIf: (version) => ({ 'x-goog-if-generation-match': version }),
  unusedVersion: '1',
  versionHeader: 'x-goog-generation',
  claim: 'x-goog-meta-sha256',
  checksumHeaders: undefined,
  withChecksum: {},
  vouchedIn: () => undefined,
  meanings: {
    InvalidSecurity: { code: 'repository/unauthorized', what: 'the server does not know the access ID', next: keys },
    SignatureDoesNotMatch: { code: 'repository/unauthorized', what: 'the secret does not match the access ID', next: keys },
    401: { code: 'repository/unauthorized', what: 'the server does not accept the credential', next: keys },
    403: {
      code: 'repository/forbidden',
      what: 'the account does not have permission for this',
      next: 'Give it a role on the bucket. Reading needs storage.objects.get and storage.objects.list, writing storage.objects.create: without storage.objects.list, a missing object looks forbidden.',
    },
  },
  honouringServers: 'Google Cloud Storage itself: the server at this address does not support generations',
}
