import type { ClientRequest, IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { parseUrl } from '@stagegate/schema'
import type { Redact } from '../contract/quote.js'
import type { HttpDownload } from './client.js'
import { type Exchange, flatten, type HttpLimits, openRequest } from './exchange.js'
import { Gather } from './gather.js'
import { Failures } from './http-error.js'
import { Lifetime, Patience } from './lifetime.js'
import { isProtected } from './origin.js'
import { Pace } from './pace.js'

export interface Downloading {
  /** Everything but the credential. */
  readonly exchange: Exchange
  /** Sent to the first origin, until a redirect leaves it; not again when another one comes back. */
  readonly credential: Readonly<Record<string, string>>
  /** Whether redirects are followed, or answers. */
  readonly follows: boolean
  readonly insecure: boolean
  readonly redact: Redact
}

const mostRedirects = 5

/** A GET or HEAD that follows redirects by hand, and streams the body of the first answer that is none. */
export async function download({ exchange, credential, follows, insecure, redact }: Downloading): Promise<HttpDownload> {
  let url = exchange.url
  let headers = { ...exchange.headers, ...credential }
  for (let redirects = 0; ; redirects++) {
    const failures = new Failures(exchange.method, url, redact)
    const body = await new Fetching({ ...exchange, url, headers, failures }).begun
    const { statusCode = 0, headers: answered } = body.response
    const target = follows && isRedirect(statusCode) ? answered.location : undefined
    if (target === undefined) return { status: statusCode, origin: url.origin, headers: flatten(answered), stream: body }
    body.destroy()
    if (redirects === mostRedirects) throw failures.make('http/redirect', `more than ${mostRedirects} redirects`)
    const next = nextHop(url, target, insecure, failures)
    if (next.origin !== url.origin) headers = { ...exchange.headers }
    url = next
  }
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status)
}

export function nextHop(from: URL, location: string, insecure: boolean, failures: Failures): URL {
  const next = parseUrl(location, from)
  if (next === undefined) throw failures.make('http/redirect', 'redirected to something that is not an address')
  // node would turn these into a credential that nobody configured.
  next.username = ''
  next.password = ''
  if (!/^https?:$/.test(next.protocol)) throw failures.make('http/redirect', 'redirected to something that is not HTTP')
  if (next.protocol === 'http:' && (from.protocol === 'https:' || !isProtected(next, insecure))) {
    throw failures.make('http/redirect', 'redirected from https to plain http, which Stagegate does not follow')
  }
  return next
}

/** How a body ends. */
interface Endings {
  late(what: string): Error
  short(expected: number, came: number): Error
  of(error: unknown): Error
  /** However it ended. */
  closed(): void
}

/** An answer's body as it comes in. It ends only where the answer ends; destroying it closes the socket. */
class Incoming extends Readable {
  readonly response: IncomingMessage
  readonly #idle: Patience
  readonly #pace: Pace
  readonly #gather: Gather
  readonly #endings: Endings

  /** `expected`: its length, where it is known. */
  constructor(response: IncomingMessage, expected: number | undefined, limits: HttpLimits, endings: Endings) {
    super({ objectMode: true, highWaterMark: 1 })
    this.response = response
    this.#endings = endings
    this.#idle = new Patience(limits.idle, () => this.destroy(endings.late('the download stopped halfway')))
    this.#pace = new Pace(limits.leastRate, limits.rateOver, () => this.destroy(endings.late('the download is too slow')))
    this.#gather = new Gather((piece) => this.#take(piece))
    let came = 0
    const broken = (error: unknown) =>
      this.destroy(expected === undefined || came === expected ? endings.of(error) : endings.short(expected, came))
    // It can be aborted before the caller has looked at it; without a listener that would end the process.
    this.on('error', () => undefined)
    response.on('data', (chunk: Buffer) => {
      came += chunk.length
      this.#idle.start()
      this.#gather.add(chunk)
    })
    response.once('end', () => {
      this.#gather.flush()
      if (expected !== undefined && came !== expected) this.destroy(endings.short(expected, came))
      else this.push(null)
    })
    response.once('error', broken)
    // Whatever else ends it ends here, too.
    response.once('close', () => response.readableEnded || broken(new Error('the connection was closed')))
    response.pause()
  }

  override _read(): void {
    if (this.response.readableEnded) return
    this.#idle.start()
    this.#pace.start()
    this.response.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#idle.end()
    this.#pace.end()
    this.#gather.drop()
    this.#endings.closed()
    this.response.destroy()
    callback(error)
  }

  #take(piece: Buffer): void {
    this.#pace.moved(piece.length)
    if (this.push(piece) || this.destroyed) return
    // While nobody wants more, nothing is late.
    this.#idle.pause()
    this.#pace.pause()
    this.response.pause()
  }
}

/** RFC 9110, section 6.4.1. The length that its headers say is that of another answer. */
function hasNoBody(method: string, { statusCode }: IncomingMessage): boolean {
  return method === 'HEAD' || statusCode === 204 || statusCode === 304
}

function lengthOf({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length']
  return length === undefined || headers['transfer-encoding'] !== undefined ? undefined : Number(length)
}

/** One hop: from the request to the answer's headers. The call's signal and deadline hold until the body is closed. */
export class Fetching {
  readonly begun: Promise<Incoming>
  readonly #exchange: Exchange
  readonly #lifetime: Lifetime
  readonly #unanswered: Patience
  readonly #request: ClientRequest
  #body: Incoming | undefined
  #reject: (reason: Error) => void = () => undefined

  /** `text`: what is sent with it. */
  constructor(exchange: Exchange, text = '') {
    const { method, url, call, clock, limits, failures, connections } = exchange
    connections.expectAllowed(url)
    this.#exchange = exchange
    this.#lifetime = new Lifetime(call, clock, failures, (reason) => this.#stop(reason))
    this.#unanswered = new Patience(limits.answer, () => this.#late('no answer'))
    // RFC 9110, section 8.6: what has no content says so, unless it never has any.
    const length = method === 'GET' || method === 'HEAD' ? {} : { 'content-length': String(Buffer.byteLength(text)) }
    const headers = { ...exchange.headers, ...length }
    this.#request = openRequest({ ...exchange, headers }, 'asking', () => this.#late('no connection'))
    this.#unanswered.start()
    this.begun = new Promise((resolve, reject) => {
      this.#reject = reject
      this.#request.once('response', (response) => resolve(this.#answered(response)))
    })
    this.#request.on('error', (error) => this.#broken(error))
    // Whatever ends the request ends here, too.
    this.#request.once('close', () => this.#closed())
    this.#request.end(text)
  }

  #answered(response: IncomingMessage): Incoming {
    const { method, limits, failures } = this.#exchange
    this.#unanswered.end()
    this.#body = new Incoming(response, hasNoBody(method, response) ? 0 : lengthOf(response), limits, {
      late: (what) => failures.make('http/timeout', what),
      short: (expected, came) => failures.make('http/short', `expected ${expected} bytes, but the connection ended after ${came}`),
      of: (error) => this.#lifetime.reason(error),
      closed: () => {
        this.#lifetime.release()
        // A server that answers before it has read all may never read the rest.
        if (!this.#request.writableFinished) this.#request.destroy()
      },
    })
    return this.#body
  }

  #late(what: string): void {
    this.#stop(this.#exchange.failures.make('http/timeout', what))
  }

  #stop(reason: Error): void {
    this.#lifetime.release()
    // A request that has no connection yet says nothing when it is destroyed.
    this.#reject(reason)
    if (this.#body === undefined) this.#request.destroy(reason)
    else this.#body.destroy(reason)
  }

  #broken(error: NodeJS.ErrnoException): void {
    const reason = this.#lifetime.reason(error)
    this.#lifetime.release()
    const body = this.#body
    // node ends a body that has no length where its connection breaks. Of one that is followed by what is no answer, nobody
    // knows where it ends; what has no body ends all the same.
    const isEnd = body?.response.complete === false && lengthOf(body.response) === undefined
    if (isEnd || (this.#exchange.method !== 'HEAD' && String(error.code).startsWith('HPE_'))) body?.destroy(reason)
    this.#reject(reason)
  }

  #closed(): void {
    this.#unanswered.end()
    if (this.#body !== undefined) return
    this.#lifetime.release()
    this.#reject(this.#lifetime.reason(this.#exchange.failures.make('http/reset', 'the connection was closed without an answer')))
  }
}
