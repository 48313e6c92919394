import http from 'node:http'
import https from 'node:https'
import { UsageError } from '@stagegate/schema'
import { type Clock, systemClock } from '../clock.js'
import type { Body, Call } from '../repository/capabilities.js'
import { PutOff } from '../repository/put-off.js'
import type { Credential, Door, HttpAnswer, HttpClient, HttpDownload, HttpRequest } from './client.js'
import { control } from './control.js'
import { type ResolvedCredential, resolveCredential, type Secrets } from './credential.js'
import { download } from './download.js'
import { type Agents, defaultHttpLimits, type Exchange, type HttpLimits } from './exchange.js'
import { Failures } from './http-error.js'
import { framed, type Multipart, type Payload } from './multipart.js'
import { parseOrigin, resolvePath } from './origin.js'
import { quote, type Redact, redactor } from './quote.js'
import { retryAt } from './retry-after.js'
import { upload } from './upload.js'

export interface HttpClientOptions {
  /** Scheme, host and port: `https://packages.example`. */
  readonly origin: string
  readonly credential?: Credential | undefined
  /** The values of the variables that the credential names. */
  readonly secrets: Secrets
  /** @default the system's */
  readonly clock?: Clock | undefined
  /** @default stagegate */
  readonly userAgent?: string | undefined
  /** Shared by all who talk to this origin. @default none: every request is sent */
  readonly door?: Door | undefined
  /** Allows plain http to other machines. @default false */
  readonly insecure?: boolean | undefined
  readonly limits?: Partial<HttpLimits> | undefined
}

/**
 * A client for one origin. Retries nothing and follows no redirect but a download's.
 *
 * @throws {UsageError} an origin that is none or not protected, a variable that is not set or is empty
 * @example
 * const client = createHttpClient({
 *   origin: 'https://packages.example',
 *   credential: { scheme: 'bearer', token: { variable: 'PACKAGES_TOKEN' } },
 *   secrets: (name) => process.env[name],
 * })
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const insecure = options.insecure ?? false
  const origin = parseOrigin(options.origin, insecure)
  const resolved = options.credential === undefined ? undefined : resolveCredential(options.credential, options.secrets)
  return new BoundClient(origin, resolved, insecure, options)
}

class BoundClient implements HttpClient {
  readonly origin: string
  readonly #base: URL
  readonly #credential: Readonly<Record<string, string>>
  readonly #field: string | undefined
  readonly #redact: Redact
  readonly #insecure: boolean
  readonly #clock: Clock
  readonly #limits: HttpLimits
  readonly #userAgent: string
  readonly #door: Door | undefined
  readonly #agents: Agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) }

  constructor(base: URL, resolved: ResolvedCredential | undefined, insecure: boolean, options: HttpClientOptions) {
    this.origin = base.origin
    this.#base = base
    this.#credential = resolved?.header === undefined ? {} : { [resolved.header[0]]: resolved.header[1] }
    this.#field = resolved?.field
    this.#redact = redactor(resolved?.secrets ?? [])
    this.#insecure = insecure
    this.#clock = options.clock ?? systemClock
    this.#limits = { ...defaultHttpLimits, ...options.limits }
    this.#userAgent = options.userAgent ?? 'stagegate'
    this.#door = options.door
  }

  async send(request: HttpRequest, call: Call): Promise<HttpAnswer> {
    const { body, method } = request
    if (body !== undefined && (method === 'GET' || method === 'HEAD'))
      throw new UsageError({ code: 'usage/body', what: `a ${method} has no body` })
    const exchange = this.#exchange(method, request.path, request.headers, call, this.#credential)
    this.#knock()
    const answer = await (body === undefined || typeof body === 'string'
      ? control(exchange, this.#complete(body))
      : upload(exchange, payloadOf(body)))
    this.#heed(answer)
    return answer
  }

  async download(path: string, call: Call): Promise<HttpDownload> {
    const exchange = this.#exchange('GET', path, {}, call, {})
    this.#knock()
    const answer = await download({ exchange, credential: this.#credential, insecure: this.#insecure, redact: this.#redact })
    if (answer.origin === this.origin) this.#heed(answer)
    return answer
  }

  quote(text: string): string {
    return quote(text, this.#redact)
  }

  #complete(form: string | undefined): string | undefined {
    return form === undefined || this.#field === undefined ? form : `${this.#field}&${form}`
  }

  /** @throws {PutOff} while the server asks to be left alone */
  #knock(): void {
    const until = this.#door?.closed()
    if (until !== undefined) throw new PutOff({ what: `the server asks to be left alone until ${until}`, where: this.origin, until })
  }

  #heed({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>): void {
    if (status !== 429 && status < 500) return
    const until = retryAt(headers['retry-after'], this.#clock.now())
    if (until !== undefined) this.#door?.closeUntil(until)
  }

  #exchange(
    method: string,
    path: string,
    headers: HttpRequest['headers'],
    call: Call,
    credential: Readonly<Record<string, string>>,
  ): Exchange {
    const url = resolvePath(this.#base, path)
    return {
      method,
      url,
      headers: { 'user-agent': this.#userAgent, ...allowed(headers ?? {}), ...credential },
      call,
      clock: this.#clock,
      limits: this.#limits,
      failures: new Failures(method, url, this.#redact),
      agents: this.#agents,
    }
  }
}

function payloadOf(body: Body | Multipart): Payload {
  if ('file' in body) return framed(body)
  return { contentType: 'application/octet-stream', head: Buffer.alloc(0), body, tail: Buffer.alloc(0) }
}

const ours = new Set(['authorization', 'connection', 'cookie', 'expect', 'host', 'proxy-authorization', 'transfer-encoding', 'upgrade'])

/** What a repository may say itself. Its Content-Length is taken for what it is: a repetition of what the body says. */
function allowed(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const refused = entries.find(([name]) => ours.has(name))
  if (refused !== undefined) {
    throw new UsageError({
      code: 'usage/header',
      what: `the header ${refused[0]} is the client's to send`,
      next: 'Give the client a credential instead.',
    })
  }
  return Object.fromEntries(entries.filter(([name]) => name !== 'content-length'))
}
