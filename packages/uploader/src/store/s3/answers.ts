import { type Problem, StagegateError } from '@stagegate/schema'
import type { Clock } from '../../contract/clock.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { RetryLater } from '../../contract/retry-later.js'
import { UnexpectedAnswer } from '../../contract/unexpected-answer.js'
import type { HttpAnswer } from '../../http/client.js'
import { retryAfter } from '../../http/retry-after.js'
import type { Meaning } from './meaning.js'
import { parseXml, textIn } from './xml.js'

/** An error from S3's API. */
export interface S3Error {
  readonly code: string
  readonly message: string
  /** The region that the request belongs to. */
  readonly region: string | undefined
}

/** An answer, and the error in its body. A server can send one with the status 200. */
export interface Answered extends Pick<HttpAnswer, 'status' | 'headers'> {
  readonly text?: string | undefined
  readonly error: S3Error | undefined
}

/** The error that a body is; `undefined` for anything else. */
export function errorIn(text: string | undefined): S3Error | undefined {
  const root = text === undefined || !text.includes('<Error') ? undefined : parseXml(text)
  if (root?.name !== 'Error') return undefined
  // Google's details say which right is missing.
  const message = ['Message', 'Details'].flatMap((name) => textIn(root, name) ?? []).join(' ')
  return { code: textIn(root, 'Code') ?? '', message, region: textIn(root, 'Region') }
}

/** A condition is not true. Some servers answer 304 to a write as well. */
export function isConditionFalse({ status, error }: Answered): boolean {
  return status === 412 || status === 304 || error?.code === 'PreconditionFailed'
}

/** Nothing was done, since another write of the same key was in progress. */
export function isContended({ status, error }: Answered): boolean {
  return (status === 409 || status === 200) && (error?.code === 'ConditionalRequestConflict' || error?.code === 'OperationAborted')
}

export function isAbsent({ status, error }: Answered): boolean {
  return status === 404 && error?.code === 'NoSuchKey'
}

/** The region that a server names, if it has the form of one. */
export function regionSaid({ headers, error }: Answered): string | undefined {
  const said = headers['x-amz-bucket-region'] ?? error?.region
  return said !== undefined && /^[a-z0-9][a-z0-9-]{0,62}$/.test(said) ? said : undefined
}

/** The client, for messages. */
export interface Asker {
  readonly bucket: string
  readonly clock: Clock
  /** By code or status, before those of S3. */
  readonly meanings: Readonly<Record<string, Meaning>>
  /** Makes a server's text fit for a message. */
  quote(text: string): string
}

const keys = 'Check the variables that hold the access key and the secret key. Both must belong to the same account of this server.'

const byCode: Readonly<Record<string, Meaning>> = {
  InvalidAccessKeyId: { code: 'repository/unauthorized', what: 'the server does not know the access key', next: keys },
  SignatureDoesNotMatch: { code: 'repository/unauthorized', what: 'the secret key does not match the access key', next: keys },
  InvalidToken: { code: 'repository/unauthorized', what: 'the server does not accept the session token', next: keys },
  ExpiredToken: {
    code: 'store/session-over',
    what: 'the temporary credentials have expired',
    next: 'Run the job again with new credentials; it sends only what is missing.',
    final: false,
  },
  RequestTimeTooSkewed: {
    code: 'store/clock',
    what: 'the clocks of this machine and of the server are too far apart',
    next: 'Set the clock of this machine.',
  },
  NoSuchBucket: {
    code: 'store/no-such-bucket',
    what: 'there is no such bucket',
    next: 'Create the bucket, or correct its name or its endpoint.',
  },
  InvalidObjectState: {
    code: 'repository/refused',
    what: 'the object is archived and cannot be read',
    next: 'Restore it, and exclude this bucket from the archiving rule.',
  },
  EntityTooLarge: {
    code: 'repository/too-large',
    what: 'the server accepts no object of this size',
    next: 'Raise the server’s limit, or make the artifact smaller.',
  },
  ObjectParentIsFile: {
    code: 'repository/refused',
    what: 'there is a file with the name of a folder in this path',
    next: 'Publish it under another path. This server keeps objects as files.',
  },
  ExistingObjectIsDirectory: {
    code: 'repository/refused',
    what: 'there is a folder with the name of this file',
    next: 'Publish it under another path. This server keeps objects as files.',
  },
}

const byStatus: Readonly<Record<number, Meaning>> = {
  401: { code: 'repository/unauthorized', what: 'the server does not accept the credential', next: keys },
  403: {
    code: 'repository/forbidden',
    what: 'the access key does not have permission for this',
    next: 'Allow it in the policy of the bucket or of the account. Reading needs s3:GetObject and s3:ListBucket. Without s3:ListBucket, a missing object looks forbidden.',
  },
  405: { code: 'repository/unsupported', what: 'the server does not support this', next: 'Use another server for this.' },
  413: {
    code: 'repository/too-large',
    what: 'the server accepts no body of this size',
    next: 'Raise the limit of the server, or of a proxy in front of it.',
  },
  501: {
    code: 'store/no-preconditions',
    what: 'the server does not support conditional writes',
    next: 'Use a server that supports If-None-Match and If-Match in PUT requests.',
  },
}

/** Codes of requests that would be refused again. */
const rejected: ReadonlySet<string> = new Set([
  'InvalidRequest',
  'InvalidArgument',
  'InvalidBucketName',
  'InvalidURI',
  'KeyTooLongError',
  'MetadataTooLarge',
  'MalformedXML',
  'AuthorizationHeaderMalformed',
])

/** The error for an unexpected answer. */
export function unexpected(answer: Answered, where: string, asker: Asker): StagegateError {
  const { status, headers, error } = answer
  const region = regionSaid(answer)
  if (status === 301 || status === 307 || (error?.code === 'AuthorizationHeaderMalformed' && region !== undefined))
    return elsewhere(status, region, { where, asker })
  const meaning = meaningOf(answer, asker)
  const said = error === undefined ? '' : `. The server’s answer: ${asker.quote(`${error.code}: ${error.message}`)}`
  if (meaning !== undefined) {
    const parts = { code: meaning.code, what: `${meaning.what} (${status})${said}`, where, next: meaning.next }
    return meaning.final === false ? new StagegateError(parts) : new RepositoryRefusal(parts)
  }
  if (status >= 500 || [408, 409, 425, 429].includes(status) || status === 200)
    return new RetryLater({ status, retryAfter: retryAfter(headers['retry-after'], asker.clock.now()), where, said })
  return new UnexpectedAnswer({ status, what: `the server answered ${status}${said}`, where })
}

/** The same as data, if the server refuses one file and not the client. */
export function refusedFile(answer: Answered, asker: Asker): Problem | undefined {
  const meaning = meaningOf(answer, asker)
  if (meaning === undefined || !['repository/too-large', 'repository/refused'].includes(meaning.code)) return undefined
  const said = answer.error === undefined ? '' : ` The server’s answer: ${asker.quote(answer.error.message)}`
  const what = `${meaning.what.slice(0, 1).toUpperCase()}${meaning.what.slice(1)}`
  return { code: meaning.code, message: `${what} (${answer.status}). ${meaning.next}${said}` }
}

function meaningOf({ status, error }: Answered, { meanings }: Asker): Meaning | undefined {
  const own = error !== undefined && Object.hasOwn(meanings, error.code) ? meanings[error.code] : undefined
  if (own !== undefined) return own
  const known = error !== undefined && Object.hasOwn(byCode, error.code) ? byCode[error.code] : undefined
  if (known !== undefined || status < 400) return known
  if (error !== undefined && rejected.has(error.code))
    return { code: 'repository/refused', what: 'the server refuses the request', next: 'Correct what the server reports.' }
  return meanings[status] ?? byStatus[status]
}

/** The bucket is elsewhere. Credentials are sent only to the configured host. */
function elsewhere(status: number, region: string | undefined, { where, asker }: { where: string; asker: Asker }): StagegateError {
  return new RepositoryRefusal({
    code: 'store/region',
    what:
      region === undefined
        ? `the bucket ${asker.bucket} is in another region, which the server does not name (${status})`
        : `the bucket ${asker.bucket} is in the region ${region} (${status})`,
    where,
    next:
      region === undefined
        ? 'Correct the region or the endpoint. It can take a day until every endpoint knows a new bucket.'
        : `Set region: '${region}', and the endpoint of that region if you set one. Stagegate sends credentials to no other host.`,
  })
}
