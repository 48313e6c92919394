import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { parseUrl } from '@stagegate/schema'
import type { HttpDownload } from './client.js'
import { type Exchange, flatten, type HttpLimits, openRequest } from './exchange.js'
import { Gather } from './gather.js'
import { Failures } from './http-error.js'
import { Lifetime, Patience } from './lifetime.js'
import { isProtected } from './origin.js'
import { Pace } from './pace.js'
import type { Redact } from './quote.js'

export interface Downloading {
  /** Everything but the credential. */
  readonly exchange: Exchange
  /** Sent to the first origin, until a redirect leaves it; not again when another one comes back. */
  readonly credential: Readonly<Record<string, string>>
  readonly insecure: boolean
  readonly redact: Redact
}

const mostRedirects = 5

/** A GET or HEAD that follows redirects by hand, and streams the body of the first answer that is none. */
export async function download({ exchange, credential, insecure, redact }: Downloading): Promise<HttpDownload> {
  let url = exchange.url
  let headers = { ...exchange.headers, ...credential }
  for (let redirects = 0; ; redirects++) {
    const failures = new Failures(exchange.method, url, redact)
    const body = await new Fetching({ ...exchange, url, headers, failures }).begun
    const { statusCode = 0, headers: answered } = body.response
    const target = isRedirect(statusCode) ? answered.location : undefined
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
  if (next === undefined) throw failures.make('http/redirect', 'redirected to what is no address')
  // node would turn these into a credential that nobody configured.
  next.username = ''
  next.password = ''
  if (!/^https?:$/.test(next.protocol)) throw failures.make('http/redirect', 'redirected to what is not HTTP')
  if (next.protocol === 'http:' && (from.protocol === 'https:' || !isProtected(next, insecure))) {
    throw failures.make('http/redirect', 'redirected from https to plain http, which is not followed')
  }
  return next
}

/** How a body can end too early. */
interface Endings {
  late(what: string): Error
  short(expected: number, came: number): Error
  of(error: unknown): Error
}

/** An answer's body as it comes in. It ends only where the answer ends; destroying it closes the socket. */
class Incoming extends Readable {
  readonly response: IncomingMessage
  readonly #idle: Patience
  readonly #pace: Pace
  readonly #gather: Gather
  readonly #close: () => void

  /** `expected`: its length, where it is known. */
  constructor(response: IncomingMessage, expected: number | undefined, limits: HttpLimits, fail: Endings, close: () => void) {
    super({ objectMode: true, highWaterMark: 1 })
    this.response = response
    this.#close = close
    this.#idle = new Patience(limits.idle, () => this.destroy(fail.late('the download stopped half-way')))
    this.#pace = new Pace(limits.leastRate, limits.rateOver, () => this.destroy(fail.late('the download comes too slowly')))
    this.#gather = new Gather((piece) => this.#take(piece))
    let came = 0
    const broken = (error: unknown) =>
      this.destroy(expected === undefined || came === expected ? fail.of(error) : fail.short(expected, came))
    // It can be aborted before the caller has looked at it; without a listener that would end the process.
    this.on('error', () => undefined)
    response.on('data', (chunk: Buffer) => {
      came += chunk.length
      this.#idle.start()
      this.#gather.add(chunk)
    })
    response.once('end', () => {
      this.#gather.flush()
      if (expected !== undefined && came !== expected) this.destroy(fail.short(expected, came))
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
    this.#close()
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

  /** `text`: what is sent with it. */
  constructor(exchange: Exchange, text = '') {
    const { method, call, clock, limits, failures } = exchange
    let body: Incoming | undefined
    let settle: (reason: Error) => void = () => undefined
    // A request that has no connection yet says nothing when it is destroyed.
    const stop = (reason: Error) => {
      lifetime.release()
      settle(reason)
      if (body === undefined) request.destroy(reason)
      else body.destroy(reason)
    }
    const lifetime = new Lifetime(call, clock, failures, stop)
    const late = (what: string) => failures.make('http/timeout', what)
    const unanswered = new Patience(limits.answer, () => stop(late('no answer')))
    // RFC 9110, section 8.6: what has no content says so, unless it never has any.
    const length = method === 'GET' || method === 'HEAD' ? {} : { 'content-length': String(Buffer.byteLength(text)) }
    const request = openRequest({ ...exchange, headers: { ...exchange.headers, ...length } }, 'asking', () => stop(late('no connection')))
    unanswered.start()
    this.begun = new Promise((resolve, reject) => {
      settle = reject
      request.once('response', (response) => {
        unanswered.end()
        const fail = {
          late,
          short: (expected: number, came: number) =>
            failures.make('http/short', `expected ${expected} bytes, and the connection ended after ${came}`),
          of: (error: unknown) => lifetime.reason(error),
        }
        const close = () => {
          lifetime.release()
          // A server that answers before it has read all may never read the rest.
          if (!request.writableFinished) request.destroy()
        }
        body = new Incoming(response, hasNoBody(method, response) ? 0 : lengthOf(response), limits, fail, close)
        resolve(body)
      })
      request.on('error', (error: NodeJS.ErrnoException) => {
        const reason = lifetime.reason(error)
        lifetime.release()
        // node ends a body that has no length where its connection breaks. Of one that is followed by what is no answer, nobody
        // knows where it ends; what has no body ends all the same.
        const isEnd = body?.response.complete === false && lengthOf(body.response) === undefined
        if (isEnd || (method !== 'HEAD' && String(error.code).startsWith('HPE_'))) body?.destroy(reason)
        reject(reason)
      })
      // Whatever ends the request ends here, too.
      request.once('close', () => {
        unanswered.end()
        if (body !== undefined) return
        lifetime.release()
        reject(lifetime.reason(failures.make('http/reset', 'the connection was closed without an answer')))
      })
    })
    request.end(text)
  }
}
