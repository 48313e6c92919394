import { isStagegateError, StagegateError } from '@stagegate/schema'
import { quote, type Redact } from '../contract/quote.js'
import { tlsFault } from './tls-fault.js'
import { ProxyFailure } from './tunnels.js'

/** Why no complete answer came. */
export type HttpErrorCode =
  /** No connection: nothing was sent. */
  | 'http/unreachable'
  /** No connection, because of the server's certificate or its version of TLS: nothing was sent, and nothing will be before that is changed. */
  | 'http/tls'
  /** No connection, because of the proxy: nothing was sent to the server. */
  | 'http/proxy'
  | 'http/timeout'
  | 'http/reset'
  | 'http/too-long'
  /** A body in a Content-Encoding that was not asked for. */
  | 'http/coding'
  /** A download ended before its Content-Length. */
  | 'http/short'
  | 'http/redirect'
  /** A success was claimed before all bytes were sent. */
  | 'http/early-success'
  | 'http/failed'

/** No complete answer came. Says nothing about what the server did with the request. */
export class HttpError extends StagegateError {
  /** The sort of failure. */
  declare readonly code: HttpErrorCode
  /** The request's method. */
  readonly method: string
  /** The server: scheme, host and port. */
  readonly origin: string
  /** Without the values of its query. */
  readonly path: string

  constructor(parts: {
    code: HttpErrorCode
    what: string
    next?: string
    cause?: Error | undefined
    method: string
    origin: string
    path: string
    final?: boolean | undefined
  }) {
    const { code, what, next, cause, method, origin, path, final } = parts
    super({ code, what, where: `${method} ${origin}${path}`, next, cause, final })
    this.method = method
    this.origin = origin
    this.path = path
  }
}

/** Makes the errors of one request, so that nothing of it shows but method, origin and path. */
export class Failures {
  readonly #method: string
  readonly #url: URL
  readonly #redact: Redact

  constructor(method: string, url: URL, redact: Redact) {
    this.#method = method
    this.#url = url
    this.#redact = redact
  }

  make(
    code: HttpErrorCode,
    what: string,
    more: { readonly cause?: Error; readonly next?: string; readonly final?: boolean } = {},
  ): HttpError {
    const path = quote(pathWithoutValues(this.#url), this.#redact)
    return new HttpError({ code, what, method: this.#method, origin: this.#url.origin, path, ...more })
  }

  /** An error of node, reduced to its code and message: the objects themselves carry headers. Our own pass as they are. */
  of(error: unknown): Error {
    if (isStagegateError(error)) return error
    if (error instanceof ProxyFailure) return this.#ofProxy(error)
    const { code, cause } = this.#reduced(error)
    const fault = tlsFault(code ?? '', cause.message, this.#url.host)
    if (fault !== undefined) return this.make('http/tls', fault.what, { cause, next: fault.next, final: true })
    const [ours, what] =
      explanations.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? (['http/failed', 'there was no answer'] as const)
    return this.make(ours, code === undefined ? `${what}: ${cause.message}` : `${what} (${code})`, { cause })
  }

  #ofProxy({ proxy, status, cause: reason }: ProxyFailure): HttpError {
    if (status !== undefined) {
      const next =
        status === 407 || status === 401
          ? 'Add a user and password to the proxy’s address.'
          : 'Ask the administrators of the proxy to allow this host.'
      // A gateway in trouble passes (RFC 9110, section 15.6); a no does not.
      const final = status < 500 && status !== 408 && status !== 429
      return this.make('http/proxy', `the proxy ${proxy} refused the connection (${status})`, final ? { next, final } : {})
    }
    const { code, cause } = this.#reduced(reason)
    const fault = tlsFault(code ?? '', cause.message, `the proxy ${proxy}`)
    if (fault !== undefined) return this.make('http/proxy', fault.what, { cause, final: true })
    return this.make('http/proxy', `the proxy ${proxy} cannot be reached${code === undefined ? '' : ` (${code})`}`, { cause })
  }

  #reduced(error: unknown): { readonly code: string | undefined; readonly cause: Error } {
    const message = quote(error instanceof Error ? error.message : String(error), this.#redact)
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
    return { code, cause: Object.assign(new Error(message), code === undefined ? {} : { code }) }
  }
}

const explanations: readonly (readonly [RegExp, readonly [HttpErrorCode, string]])[] = [
  [/^(ENOTFOUND|EAI_AGAIN|EAI_FAIL)$/, ['http/unreachable', 'the host name cannot be resolved']],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ENETDOWN|EHOSTDOWN)$/, ['http/unreachable', 'no connection']],
  [/^ETIMEDOUT$/, ['http/timeout', 'took too long']],
  [
    /^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE|ERR_HTTP_CONTENT_LENGTH_MISMATCH)$/,
    ['http/reset', 'the connection broke before a complete answer'],
  ],
  // Bytes that were changed on the way, or a server in trouble: another connection can be better.
  [/^(EPROTO|ERR_SSL_|ERR_TLS_)/, ['http/reset', 'the secure connection broke']],
  [/^HPE_/, ['http/failed', 'the answer is not HTTP']],
]

function pathWithoutValues(url: URL): string {
  const names = [...new Set(url.searchParams.keys())]
  return names.length === 0 ? url.pathname : `${url.pathname}?${names.map((name) => `${encodeURIComponent(name)}=…`).join('&')}`
}
