import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { answerText } from './answer-text.js'
import type { HttpAnswer } from './client.js'
import type { ConnectionUse } from './connections.js'
import { type Exchange, flatten, onConnection, openRequest } from './exchange.js'
import { pieceSize } from './gather.js'
import { Lifetime, Patience } from './lifetime.js'
import type { Payload } from './multipart.js'
import { Pace } from './pace.js'

/**
 * Sends a body of known length. The server is asked first (`Expect: 100-continue`), and an answer that comes early ends
 * the sending. When the body errors, the socket is destroyed and the error is the caller's.
 *
 * One loop writes and waits for the drain: `pipe` would end the request when the body merely stops.
 */
export async function upload(exchange: Exchange, payload: Payload): Promise<HttpAnswer> {
  const { connections, url } = exchange
  connections.expectAllowed(url)
  let mode: SendMode = { asks: true, use: connections.tellsToGoAhead ? 'uploading' : 'once' }
  for (;;) {
    const sending = new Sending(exchange, payload, mode)
    try {
      const answer = await answerTo(sending, exchange)
      // RFC 9110, section 10.1.1: a server that does not take the question gets the request without it.
      if (answer.status !== 417 || sending.begun || !mode.asks) return answer
      mode = { asks: false, use: 'once' }
    } catch (error) {
      if (!sending.unheard) throw sending.reason(error)
      mode = { asks: true, use: 'once' }
    } finally {
      sending.close()
    }
  }
}

interface SendMode {
  readonly asks: boolean
  readonly use: ConnectionUse
}

async function answerTo(sending: Sending, { failures }: Exchange): Promise<HttpAnswer> {
  const response = await sending.answered
  if (!sending.complete && response.statusCode !== undefined && response.statusCode < 300)
    throw failures.make('http/early-success', `answered ${response.statusCode} before all bytes were sent`)
  const text = await answerText(response, failures)
  return { status: response.statusCode ?? 0, headers: flatten(response.headers), text }
}

class Sending {
  /** Settles whatever happens: with the answer, or with why there is none. */
  readonly answered: Promise<IncomingMessage>
  /** All of the body was given to the socket: what the server says from now on can be of all of it. */
  complete = false

  readonly #exchange: Exchange
  readonly #payload: Payload
  readonly #request
  readonly #lifetime: Lifetime
  readonly #limits: readonly { end(): void }[]
  readonly #stalled: Patience
  readonly #pace: Pace
  readonly #unanswered: Patience
  /** The answer has begun, and not ended. */
  readonly #unended: Patience
  #source: Readable | undefined
  #response: IncomingMessage | undefined
  /** The body is neither sent any more nor to be begun. */
  #over = false
  #failure: Error | undefined
  #wake: () => void = () => undefined
  #reject: (reason: Error) => void = () => undefined

  constructor(exchange: Exchange, payload: Payload, mode: SendMode) {
    const { failures, limits } = exchange
    this.#exchange = exchange
    this.#payload = payload
    const late = (what: string) => () => this.#fail(failures.make('http/timeout', what))
    this.#stalled = new Patience(limits.idle, late('the server stopped accepting bytes'))
    this.#unanswered = new Patience(limits.answerToUpload, late('there was no answer after all bytes were sent'))
    this.#pace = new Pace(limits.leastRate, limits.rateOver, late('the server accepts bytes too slowly'))
    const asking = new Patience(limits.goAhead, () => this.#notTold())
    this.#unended = new Patience(limits.answerToUpload, late('the answer did not end'))
    this.#limits = [this.#stalled, this.#pace, this.#unanswered, asking, this.#unended]
    this.#lifetime = new Lifetime(exchange.call, exchange.clock, failures, (reason) => this.#fail(reason))

    const length = payload.head.length + payload.body.content.size + payload.tail.length
    // RFC 9110, section 10.1.1: no expectation for a request without content.
    const asks = mode.asks && length > 0
    const expect: Record<string, string> = asks ? { expect: '100-continue' } : {}
    const headers = { 'content-type': payload.contentType, ...exchange.headers, 'content-length': String(length), ...expect }
    const request = openRequest({ ...exchange, headers }, asks ? mode.use : 'once', late('no connection'))
    this.#request = request
    this.answered = this.#answer()
    // It can fail before anybody waits for it.
    this.answered.catch(() => undefined)
    request.on('drain', () => this.#wake())
    if (asks) this.#askFirst(asking)
    else this.#begin()
  }

  #answer(): Promise<IncomingMessage> {
    const { failures, limits } = this.#exchange
    this.#request.on('error', (error) => this.#fail(failures.of(error)))
    // A request that was destroyed does not always say so with an error.
    this.#request.once('close', () => {
      if (this.#response === undefined) this.#fail(failures.make('http/reset', 'the connection was closed without an answer'))
    })
    return new Promise((resolve, reject) => {
      this.#reject = reject
      this.#request.once('response', (response) => {
        this.#response = response
        resolve(response)
        this.#stopSending()
        this.#stalled.end()
        this.#pace.end()
        this.#unanswered.end()
        this.#unended.start()
        response.setTimeout(limits.idle, () => this.#fail(failures.make('http/timeout', 'the answer stopped halfway')))
      })
    })
  }

  /** Begins when the server says to go ahead, or has not said so in time. */
  #askFirst(asking: Patience): void {
    this.#request.once('continue', () => {
      this.#exchange.connections.tellsToGoAhead = true
      this.#begin()
    })
    onConnection(this.#request, this.#exchange.url.protocol === 'https:', () => asking.start())
    this.#request.flushHeaders()
  }

  get begun(): boolean {
    return this.#source !== undefined
  }

  /** Nothing came back over a connection that was used before, and nothing of the body was sent: it can be tried over another. */
  get unheard(): boolean {
    return this.#request.reusedSocket && !this.begun && this.#response === undefined
  }

  reason(error: unknown): Error {
    return this.#failure ?? this.#lifetime.reason(error)
  }

  close(): void {
    this.#stopSending()
    for (const limit of this.#limits) limit.end()
    this.#lifetime.release()
    // The answer can have come, over TLS above all, before node has heard that the last bytes are out. Then it keeps the connection.
    if (this.complete && this.#response?.complete && !this.#request.writableFinished)
      destroyUnlessClosed(this.#request, this.#exchange.limits.idle)
    else this.#request.destroy()
  }

  /** Some servers never do. */
  #notTold(): void {
    if (this.#over || this.begun) return
    const { connections, failures } = this.#exchange
    connections.tellsToGoAhead = false
    if (this.#request.reusedSocket) this.#fail(failures.make('http/timeout', 'the server did not send 100 Continue'))
    else this.#begin()
  }

  #begin(): void {
    if (this.#over || this.#source !== undefined) return
    this.#send().catch((error: unknown) => {
      // A body that was stopped in the midst of a read says that it was closed too soon.
      if (!this.#over) this.#fail(error instanceof Error ? error : new Error(String(error)))
    })
  }

  async #send(): Promise<void> {
    const { head, body, tail } = this.#payload
    const { size } = body.content
    const source = body.stream()
    this.#source = source
    // An error after the loop was left has nowhere to go; without a listener it would end the process.
    source.on('error', () => undefined)
    if (head.length > 0) this.#request.write(head)
    // The last chunk is sent when the source has ended: what is complete on the wire is complete in truth, and nothing that the
    // server says before is said of all of it.
    let held: Buffer = Buffer.alloc(0)
    let came = 0
    for await (const chunk of source as AsyncIterable<Buffer>) {
      came += chunk.length
      if (this.#over || came > size) break
      if (came < size) await this.#write(chunk)
      else if (chunk.length > 0) held = chunk
    }
    if (this.#over) return
    if (came !== size) throw this.#exchange.failures.make('http/failed', `expected a body of ${size} bytes, but its stream had ${came}`)
    const last = Math.max(0, held.length - pieceSize)
    await this.#write(held.subarray(0, last))
    if (this.#over) return
    this.complete = true
    this.#unanswered.start()
    this.#request.write(held.subarray(last))
    this.#request.end(tail)
  }

  /** In pieces, so that a slow server can be told from one that takes nothing. */
  async #write(chunk: Buffer): Promise<void> {
    for (let start = 0; start < chunk.length && !this.#over; start += pieceSize) {
      const piece = chunk.subarray(start, start + pieceSize)
      if (!this.#request.write(piece)) await this.#drained()
      this.#pace.moved(piece.length)
    }
  }

  async #drained(): Promise<void> {
    this.#stalled.start()
    this.#pace.start()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      if (this.#over) resolve()
    })
    this.#stalled.pause()
    this.#pace.pause()
  }

  #stopSending(): void {
    this.#over = true
    this.#source?.destroy()
    this.#wake()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#stopSending()
    this.#response?.destroy(this.#failure)
    this.#request.destroy(this.#failure)
    this.#reject(this.#failure)
  }
}

/** Destroys a request that is not closed in time. */
function destroyUnlessClosed(request: ClientRequest, milliseconds: number): void {
  const unclosed = new Patience(milliseconds, () => request.destroy())
  unclosed.start()
  request.once('close', () => unclosed.end())
}
