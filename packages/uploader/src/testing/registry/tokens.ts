import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Answer } from '../server/respond.js'
import { refusal } from './errors.js'

/** An issuer of tokens, which the registry asks for. */
export interface TokenOptions {
  /** `NAME:PASSWORD` of who may push; others may pull. */
  readonly account: string
  /** After so many requests a token is no longer good, whatever was said. @default always good */
  readonly uses?: number | undefined
  /** What is said of its life, in seconds. @default nothing */
  readonly life?: number | undefined
  /** Where tokens are said to be. @default the registry's own /token */
  readonly realm?: string | undefined
}

/** Bearer tokens (Docker Registry v2 authentication): each for the scopes that it was asked for, and no others. */
export class Tokens {
  readonly #options: TokenOptions
  readonly #issued = new Map<string, { readonly scopes: readonly string[]; left: number }>()

  constructor(options: TokenOptions) {
    this.#options = options
  }

  issue({ headers }: IncomingMessage, url: URL): Answer {
    const { account, uses = Number.POSITIVE_INFINITY, life } = this.#options
    const basic = headers.authorization?.replace(/^Basic /, '')
    const known = basic === Buffer.from(account).toString('base64')
    if (basic !== undefined && !known) return refusal(401, 'UNAUTHORIZED')
    const asked = url.searchParams.getAll('scope')
    const token = randomUUID()
    this.#issued.set(token, { scopes: known ? asked : asked.map((scope) => scope.replace(/,push$/, '')), left: uses })
    return { status: 200, json: { token, ...(life !== undefined && { expires_in: life }) } }
  }

  /** The refusal, if one of these is not allowed: `hello:pull`. */
  refuse({ headers }: IncomingMessage, wanted: readonly string[], origin: string): Answer | undefined {
    const token = this.#issued.get(headers.authorization?.replace(/^Bearer /, '') ?? '')
    const allowed = (scope: string) => {
      const [name, action = ''] = scope.split(':')
      return token?.scopes.some((has) => has.startsWith(`repository:${name}:`) && has.split(':')[2]?.split(',').includes(action))
    }
    if (token !== undefined && token.left-- > 0 && wanted.every(allowed)) return undefined
    const scope = wanted.map((one) => `repository:${one}`).join(' ')
    const challenge = `Bearer realm="${this.#options.realm ?? `${origin}/token`}",service="registry"${scope === '' ? '' : `,scope="${scope}"`}`
    return refusal(401, 'UNAUTHORIZED', { 'www-authenticate': challenge })
  }
}
