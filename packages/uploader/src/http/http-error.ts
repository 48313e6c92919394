import { isStagegateError, StagegateError } from '@stagegate/schema'
import { quote, type Redact } from './quote.js'

/** Why no complete answer came. */
export type HttpErrorCode =
  /** No connection: nothing was sent. */
  | 'http/unreachable'
  /** No connection, because of the certificate or the protocol: nothing was sent. */
  | 'http/tls'
  | 'http/timeout'
  | 'http/reset'
  | 'http/too-long'
  /** A download ended before its Content-Length. */
  | 'http/short'
  | 'http/redirect'
  /** A success was claimed before all bytes were sent. */
  | 'http/early-success'
  | 'http/failed'

/** No complete answer came. Says nothing about what the server did with the request. */
export class HttpError extends StagegateError {
  declare readonly code: HttpErrorCode
  readonly method: string
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
  }) {
    const { code, what, next, cause, method, origin, path } = parts
    super({ code, what, where: `${method} ${origin}${path}`, next, cause })
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

  make(code: HttpErrorCode, what: string, cause?: Error): HttpError {
    const path = quote(pathWithoutValues(this.#url), this.#redact)
    return new HttpError({ code, what, cause, method: this.#method, origin: this.#url.origin, path })
  }

  /** An error of node or got, reduced to its code and message: the objects themselves carry headers. Our own pass as they are. */
  of(error: unknown): Error {
    if (isStagegateError(error)) return error
    const message = quote(error instanceof Error ? error.message : String(error), this.#redact)
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
    const cause = Object.assign(new Error(message), code === undefined ? {} : { code })
    const [ours, what] = explanations.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? (['http/failed', 'no answer came'] as const)
    return this.make(ours, code === undefined ? `${what}: ${message}` : `${what} (${code})`, cause)
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
  [/^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO)/, ['http/tls', 'no secure connection']],
  [/^HPE_/, ['http/failed', 'the answer is not HTTP']],
]

function pathWithoutValues(url: URL): string {
  const names = [...new Set(url.searchParams.keys())]
  return names.length === 0 ? url.pathname : `${url.pathname}?${names.map((name) => `${encodeURIComponent(name)}=…`).join('&')}`
}
