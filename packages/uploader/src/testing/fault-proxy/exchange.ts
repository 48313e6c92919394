import { setTimeout } from 'node:timers/promises'
import { answerFraming, type Head, headOf, keepsAlive, NotHttp, parseHead, requestFraming, statusLine, statusOf, valuesOf } from './head.js'
import type { Breach, Instead, Place, ProxyMisbehaviour, RequestBreach } from './misbehaviour.js'
import { type Pace, pass } from './pass.js'
import type { Outcome, ProxiedRequest, Size } from './requests.js'
import { changed, flipped, Kept, type Message, TooMuch, whole } from './spoil.js'
import { Left, type Wire } from './wire.js'

export interface Surroundings {
  connect(): Promise<Wire>
  /** Aborted when the connection's time is over. */
  readonly signal: AbortSignal
  /** The request's, from 1. */
  readonly number: number
  /** The most bytes that an endless answer has. */
  readonly mostMade: number
  /** Addresses in answers' heads, and what stands in their place. */
  readonly origins: readonly (readonly [from: string, to: string])[]
  /** Called when it begins to stall; the signal is aborted when the exchange is over. */
  readonly onStall: ((over: AbortSignal) => void) | undefined
}

const forEver = 2 ** 31 - 1

type Ending = Extract<Breach, `close${string}` | `reset${string}`>

/** It has ended, by our doing. */
class Over extends Error {}

/** One request and its answer, as badly as the fault wants it. */
export class Exchange implements ProxiedRequest {
  readonly method: string
  readonly path: string
  received: Size
  sent: Size = { head: 0, body: 0 }
  outcome: Outcome = 'under way'

  readonly #client: Wire
  readonly #request: Head
  readonly #fault: ProxyMisbehaviour
  readonly #surroundings: Surroundings
  readonly #servers: Wire[] = []
  readonly #ended = new AbortController()
  readonly #endings: Promise<void>[] = []
  /** The request, where it is sent twice. */
  readonly #kept = new Kept()
  /** All of the request has come, and was handed on as far as it should be. */
  #asked = false
  /** The server gets no more of it. */
  #deaf = false
  /** The client gets no more of the answer. */
  #mute = false
  #progress: () => void = () => undefined

  constructor(client: Wire, request: Head, fault: ProxyMisbehaviour, surroundings: Surroundings) {
    const [method, path] = request.start
    this.method = method
    this.path = path
    this.received = { head: request.bytes.length, body: 0 }
    this.#client = client
    this.#request = request
    this.#fault = fault
    this.#surroundings = surroundings
  }

  /** Whether the client's connection can be used again. */
  async run(): Promise<boolean> {
    const { socket } = this.#client
    const { signal } = this.#surroundings
    const closed = () => this.#fail(this.#client.left())
    const late = () => this.#end('out of time', 'reset')
    socket.once('end', closed).once('close', closed)
    signal.addEventListener('abort', late, { once: true })
    try {
      const server = this.#fault.instead === undefined ? await this.#connect() : undefined
      const asking = this.#ask(server).catch((error: unknown) => this.#fail(error))
      const answering = this.#answer(server).catch((error: unknown) => this.#fail(error))
      const keep = (await answering) === true && this.#asked && !this.#ended.signal.aborted
      if (keep) this.#answered()
      else this.#end('answered', 'close')
      await asking
      return keep
    } catch (error) {
      this.#fail(error)
      return false
    } finally {
      socket.off('end', closed).off('close', closed)
      signal.removeEventListener('abort', late)
      await Promise.all(this.#endings)
    }
  }

  async #connect(): Promise<Wire> {
    const server = await this.#surroundings.connect()
    this.#servers.push(server)
    // The client can have gone meanwhile.
    if (this.#ended.signal.aborted) server.socket.destroy()
    return server
  }

  async #ask(server: Wire | undefined): Promise<void> {
    const { after, breach, flipBit, twice } = this.#fault.request ?? {}
    const { bytes } = this.#request
    const source = whole(bytes, this.#body())
    await pass({
      source: flipBit === undefined ? source : flipped(source, bytes.length + flipBit),
      at: breach === undefined ? Number.POSITIVE_INFINITY : offset(after, bytes.length),
      strike: () => this.#strike(breach, server),
      write: async (chunk) => {
        if (this.#deaf || server === undefined) return
        if (twice) this.#kept.add(chunk)
        await server.write(chunk).catch(() => {
          // It can have answered before it went; that is for the answer to find out.
          this.#deaf = true
        })
      },
      signal: this.#ended.signal,
    })
    this.#asked = true
    this.#progress()
  }

  async *#body(): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of this.#client.body(requestFraming(this.#request))) {
      this.received = { ...this.received, body: this.received.body + chunk.length }
      this.#progress()
      yield chunk
    }
  }

  /** Resolves when so many bytes of the request's body have come, or there are no more. */
  async #come(bytes: number): Promise<void> {
    while (this.received.body < bytes && !this.#asked) {
      this.#ended.signal.throwIfAborted()
      await new Promise<void>((resolve) => {
        this.#progress = resolve
      })
    }
  }

  /** Whether another exchange can follow. */
  async #answer(server: Wire | undefined): Promise<boolean> {
    const { instead, answer = {} } = this.#fault
    const said = server === undefined ? await this.#made(instead) : await this.#given(server)
    const { head, body, keep } = await changed(said, answer, this.#surroundings.number, this.#surroundings.mostMade)
    if (answer.before !== undefined) await this.#give(Buffer.from(answer.before, 'latin1'))
    const source = whole(head, body)
    let given = 0
    await pass({
      source: answer.flipBit === undefined ? source : flipped(source, head.length + answer.flipBit),
      at: answer.breach === undefined ? Number.POSITIVE_INFINITY : offset(answer.after, head.length),
      strike: () => this.#strike(answer.breach, server),
      write: async (chunk) => {
        await this.#give(chunk)
        given += chunk.length
        this.sent = { head: Math.min(given, head.length), body: Math.max(0, given - head.length) }
      },
      signal: this.#ended.signal,
    })
    return keep && answer.before === undefined && keepsAlive(this.#request)
  }

  async #given(server: Wire): Promise<Message> {
    const withhold = this.#fault.answer?.withholdInterim === true
    const first = await this.#final(server, withhold)
    if (!this.#fault.request?.twice) return first
    // Its bytes are nobody's.
    for await (const _ of first.body);
    await this.#come(Number.POSITIVE_INFINITY)
    const again = await this.#connect()
    again.write(this.#kept.all()).catch(() => undefined)
    return this.#final(again, true)
  }

  /** The answer that is not an interim one. */
  async #final(server: Wire, withhold: boolean): Promise<Message> {
    for (;;) {
      const bytes = await server.head()
      if (bytes === undefined) throw server.left()
      const head = parseHead(bytes)
      const status = statusOf(head)
      if (status === 101) throw new NotHttp('another protocol')
      if (status >= 200) {
        const framing = answerFraming(head, this.method)
        return { head: this.#translated(bytes), body: server.body(framing), keep: framing !== 'until-close' && keepsAlive(head) }
      }
      if (!withhold) await this.#give(bytes)
    }
  }

  #translated(head: Buffer): Buffer {
    const { origins } = this.#surroundings
    const text = head.toString('latin1')
    return Buffer.from(
      origins.reduce((rest, [from, to]) => rest.replaceAll(from, to), text),
      'latin1',
    )
  }

  async #made(instead: Instead | undefined): Promise<Message> {
    const { afterBody = 0 } = instead ?? {}
    if (afterBody > 0 && valuesOf(this.#request, 'expect').length > 0) await this.#give(headOf(statusLine(100), []))
    await this.#come(afterBody)
    const nothing = (async function* () {})()
    if (instead === undefined || 'raw' in instead) return { head: Buffer.from(instead?.raw ?? '', 'latin1'), body: nothing, keep: false }
    const { status, headers, body = '' } = instead
    const text = Buffer.from(body)
    const fields = { 'content-length': String(text.length), connection: 'close', ...headers }
    const head = headOf(statusLine(status), Object.entries(fields))
    return { head, body: whole(text, nothing), keep: false }
  }

  async #give(bytes: Buffer): Promise<void> {
    if (!this.#isMute()) await this.#client.write(bytes)
  }

  /** A fast server can answer what is broken off after its last byte. */
  #isMute(): boolean {
    const { after, breach } = this.#fault.request ?? {}
    const { head, body } = this.received
    return this.#mute || (isEnd(breach) && head + body >= offset(after, head))
  }

  async #strike(breach: RequestBreach | undefined, server: Wire | undefined): Promise<Pace | undefined> {
    const wait = (milliseconds: number) => setTimeout(milliseconds, undefined, { signal: this.#ended.signal })
    switch (breach) {
      case undefined:
        return undefined
      case 'reset':
      case 'reset-at-once':
      case 'close':
      case 'close-unannounced':
      case 'close-in-record':
        this.#end('broken off', breach)
        throw new Over()
      case 'half-close':
        this.#mute = true
        this.#client.socket.end()
        return undefined
      case 'truncate':
        this.#deaf = true
        server?.socket.end()
        return undefined
      case 'stall':
        this.#surroundings.onStall?.(this.#ended.signal)
        return wait(forEver)
    }
    return 'stall' in breach ? wait(breach.stall) : breach
  }

  #fail(error: unknown): void {
    if (error instanceof Left) this.#end(error.wire === this.#client ? 'the client left' : 'the server left', error.how)
    else if (error instanceof TooMuch) this.#end('too much', 'reset')
    else if (error instanceof NotHttp) this.#end('not HTTP', 'reset')
    // What else happens once it has ended comes of that.
    else if (!this.#ended.signal.aborted) throw error
  }

  #answered(): void {
    this.outcome = this.#isMute() ? 'broken off' : 'answered'
    for (const { socket } of this.#servers) socket.destroySoon()
  }

  #end(outcome: Outcome, how: Ending): void {
    if (this.#ended.signal.aborted) return
    this.outcome = this.#isMute() ? 'broken off' : outcome
    this.#ended.abort()
    this.#progress()
    if (how === 'close') {
      for (const { socket } of this.#servers) socket.destroySoon()
      if (this.#client.socket.writable) this.#client.socket.end()
    } else if (how === 'reset' || how === 'reset-at-once') {
      this.#endings.push(...[this.#client, ...this.#servers].map((wire) => wire.reset(how === 'reset-at-once')))
    } else {
      const inRecord = how === 'close-in-record'
      this.#endings.push(this.#client.hangUp(inRecord))
      for (const server of this.#servers) this.#endings.push(server.hangUp(inRecord).then(() => void server.socket.destroy()))
    }
  }
}

/** Whether the client gets nothing more after it. */
function isEnd(breach: RequestBreach | undefined): boolean {
  return typeof breach === 'string' && breach !== 'stall' && breach !== 'truncate'
}

function offset(place: Place | undefined, headLength: number): number {
  if (place === undefined) return 0
  return 'head' in place ? place.head : headLength + place.body
}
