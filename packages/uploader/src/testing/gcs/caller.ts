import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { refusal } from './errors.js'

/** Who asks. */
export interface GcsAccount {
  /** The secret of its HMAC key. @default it has tokens alone */
  readonly secret?: string | undefined
  /** @default write */
  readonly may?: 'read' | 'write' | undefined
  /** Without storage.objects.list, what is absent looks forbidden. @default true */
  readonly mayList?: boolean | undefined
}

/** What a request's credential is held against. */
export interface Known {
  /** By access ID. */
  readonly accounts: Readonly<Record<string, GcsAccount>>
  /** By token of OAuth. */
  readonly tokens: Readonly<Record<string, GcsAccount>>
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: number
}

/**
 * Whose credential a request has; `undefined` for a visitor.
 *
 * @see https://docs.cloud.google.com/storage/docs/authentication/signatures
 */
export function callerOf(request: IncomingMessage, known: Known): GcsAccount | undefined {
  const { authorization } = request.headers
  const isOfAws = Object.keys(request.headers).some((name) => name.startsWith('x-amz-'))
  if (isOfAws) throw refusal(400, 'ExcessHeaderValues', 'Cannot specify both x-amz and x-goog headers.')
  if (authorization === undefined) return undefined
  const token = /^Bearer (\S+)$/.exec(authorization)?.[1]
  if (token === undefined) return signerOf(request, authorization, known)
  if (Object.hasOwn(known.tokens, token)) return known.tokens[token]
  throw refusal(401, 'AuthenticationRequired', 'Authentication required.')
}

function signerOf(request: IncomingMessage, authorization: string, { accounts, now }: Known): GcsAccount {
  const form =
    /^GOOG4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([a-z0-9-]+)\/storage\/goog4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/
  const [, id = '', day = '', location = '', names = '', signature = ''] = form.exec(authorization) ?? []
  const account = Object.hasOwn(accounts, id) ? accounts[id] : undefined
  if (signature === '' || account?.secret === undefined)
    throw refusal(403, 'InvalidSecurity', 'The provided security credentials are not valid.')
  const date = text(request, 'x-goog-date')
  expectNow(date, day, now)
  const scope = `${day}/${location}/storage/goog4_request`
  const hash = createHash('sha256')
    .update(canonical(request, names.split(';')))
    .digest('hex')
  const toSign = `GOOG4-HMAC-SHA256\n${date}\n${scope}\n${hash}`
  let key: Buffer = Buffer.from(`GOOG4${account.secret}`)
  for (const part of [...scope.split('/'), toSign]) key = createHmac('sha256', key).update(part).digest()
  if (key.toString('hex') === signature) return account
  throw refusal(403, 'SignatureDoesNotMatch', 'Access denied.', 'The request signature we calculated does not match the one you provided.')
}

function expectNow(date: string, day: string, now: number): void {
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(at) || !date.startsWith(day)) throw refusal(400, 'MalformedSecurityHeader', 'Your request has a malformed header.')
  if (Math.abs(at - now) > 15 * 60_000)
    throw refusal(403, 'RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.')
}

/** https://docs.cloud.google.com/storage/docs/authentication/canonical-requests: host and all headers of Google's own are part of it. */
function canonical(request: IncomingMessage, names: readonly string[]): string {
  const needed = Object.keys(request.headers).filter((name) => name.startsWith('x-goog-') || name === 'host')
  if (needed.some((name) => !names.includes(name)) || names.join() !== [...names].sort().join())
    throw refusal(400, 'MalformedSecurityHeader', 'Your request has a malformed header.', 'A header that must be signed is not.')
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const words = [...new URLSearchParams(query)].map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
  const resource = decodeURIComponent(path).split('/').map(encoded).join('/')
  const headers = names.map((name) => `${name}:${text(request, name).trim()}`)
  return [request.method, resource, words.sort().join('&'), ...headers, '', names.join(';'), text(request, 'x-goog-content-sha256')].join(
    '\n',
  )
}

function text({ headers }: IncomingMessage, name: string): string {
  return String(headers[name] ?? '')
}

/** All but what RFC 3986 leaves unreserved. */
function encoded(given: string): string {
  const bytes = [...Buffer.from(given)].map((byte) => [String.fromCharCode(byte), byte.toString(16).toUpperCase().padStart(2, '0')])
  return bytes.map(([character = '', hex]) => (/[A-Za-z0-9._~-]/.test(character) ? character : `%${hex}`)).join('')
}
