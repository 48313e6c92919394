import { randomUUID, sign, X509Certificate } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { authority } from '../authority.js'
import { listen } from '../listen.js'

/** What a request for a token asked for, and who asked. */
interface Asked {
  /** `NAME:PASSWORD`, where an account was shown. */
  readonly account: string | undefined
  readonly scopes: readonly string[]
}

export interface Issuer {
  readonly url: string
  /** For the registry's `auth.token`. */
  readonly config: object
  readonly asked: Asked[]
  /** How long tokens live, in seconds; and what is said of it. @default 300 */
  life: { really: number; said: number | undefined }
  /** In place of tokens, so often. @default always */
  answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; times?: number } | undefined
  close(): Promise<void>
}

/** By `NAME:PASSWORD`: what the account may do with an image. */
export type Accounts = Readonly<Record<string, (image: string) => readonly string[]>>

/** Both registries take a token for so many seconds longer than it says (registry/auth/token/token.go). */
const leeway = 60

/** Issues tokens for a registry, as its "Token authentication specification" says. Without an account, images can be pulled. */
export async function startIssuer(folder: string, accounts: Accounts): Promise<Issuer> {
  mkdirSync(folder, { recursive: true })
  // Tokens are signed with the key of a server: the registry is told to believe whom the authority vouches for.
  const { certificate, key } = authority.server
  const bundle = join(folder, 'authority.pem')
  writeFileSync(bundle, authority.ca)
  const x5c = [new X509Certificate(certificate).raw.toString('base64')]
  const asked: Asked[] = []

  const tokenFor = (access: object[]) => {
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: 'issuer',
      aud: 'registry',
      sub: 'test',
      iat: now,
      nbf: now - 10,
      // A second more, since this one may be almost over.
      exp: now + 1 + issuer.life.really - leeway,
      jti: randomUUID(),
      access,
    }
    const text = [{ typ: 'JWT', alg: 'ES256', x5c }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    return `${text}.${sign('SHA256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }
  const { url, close } = await listen((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://issuer')
    const [, basic] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
    const account = basic === undefined ? undefined : Buffer.from(basic, 'base64').toString()
    const scopes = searchParams.getAll('scope')
    asked.push({ account, scopes })
    const { answer } = issuer
    if (answer !== undefined) {
      if (answer.times !== undefined && --answer.times === 0) issuer.answer = undefined
      response.writeHead(answer.status, answer.headers).end()
      return
    }
    const allowed = account === undefined ? () => ['pull'] : accounts[account]
    if (allowed === undefined) {
      response.writeHead(401).end()
      return
    }
    const access = scopes.map((scope) => {
      const [type, name = '', actions = ''] = scope.split(':')
      return { type, name, actions: actions.split(',').filter((action) => allowed(name).includes(action)) }
    })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ token: tokenFor(access), expires_in: issuer.life.said }))
  })
  const issuer: Issuer = {
    url,
    config: { auth: { token: { realm: `${url}/token`, service: 'registry', issuer: 'issuer', rootcertbundle: bundle } } },
    asked,
    life: { really: 300, said: 300 },
    answer: undefined,
    close,
  }
  return issuer
}
