import { later, UsageError } from '@stagegate/schema'
import type { Call } from '../contract/capabilities.js'
import { type Clock, systemClock } from '../contract/clock.js'
import { expectKnown, limitsWith } from '../contract/options.js'
import { PutOff } from '../contract/put-off.js'
import { quote, type Redact, redactor } from '../contract/quote.js'
import { askByGot } from './ask-by-got.js'
import type { Sign } from './aws-signature.js'
import type { BackOffClock, DownloadOptions, HttpAnswer, HttpClient, HttpDownload, HttpRequest } from './client.js'
import { certificateOf } from './client-certificate.js'
import { clientOptions, type HttpClientOptions } from './client-options.js'
import { asStored, refuseCoding } from './coding.js'
import { Connections } from './connections.js'
import { control } from './control.js'
import { type ClientCredential, credentialOf, type ResolvedCredential } from './credential.js'
import { download } from './download.js'
import { defaultHttpLimits, type Exchange, type HttpLimits } from './exchange.js'
import { allowed, sendable } from './headers.js'
import { Failures } from './http-error.js'
import { payloadOf, telling } from './multipart.js'
import { parseOrigin, resolvePath } from './origin.js'
import { noProxy } from './proxy.js'
import { RegistryTokens } from './registry-tokens.js'
import { retryAt } from './retry-after.js'
import type { Secrets } from './secret.js'
import { upload } from './upload.js'

/**
 * A client for one origin. Retries nothing and follows no redirect but a download's.
 *
 * @throws {UsageError} an origin that is none or not protected, a variable that is not set or is empty, a `ca` without certificates, a client
 *   certificate that cannot be read
 * @example
 * const client = createHttpClient({
 *   origin: 'https://packages.example',
 *   credential: { scheme: 'bearer', token: { variable: 'PACKAGES_TOKEN' } },
 *   secrets: (name) => process.env[name],
 * })
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  expectKnown('createHttpClient()', options, Object.keys(clientOptions))
  const insecure = options.insecure ?? false
  const origin = parseOrigin(options.origin, insecure)
  const { credential, secrets = noSecrets } = options
  return new BoundClient(origin, credential === undefined ? visitor : credentialOf(credential, secrets, origin.host), insecure, options)
}

const noSecrets: Secrets = () => undefined
const nothing: ResolvedCredential = { secrets: [] }
const visitor: ClientCredential = { known: nothing, resolve: async () => nothing }
/** Seconds, some thirty years: a machine without a clock begins in 1970, or when it was made. */
const mostAhead = 1e9
/** So many fetched secrets are kept out of messages; those before them are of no use to anybody any more. */
const mostHidden = 64

class BoundClient implements HttpClient {
  readonly origin: string
  readonly #base: URL
  readonly #credential: ClientCredential
  #secrets: readonly string[] = []
  #tokensToHide: readonly string[] = []
  /** `Basic …` of the account of a registry. */
  #basic: string | undefined
  /** The seconds by which the server's clock is ahead of ours, where it has refused a signature. */
  #ahead = 0
  #redact: Redact
  readonly #tokens: RegistryTokens | undefined
  readonly #insecure: boolean
  readonly #clock: Clock
  readonly #limits: HttpLimits
  readonly #userAgent: string
  readonly #backOff: BackOffClock | undefined
  readonly #connections: Connections
  readonly #ask: typeof control

  constructor(base: URL, credential: ClientCredential, insecure: boolean, options: HttpClientOptions) {
    this.origin = base.origin
    this.#base = base
    this.#credential = credential
    this.#secrets = credential.known?.secrets ?? []
    this.#redact = redactor(this.#secrets)
    this.#insecure = insecure
    this.#clock = options.clock ?? systemClock
    this.#limits = limitsWith(defaultHttpLimits, options.limits)
    const named = options.credential?.scheme === 'registry' ? (options.credential.realms ?? []) : []
    const realms = named.map((realm) => parseOrigin(realm, insecure).origin)
    const authorities = options.ca === undefined ? undefined : { pem: options.ca, origins: [this.origin, ...realms] }
    const certificate = certificateOf(options, this.origin)
    this.#connections = new Connections({ proxyFor: options.proxy ?? noProxy, authorities, certificate, onlyHere: options.onlyHere })
    this.#tokens = options.credential?.scheme === 'registry' ? this.#registryTokens(realms) : undefined
    this.#userAgent = options.userAgent ?? 'stagegate'
    this.#backOff = options.backOff
    this.#ask = options.asksBy === 'got' ? askByGot : control
  }

  async send(request: HttpRequest, call: Call): Promise<HttpAnswer> {
    const { body, method } = request
    if (body !== undefined && (method === 'GET' || method === 'HEAD'))
      throw new UsageError({ code: 'usage/body', what: `a ${method} has no body` })
    let begun = false
    const onBegin = () => {
      begun = true
    }
    return this.#identified(request.scopes, call, async (credential, { field, sign }) => {
      const plain = this.#exchange(request, call, credential)
      const exchange = { ...plain, headers: { ...plain.headers, ...(await this.#signature(plain, sign, body)) } }
      const answer = await (body === undefined || typeof body === 'string'
        ? this.#ask(exchange, body === undefined || field === undefined ? body : `${field}&${body}`)
        : upload(exchange, telling(payloadOf(body), onBegin)))
      this.#noteRetryAfter(answer)
      if (sign !== undefined) this.#noteClock(answer)
      if (method === 'GET') refuseCoding(answer, exchange.failures)
      // A body that was begun cannot be sent again. Until the server says to go ahead, nothing was begun.
      return { answer, again: !begun, discard: () => undefined }
    })
  }

  async download(path: string, call: Call, more: DownloadOptions = {}): Promise<HttpDownload> {
    return this.#identified(more.scopes, call, async (own, { sign }) => {
      const exchange = this.#exchange({ ...more, method: more.method ?? 'GET', path }, call, {})
      const credential = { ...own, ...(await this.#signature(exchange, sign)) }
      // A signature is for one host.
      const follows = sign === undefined
      const answer = await download({ exchange, credential, follows, insecure: this.#insecure, redact: this.#redact })
      if (answer.origin === this.origin) this.#noteRetryAfter(answer)
      if (sign !== undefined) this.#noteClock(answer)
      try {
        refuseCoding(answer, exchange.failures)
      } catch (error) {
        answer.stream.destroy()
        throw error
      }
      return { answer, again: answer.origin === this.origin, discard: () => answer.stream.destroy() }
    })
  }

  quote(text: string): string {
    return quote(text, this.#redact)
  }

  /** Sends it with what the server is known to ask for; and once more, should it ask for something else. */
  async #identified<A extends Pick<HttpAnswer, 'status' | 'headers'>>(
    scopes: readonly string[] = [],
    call: Call,
    send: (
      credential: Readonly<Record<string, string>>,
      more: Pick<ResolvedCredential, 'field' | 'sign'>,
    ) => Promise<{ answer: A; again: boolean; discard: () => void }>,
  ): Promise<A> {
    this.#refuseUntilOpen()
    const { header, ...more } = await this.#resolve(call)
    const tokens = this.#tokens
    const authorization = await tokens?.header(scopes, call)
    const own = header === undefined ? {} : { [header[0]]: header[1] }
    const first = await send(authorization === undefined ? own : { authorization }, more)
    if (first.answer.status !== 401 || tokens === undefined || !first.again) return first.answer
    let again = true
    try {
      again = await tokens.challenged(first.answer.headers['www-authenticate'], authorization, scopes, call)
    } finally {
      if (again) first.discard()
    }
    if (!again) return first.answer
    const other = await tokens.header(scopes, call)
    const second = await send(other === undefined ? {} : { authorization: other }, more)
    try {
      tokens.judge(second.answer, other, scopes)
    } catch (error) {
      second.discard()
      throw error
    }
    return second.answer
  }

  /** The credential as it is now; its secrets are hidden from here on. */
  async #resolve(call: Call): Promise<ResolvedCredential> {
    const resolved = await this.#credential.resolve(call)
    this.#basic = resolved.basic
    const secrets = resolved.secrets.filter((secret) => !this.#secrets.includes(secret))
    if (secrets.length > 0) this.#hide([...this.#secrets, ...secrets].slice(-mostHidden), this.#tokensToHide)
    return resolved
  }

  #hide(secrets: readonly string[], tokens: readonly string[]): void {
    this.#secrets = secrets
    this.#tokensToHide = tokens
    this.#redact = redactor([...secrets, ...tokens])
  }

  #registryTokens(realms: readonly string[]): RegistryTokens {
    return new RegistryTokens({
      basic: () => this.#basic,
      origin: this.origin,
      realms,
      clock: this.#clock,
      ask: async (url, authorization, call) => {
        const headers = {
          'user-agent': this.#userAgent,
          ...asStored,
          accept: 'application/json',
          ...(authorization !== undefined && { authorization }),
        }
        const failures = new Failures('GET', url, this.#redact)
        return control({ ...this.#exchange({ method: 'GET', path: '/' }, call, {}), url, headers, failures }, undefined)
      },
      hide: (tokens) => this.#hide(this.#secrets, tokens),
    })
  }

  async #signature(exchange: Exchange, sign: Sign | undefined, body?: HttpRequest['body']): Promise<Readonly<Record<string, string>>> {
    return sign === undefined ? {} : sign({ ...exchange, body, at: later(this.#clock.now(), this.#ahead) })
  }

  /** A server that refuses a signature says what time it is there. */
  #noteClock({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>): void {
    const ahead = Math.round((Date.parse(headers['date'] ?? '') - Date.parse(this.#clock.now())) / 1000)
    if (status === 403 && Math.abs(ahead) < mostAhead) this.#ahead = ahead
  }

  /** @throws {PutOff} while the server asks to be left alone */
  #refuseUntilOpen(): void {
    const until = this.#backOff?.closed()
    if (until !== undefined) throw new PutOff({ what: `the server allows no requests until ${until}`, where: this.origin, until })
  }

  #noteRetryAfter({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>): void {
    if (status !== 429 && status < 500) return
    const until = retryAt(headers['retry-after'], this.#clock.now())
    if (until !== undefined) this.#backOff?.closeUntil(until)
  }

  #exchange(
    { method, path, headers = {} }: Pick<HttpRequest, 'method' | 'path' | 'headers'>,
    call: Call,
    credential: Readonly<Record<string, string>>,
  ): Exchange {
    const url = resolvePath(this.#base, path)
    return {
      method,
      url,
      headers: sendable({ 'user-agent': this.#userAgent, ...asStored, ...allowed(headers), ...credential }),
      call,
      clock: this.#clock,
      limits: this.#limits,
      failures: new Failures(method, url, this.#redact),
      connections: this.#connections,
    }
  }
}
