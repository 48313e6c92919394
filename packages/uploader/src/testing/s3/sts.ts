import { createVerify, type KeyObject, randomBytes } from 'node:crypto'
import { bodyIn } from '../server/body.js'
import { type EmulatedOptions, type EmulatedServer, emulate } from '../server/emulate.js'
import type { Answer, Asked } from '../server/respond.js'
import { elementsOf, S3Refusal, xml } from './errors.js'
import type { S3Account } from './signature.js'

/** A role, and whom its trust policy lets take it. */
interface StsRole {
  /** The audience of the token. */
  readonly aud: string
  /** The subject of the token. */
  readonly sub: RegExp
  /** @default write */
  readonly may?: 'read' | 'write' | undefined
}

/** How an emulated STS behaves. */
export interface StsOptions extends EmulatedOptions {
  /** The issuer of tokens, and the key that its signatures are checked with. */
  readonly issuer: { readonly url: string; readonly key: KeyObject }
  /** By their names. */
  readonly roles: Readonly<Record<string, StsRole>>
  /** The accounts of the emulated S3, which get those that are issued. */
  readonly accounts: Record<string, S3Account>
  /** Seconds for which keys are good. @default 3600 */
  readonly life?: number | undefined
  /** The time, in milliseconds since 1970. @default the system's */
  readonly now?: (() => number) | undefined
}

/**
 * An emulated STS on loopback that does one thing: AssumeRoleWithWebIdentity, with its checks and its errors.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export async function startSts(options: StsOptions): Promise<EmulatedServer> {
  const { now = Date.now } = options
  return emulate(options, async (asked) => {
    const body = await bodyIn(asked)
    if (body === undefined) return undefined
    const answer = answerTo(asked, String(body), options)
    return { ...answer, headers: { 'content-type': 'text/xml', date: new Date(now()).toUTCString() } }
  })
}

function answerTo({ request, url }: Asked, body: string, options: StsOptions): Answer {
  try {
    if (request.method !== 'POST' || url.pathname !== '/') throw new S3Refusal(404, 'NotFound', 'There is nothing here')
    if (request.headers.authorization !== undefined) throw new S3Refusal(400, 'InvalidAction', 'This action is not signed')
    return { status: 200, data: issue(new URLSearchParams(body), options) }
  } catch (error) {
    if (!(error instanceof S3Refusal)) throw error
    const { status, code, message } = error
    return { status, data: xml('ErrorResponse', `<Error>${elementsOf({ Type: 'Sender', Code: code, Message: message })}</Error>`) }
  }
}

function issue(form: URLSearchParams, { issuer, roles, accounts, life = 3600, now = Date.now }: StsOptions): Buffer {
  if (form.get('Action') !== 'AssumeRoleWithWebIdentity' || form.get('Version') !== '2011-06-15')
    throw new S3Refusal(400, 'InvalidAction', `Could not find operation ${form.get('Action')}`)
  if (!/^[\w+=,.@-]{2,64}$/.test(form.get('RoleSessionName') ?? '')) throw new S3Refusal(400, 'ValidationError', 'roleSessionName')
  const claims = claimsOf(form.get('WebIdentityToken') ?? '', issuer.key)
  const role = roles[form.get('RoleArn') ?? '']
  if (claims === undefined || claims['iss'] !== issuer.url)
    throw new S3Refusal(400, 'InvalidIdentityToken', 'The web identity token that was passed could not be validated by AWS')
  if (!(Number(claims['exp']) * 1000 > now()))
    throw new S3Refusal(400, 'ExpiredTokenException', `Token expired: current date/time ${now()}`)
  if (role === undefined || claims['aud'] !== role.aud || !role.sub.test(String(claims['sub'])))
    throw new S3Refusal(403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity')
  const [id, secretAccessKey, sessionToken] = [`ASIA${randomBytes(8).toString('hex').toUpperCase()}`, hex(), hex()]
  const ends = now() + life * 1000
  accounts[id] = {
    secretAccessKey,
    sessionToken,
    may: role.may,
    get isExpired() {
      return now() >= ends
    },
  }
  const keys = { AccessKeyId: id, SecretAccessKey: secretAccessKey, SessionToken: sessionToken, Expiration: new Date(ends).toISOString() }
  return xml('AssumeRoleWithWebIdentityResponse', inside('AssumeRoleWithWebIdentityResult', inside('Credentials', elementsOf(keys))))
}

/** The claims of a JSON Web Token that is signed by RS256 (RFC 7515, RFC 7519). `undefined`: it is not valid. */
function claimsOf(token: string, key: KeyObject): Record<string, unknown> | undefined {
  const [head = '', claims = '', signature = '', ...more] = token.split('.')
  if (more.length > 0 || jsonIn(head)?.['alg'] !== 'RS256') return undefined
  const isSigned = createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(key, signature, 'base64url')
  return isSigned ? jsonIn(claims) : undefined
}

function jsonIn(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function inside(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

function hex(): string {
  return randomBytes(16).toString('hex')
}
