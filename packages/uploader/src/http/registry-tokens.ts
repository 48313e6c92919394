import { type Instant, later, parseUrl, StagegateError } from '@stagegate/schema'
import type { Call } from '../contract/capabilities.js'
import type { Clock } from '../contract/clock.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { RetryLater } from '../contract/retry-later.js'
import { shown } from '../contract/shown.js'
import { type Challenge, parseChallenges } from './challenge.js'
import type { HttpAnswer } from './client.js'
import { askerIn, isGitlab, tooLittle } from './gitlab-issuer.js'
import { issuedToken } from './issued-token.js'
import { issuerRefusal } from './issuer-refusal.js'

/** A token is not used any more when it has less left: the request has to arrive, and to be looked at. */
const margin = 20
/** So many tokens are kept out of messages; those before them are of no use to anybody any more. */
const mostHidden = 64

export interface TokenPorts {
  /** `Basic …` of the account, if there is one. */
  readonly basic: () => string | undefined
  /** The registry's own origin. */
  readonly origin: string
  /** Others that may be asked for a token: those that the author named. */
  readonly realms: readonly string[]
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
  /** The challenge that the registry sent last. */
  #challenge: Challenge | undefined
  /** By scopes: a token that was refused as soon as it was issued. */
  readonly #doubted = new Map<string, string>()
  /** The account that got the last token. */
  #known: { readonly basic: string | undefined } | undefined
  /** The account of a job that is over, for good. */
  #over: { readonly basic: string | undefined; readonly error: StagegateError } | undefined

  constructor(ports: TokenPorts) {
    this.#ports = ports
  }

  /** The header for a request, by the challenge that is known. */
  async header(scopes: readonly string[], call: Call): Promise<string | undefined> {
    if (this.#challenge === undefined) return undefined
    if (this.#challenge.scheme === 'basic') return this.#ports.basic()
    const known = this.#tokens.get(keyOf(scopes))
    if (known !== undefined && known.until > this.#ports.clock.now()) return known.header
    return this.#issuedOnce(this.#challenge, scopes, call)
  }

  /** Looks at an answer of 401. True when the request is worth sending once more. */
  async challenged(header: string | undefined, sent: string | undefined, scopes: readonly string[], call: Call): Promise<boolean> {
    const challenge = this.#chosen(parseChallenges(header))
    if (challenge === undefined) return false
    this.#challenge = challenge
    const key = keyOf(scopes)
    // A token that was refused is not shown again.
    if (this.#tokens.get(key)?.header === sent) this.#tokens.delete(key)
    return (await this.header(scopes, call)) !== sent
  }

  /**
   * Looks at the answer to a request that was sent once more, with something new. What was issued a moment ago may not be known
   * everywhere yet, or be good from a moment on that this server's clock has not reached: that is waited for once.
   * @throws {RetryLater} the first token that is refused so
   * @throws {RepositoryRefusal} the token allows too little, or the registry wants one for something else
   */
  judge({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>, sent: string | undefined, scopes: readonly string[]): void {
    const key = keyOf(scopes)
    const before = this.#doubted.get(key)
    this.#doubted.delete(key)
    if (status !== 401 || this.#challenge?.scheme !== 'bearer' || sent === undefined) return
    const [wanted] = parseChallenges(headers['www-authenticate']).filter(({ scheme }) => scheme === 'bearer')
    // RFC 6750, section 3.1: a token that is good, and allows too little.
    const isNotEnough = wanted?.parameters.get('error') === 'insufficient_scope'
    if (!isNotEnough && (before === undefined || before === sent)) {
      this.#doubted.set(key, sent)
      throw new RetryLater({ status, retryAfter: undefined, where: this.#ports.origin, said: ' to a token that was just issued' })
    }
    const scope = wanted?.parameters.get('scope')
    const isOther = scope !== undefined && !namesIn(scope).every((name) => scopes.some((one) => namesIn(one).includes(name)))
    if (isOther) throw this.#otherName(scope, scopes)
    if (isNotEnough) throw this.#notEnough(this.#challenge, scopes)
  }

  #otherName(scope: string, scopes: readonly string[]): RepositoryRefusal {
    return new RepositoryRefusal({
      code: 'repository/unauthorized',
      what: `the registry requires a token for ${shown(scope)}, but the token that it got is for ${scopes.join(' ')}`,
      where: this.#ports.origin,
      next: 'The registry seems to know the image by another name. Correct the prefix of the repository, or the name of the image.',
    })
  }

  #notEnough(challenge: Challenge, scopes: readonly string[]): RepositoryRefusal {
    const asker = askerIn(this.#ports.basic())
    const pushes = scopes.some((scope) => scope.includes('push'))
    const may = `${pushes ? 'push to' : 'pull'} ${[...new Set(scopes.flatMap(namesIn))].join(' and ')}`
    return new RepositoryRefusal({
      code: 'repository/forbidden',
      what: `the token that was issued does not allow ${asker === 'nobody' ? 'anybody' : asker === 'job' ? 'this job' : 'the account'} to ${may} (401)`,
      where: this.#ports.origin,
      next: isGitlab(challenge) ? tooLittle(asker, pushes) : 'Give the account this permission, or use another account.',
    })
  }

  /** A token, if there is somebody trusted to issue it; or else the account; or else what cannot be answered, so that it is said. */
  #chosen(challenges: readonly Challenge[]): Challenge | undefined {
    const bearers = challenges.filter(({ scheme }) => scheme === 'bearer')
    return (
      bearers.find((one) => this.#realm(one) !== undefined) ??
      challenges.find(({ scheme }) => scheme === 'basic' && this.#ports.basic() !== undefined) ??
      bearers[0]
    )
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

  async #issue(challenge: Challenge, scopes: readonly string[], call: Call): Promise<string> {
    const { basic, clock, ask, hide } = this.#ports
    const url = this.#realm(challenge)
    if (url === undefined) throw untrusted(challenge)
    const service = challenge.parameters.get('service')
    if (service !== undefined) url.searchParams.set('service', service)
    for (const scope of scopes) url.searchParams.append('scope', scope)
    const account = basic()
    // It is not asked again: who shows a bad password again and again is locked out.
    if (this.#over !== undefined && this.#over.basic === account) throw this.#over.error
    const answer = await ask(url, account, call)
    if (answer.status !== 200) throw this.#refused(answer, { url, account, challenge })
    this.#known = { basic: account }
    const issued = issuedToken(answer.text)
    if ('wrong' in issued)
      throw new StagegateError({
        code: 'repository/unexpected-answer',
        what: `the token issuer answered without a token: ${issued.wrong}`,
        where: url.origin + url.pathname,
      })
    const { token, life } = issued
    this.#hidden = [...this.#hidden.slice(1 - mostHidden), token]
    hide(this.#hidden)
    const header = `Bearer ${token}`
    this.#tokens.set(keyOf(scopes), { header, until: later(clock.now(), life - Math.min(margin, life / 2)) })
    return header
  }

  #refused(
    answer: HttpAnswer,
    { url, account, challenge }: { url: URL; account: string | undefined; challenge: Challenge },
  ): StagegateError {
    const wasKnown = this.#known !== undefined && this.#known.basic === account
    const request = { where: url.origin + url.pathname, basic: account, isGitlab: isGitlab(challenge), wasKnown }
    const error = issuerRefusal(answer, request, this.#ports.clock.now())
    if (error.code === 'repository/job-over') this.#over = { basic: account, error }
    return error
  }

  /** Where a token is issued, if that is a place that somebody vouches for: whoever is asked is given the account. A path is the registry's own. */
  #realm({ parameters }: Challenge): URL | undefined {
    const { origin, realms } = this.#ports
    const text = parameters.get('realm') ?? ''
    const url = /^(?:https?:\/\/|\/)/i.test(text) ? parseUrl(text, new URL(origin)) : undefined
    if (url === undefined || url.username + url.password !== '' || ![origin, ...realms].includes(url.origin)) return undefined
    return new URL(url.origin + url.pathname + url.search)
  }
}

function untrusted({ parameters }: Challenge): RepositoryRefusal {
  return new RepositoryRefusal({
    code: 'repository/realm',
    what: `the registry names ${parseUrl(parameters.get('realm') ?? '')?.origin ?? 'no address'} as its token issuer, which is neither its own host nor a configured one`,
    next: "If that issuer is right, add it: registry(…, { realms: ['https://auth.example'] }).",
  })
}

function keyOf(scopes: readonly string[]): string {
  return [...scopes].sort().join(' ')
}

/** The repositories of scopes: `acme/hello` of `repository:acme/hello:pull`. */
function namesIn(scopes: string): readonly string[] {
  return scopes.split(' ').flatMap((scope) => /^repository:(.+):[^:]*$/.exec(scope)?.[1] ?? [])
}
