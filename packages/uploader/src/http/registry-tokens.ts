import { type Instant, later, parseUrl, StagegateError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Clock } from '../clock.js'
import type { Call } from '../repository/capabilities.js'
import { PutOff } from '../repository/put-off.js'
import { RepositoryRefusal } from '../repository/refusal.js'
import { RetryLater } from '../repository/retry-later.js'
import { type Challenge, parseChallenges } from './challenge.js'
import type { HttpAnswer } from './client.js'
import { retryAfter, retryAt } from './retry-after.js'

/** What an issuer answers (Docker Registry v2 authentication, "Token response fields"). */
const Issued = v.object({
  token: v.optional(v.string()),
  access_token: v.optional(v.string()),
  expires_in: v.optional(v.number()),
})

/** What is said of a token that says nothing of its life, in seconds: "defaults to 60". */
const usualLife = 60
const longestLife = 24 * 3600
/** A token is not used any more when it has less left: the request has to arrive, and to be looked at. */
const margin = 20
/** So many tokens are kept out of messages; those before them are of no use to anybody any more. */
const mostHidden = 64

export interface TokenPorts {
  /** `Basic …` of the account, if there is one. */
  readonly basic: string | undefined
  /** Origins that may be asked for a token: the registry's own, and those that the author named. */
  readonly trusted: readonly string[]
  readonly clock: Clock
  /** A GET to an issuer; with the account, if there is one. */
  readonly ask: (url: URL, authorization: string | undefined, call: Call) => Promise<HttpAnswer>
  /** These must never be seen. */
  readonly hide: (tokens: readonly string[]) => void
}

/**
 * How a registry is shown who asks: nothing, the account, or a token for just these scopes, from an issuer that the
 * registry names. The account goes to issuers that are trusted, and to no other.
 */
export class RegistryTokens {
  readonly #ports: TokenPorts
  readonly #tokens = new Map<string, { readonly header: string; readonly until: Instant }>()
  readonly #issuing = new Map<string, { readonly header: Promise<string>; readonly signal: AbortSignal }>()
  #hidden: readonly string[] = []
  /** What the registry asked for last. */
  #challenge: Challenge | undefined

  constructor(ports: TokenPorts) {
    this.#ports = ports
  }

  /** What a request is sent with: what the registry is known to ask for. */
  async header(scopes: readonly string[], call: Call): Promise<string | undefined> {
    if (this.#challenge === undefined) return undefined
    if (this.#challenge.scheme === 'basic') return this.#ports.basic
    const known = this.#tokens.get(keyOf(scopes))
    if (known !== undefined && known.until > this.#ports.clock.now()) return known.header
    return this.#issuedOnce(this.#challenge, scopes, call)
  }

  /** Looks at an answer of 401. True when the request is worth sending once more. */
  async challenged(header: string | undefined, sent: string | undefined, scopes: readonly string[], call: Call): Promise<boolean> {
    const challenges = parseChallenges(header)
    const challenge =
      challenges.find(({ scheme }) => scheme === 'bearer') ??
      challenges.find(({ scheme }) => scheme === 'basic' && this.#ports.basic !== undefined)
    if (challenge === undefined) return false
    this.#challenge = challenge
    const key = keyOf(scopes)
    // A token that was refused is not shown again.
    if (this.#tokens.get(key)?.header === sent) this.#tokens.delete(key)
    return (await this.header(scopes, call)) !== sent
  }

  /** One request for each token, however many want it at once. */
  async #issuedOnce(challenge: Challenge, scopes: readonly string[], call: Call): Promise<string> {
    const key = keyOf(scopes)
    for (let other = this.#issuing.get(key); other !== undefined; other = this.#issuing.get(key)) {
      try {
        return await other.header
      } catch (error) {
        // That the one who asked was told to stop is no answer for us.
        if (!other.signal.aborted) throw error
      }
    }
    const header = this.#issue(challenge, scopes, call).finally(() => this.#issuing.delete(key))
    this.#issuing.set(key, { header, signal: call.signal })
    return header
  }

  async #issue({ parameters }: Challenge, scopes: readonly string[], call: Call): Promise<string> {
    const { basic, clock, ask, hide } = this.#ports
    const url = this.#realm(parameters.get('realm'))
    const service = parameters.get('service')
    if (service !== undefined) url.searchParams.set('service', service)
    for (const scope of scopes) url.searchParams.append('scope', scope)
    const answer = await ask(url, basic, call)
    if (answer.status !== 200) throw refusalOf(answer, url.origin + url.pathname, clock.now())
    const issued = v.safeParse(v.pipe(v.string(), v.parseJson(), Issued), answer.text)
    const token = issued.success ? (issued.output.token ?? issued.output.access_token) : undefined
    if (!issued.success || token === undefined || !/^[\x21-\x7e]+$/.test(token))
      throw new StagegateError({
        code: 'repository/unexpected-answer',
        what: 'the issuer of tokens answered without one',
        where: url.origin + url.pathname,
      })
    this.#hidden = [...this.#hidden.slice(1 - mostHidden), token]
    hide(this.#hidden)
    const life = Math.max(0, Math.min(issued.output.expires_in ?? usualLife, longestLife))
    const header = `Bearer ${token}`
    this.#tokens.set(keyOf(scopes), { header, until: later(clock.now(), life - Math.min(margin, life / 2)) })
    return header
  }

  /** @throws {RepositoryRefusal} a realm that nobody vouches for: it would be given the account */
  #realm(text: string | undefined): URL {
    const url = parseUrl(text ?? '')
    if (url !== undefined && url.username + url.password === '' && this.#ports.trusted.includes(url.origin))
      return new URL(url.origin + url.pathname + url.search)
    throw new RepositoryRefusal({
      code: 'repository/realm',
      what: `the registry sends us to ${url?.origin ?? 'no address'} for a token, which is neither its own host nor one that the author named`,
      next: "If it is right, name it: registry(…, { realms: ['https://auth.example'] }).",
    })
  }
}

function refusalOf({ status, headers }: HttpAnswer, where: string, now: Instant): StagegateError {
  if (status === 429)
    return new PutOff({ what: 'the issuer of tokens is asked too often (429)', where, until: retryAt(headers['retry-after'], now) })
  if (status >= 500 || status === 408)
    return new RetryLater({ status, retryAfter: retryAfter(headers['retry-after'], now), where, said: '' })
  if (status === 401 || status === 403)
    return new RepositoryRefusal({
      code: 'repository/unauthorized',
      what: `the issuer of tokens does not accept the account, or what it asks for (${status})`,
      where,
      next: 'Check the user name and the password, and what the account may do.',
    })
  // A redirect is not followed: where it leads would be given the account.
  return new RepositoryRefusal({ code: 'repository/realm', what: `the issuer of tokens answers ${status}, and gives none`, where })
}

function keyOf(scopes: readonly string[]): string {
  return [...scopes].sort().join(' ')
}
