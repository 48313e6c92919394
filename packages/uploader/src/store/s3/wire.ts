import { type Instant, StagegateError } from '@stagegate/schema'
import type { Body, Call } from '../../contract/capabilities.js'
import type { Clock } from '../../contract/clock.js'
import { UnexpectedAnswer } from '../../contract/unexpected-answer.js'
import type { HttpClient, HttpDownload } from '../../http/client.js'
import { type Version, version } from '../store.js'
import { type Answered, type Asker, errorIn, regionSaid, unexpected } from './answers.js'
import { type Bucket, pathIn } from './bucket.js'
import type { Dialect } from './dialect.js'

/** A request about an object. */
export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT'
  /** The object's key; empty for the bucket. */
  readonly key: string
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A text can be sent again if the signature has to be for another region or time. */
  readonly body?: Body | string | undefined
}

/** The parts of a `Wire`. */
export interface WireParts {
  readonly bucket: Bucket
  readonly dialect: Dialect
  readonly region: string
  readonly clock: Clock
  /** Opens the client that signs for a region. */
  open(region: string): HttpClient
}

/** How often a request is signed again: for another region, and for another time. */
const mostAdaptations = 2
/** The largest body of an error. */
const longestError = 64 * 1024
/** Minutes of difference after which a server refuses a signature (`RequestTimeTooSkewed`), with some leeway. */
const mostSkew = 10

/** One bucket and the requests to it. Each answer contains its error, and a request is repeated once for another region or time. */
export class Wire {
  readonly bucket: Bucket
  readonly dialect: Dialect
  readonly clock: Clock
  readonly asker: Asker
  readonly #open: WireParts['open']
  #region: string
  #client: HttpClient

  constructor({ bucket, dialect, region, clock, open }: WireParts) {
    this.bucket = bucket
    this.dialect = dialect
    this.clock = clock
    this.#open = open
    this.#region = region
    this.#client = open(region)
    this.asker = { bucket: bucket.name, clock, meanings: dialect.meanings, quote: (text) => this.#client.quote(text) }
  }

  get origin(): string {
    return this.#client.origin
  }

  /** For messages. */
  where(key: string): string {
    return `${this.#client.origin}${pathIn(this.bucket, key)}`
  }

  /** The version of the object in an answer; `undefined` if it has none. */
  versionIn(headers: Answered['headers']): Version | undefined {
    const text = headers[this.dialect.versionHeader]
    return text === undefined ? undefined : version(text)
  }

  /** The error for an unexpected answer. */
  unexpected(answer: Answered, key: string): StagegateError {
    return unexpected(answer, this.where(key), this.asker)
  }

  async ask({ method, key, query, headers, body }: S3Request, call: Call): Promise<Answered> {
    const path = pathIn(this.bucket, key, query)
    for (let left = mostAdaptations; ; left--) {
      const answer = await this.#client.send({ method, path, headers, body }, call)
      const answered = { ...answer, error: errorIn(answer.text) }
      const adapted = this.#adapt(answered)
      if (adapted === undefined || left === 0) return answered
      // Its bytes cannot be read again.
      if (typeof body === 'object')
        throw new StagegateError({
          code: 'repository/retry-later',
          what: `${adapted}, so the request must be sent again`,
          where: this.where(key),
        })
    }
  }

  /** The bytes of an object, or the answer without them. */
  async download(
    key: string,
    headers: Readonly<Record<string, string>>,
    call: Call,
  ): Promise<{ readonly got: HttpDownload } | { readonly answered: Answered }> {
    const path = pathIn(this.bucket, key)
    for (let left = mostAdaptations; ; left--) {
      const got = await this.#client.download(path, call, { headers })
      if (got.status === 200) {
        if (this.versionIn(got.headers) !== undefined) return { got }
        got.stream.destroy()
        throw this.noObject(key)
      }
      const text = await beginningOf(got)
      const answered = { status: got.status, headers: got.headers, text, error: errorIn(text) }
      if (this.#adapt(answered) === undefined || left === 0) return { answered }
    }
  }

  /** An HTML page of a portal or a proxy has the status 200, too. */
  noObject(key: string): UnexpectedAnswer {
    return new UnexpectedAnswer({
      status: 200,
      what: `expected an object with ${this.dialect.versionHeader === 'etag' ? 'an ETag' : 'a generation'}, got something else`,
      where: this.where(key),
    })
  }

  /** Learns from a refusal how to make the same request succeed, and reports the change. */
  #adapt(answer: Answered): string | undefined {
    if (isSkewed(answer, this.clock.now())) return 'the server’s clock differs from this machine’s'
    const region = regionSaid(answer)
    if (![301, 307, 400].includes(answer.status) || region === undefined || region === this.#region) return undefined
    // At the same origin: a signature for another region reveals nothing to anybody else.
    this.#region = region
    this.#client = this.#open(region)
    return `the bucket is in the region ${region}`
  }
}

/** The answer to a HEAD contains no error, but the server's time. */
function isSkewed({ status, headers, error, text }: Answered, now: Instant): boolean {
  if (status !== 403 || error !== undefined) return error?.code === 'RequestTimeTooSkewed'
  const apart = Math.abs(Date.parse(headers['date'] ?? now) - Date.parse(now))
  return (text ?? '') === '' && apart > mostSkew * 60_000
}

async function beginningOf({ stream }: HttpDownload): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > longestError) break
  }
  return Buffer.concat(chunks).toString('utf8')
}
