import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { S3Refusal } from './errors.js'

/** The account that a request is signed by. */
export interface S3Account {
  /** Its secret key. */
  readonly secretAccessKey: string
  /** Temporary keys are valid with it alone. */
  readonly sessionToken?: string | undefined
  /** Whether the session is over. */
  readonly isExpired?: boolean | undefined
  /** @default write */
  readonly may?: 'read' | 'write' | undefined
  /** Without the right to list, what is absent looks forbidden. @default true */
  readonly mayList?: boolean | undefined
}

/** What a signature is held against. */
export interface SignedFor {
  readonly accounts: Readonly<Record<string, S3Account>>
  readonly region: string
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: number
}

/**
 * The account whose signature a request has; `undefined` for a visitor. As AWS describes it, step by step.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function accountOf(request: IncomingMessage, { accounts, region, now }: SignedFor): S3Account | undefined {
  const { authorization } = request.headers
  if (authorization === undefined) return undefined
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/
  const [, id = '', day = '', scope = '', names = '', signature = ''] = form.exec(authorization) ?? []
  if (signature === '') throw new S3Refusal(400, 'AuthorizationHeaderMalformed', 'The authorization header is malformed.')
  if (scope !== region)
    throw new S3Refusal(
      400,
      'AuthorizationHeaderMalformed',
      `The authorization header is malformed; the region '${scope}' is wrong; expecting '${region}'`,
      { Region: region },
    )
  const account = Object.hasOwn(accounts, id) ? accounts[id] : undefined
  if (account === undefined)
    throw new S3Refusal(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
      AWSAccessKeyId: id,
    })
  const date = one(request, 'x-amz-date')
  expectNow(date, day, now)
  const text = ['AWS4-HMAC-SHA256', date, `${day}/${region}/s3/aws4_request`, hexOf(canonical(request, names))].join('\n')
  const key = ['s3', 'aws4_request'].reduce((last, word) => hmac(last, word), hmac(hmac(`AWS4${account.secretAccessKey}`, day), region))
  if (hmac(key, text).toString('hex') !== signature)
    throw new S3Refusal(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      { AWSAccessKeyId: id, StringToSign: text, SignatureProvided: signature },
    )
  if (one(request, 'x-amz-security-token') !== (account.sessionToken ?? ''))
    throw new S3Refusal(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.')
  if (account.isExpired) throw new S3Refusal(400, 'ExpiredToken', 'The provided token has expired.')
  return account
}

function expectNow(date: string, day: string, now: number): void {
  const [, year, month, dayOfMonth, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? []
  const at = Date.parse(`${year}-${month}-${dayOfMonth}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(at) || !date.startsWith(day))
    throw new S3Refusal(403, 'AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header')
  if (Math.abs(at - now) > 15 * 60_000)
    throw new S3Refusal(403, 'RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.')
}

function canonical(request: IncomingMessage, names: string): string {
  const list = names.split(';')
  const unsigned = Object.keys(request.headers).find((name) => name.startsWith('x-amz-') && !list.includes(name))
  if (unsigned !== undefined || !list.includes('host') || list.join() !== [...list].sort().join())
    throw new S3Refusal(403, 'AccessDenied', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned ?? 'host',
    })
  const url = new URL(request.url ?? '/', 'http://server')
  const query = [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&')
  const headers = list.map((name) => `${name}:${one(request, name).trim().replaceAll(/\s+/g, ' ')}\n`).join('')
  // In the path of an object a plus is a space.
  const path = decodeURIComponent(url.pathname.replaceAll('+', ' ')).split('/').map(encoded).join('/')
  return [request.method, path, query, headers, names, one(request, 'x-amz-content-sha256')].join('\n')
}

function one({ headers }: IncomingMessage, name: string): string {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : (value ?? '')
}

function encoded(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function hexOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
