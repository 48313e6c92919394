import type { Socket } from 'node:net'
import { connectionBelow } from '../server/tls.js'
import { ChunkedEnd } from './chunked-end.js'
import { type Framing, NotHttp } from './head.js'
import { reading } from './reading.js'

/** Whoever is at the other end of a connection has gone. */
export class Left extends Error {
  readonly wire: Wire
  readonly how: 'close' | 'reset'

  constructor(wire: Wire, how: 'close' | 'reset') {
    super()
    this.wire = wire
    this.how = how
  }
}

const mostHead = 64 * 1024

/** The beginning of a TLS record (RFC 8446, section 5.1) that announces 16 KiB: nobody can tell what would have stood in it. */
const partOfRecord = Buffer.concat([Buffer.of(23, 3, 3, 64, 0), Buffer.alloc(100, 'sealed')])

/** One end of a connection, read and written byte by byte. It reads ahead a little, so that a loss is noticed without asking. */
export class Wire {
  readonly socket: Socket
  /** The TCP connection: the socket itself, or what is below TLS. */
  readonly #connection: Socket
  #hungUp = false
  #rest: Buffer | undefined
  #wake: () => void = () => undefined

  /** The socket must be allowed to be half open: each direction ends by itself. */
  constructor(socket: Socket, connection: Socket = connectionBelow(socket)) {
    this.socket = socket.setNoDelay(true)
    this.#connection = connection
    const wake = () => {
      // Nothing is left to be read: this is how a stream is asked for its end.
      if (socket.readableLength === 0) socket.read(0)
      this.#wake()
    }
    // What an error means is found out by whoever reads or writes.
    socket
      .on('readable', wake)
      .on('end', wake)
      .on('close', wake)
      .on('error', () => undefined)
  }

  /** The next bytes; `undefined` where they end. */
  async next(): Promise<Buffer | undefined> {
    const { socket } = this
    for (;;) {
      // The cast: a socket without an encoding gives buffers.
      const chunk = this.#rest ?? (socket.read() as Buffer | null)
      this.#rest = undefined
      if (chunk !== null) return chunk
      if (socket.readableEnded) return undefined
      if (socket.destroyed) throw this.left()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** A message's first part, with the empty line; `undefined` when the connection ends before it. */
  async head(): Promise<Buffer | undefined> {
    let bytes = Buffer.alloc(0)
    for (;;) {
      const end = bytes.indexOf('\r\n\r\n')
      if (end !== -1) return this.#split(bytes, end + 4)
      if (bytes.length > mostHead) throw new NotHttp('a head without end')
      const chunk = await this.next()
      if (chunk === undefined && bytes.length > 0) throw this.left()
      if (chunk === undefined) return undefined
      bytes = Buffer.concat([bytes, chunk])
    }
  }

  async *body(framing: Framing): AsyncGenerator<Buffer, void, undefined> {
    const chunked = new ChunkedEnd()
    let left = framing
    while (left === 'chunked' ? !chunked.reached : left !== 0) {
      const chunk = await this.next()
      if (chunk === undefined && framing === 'until-close') return
      if (chunk === undefined) throw this.left()
      const length = left === 'chunked' ? chunked.take(chunk) : left === 'until-close' ? chunk.length : Math.min(left, chunk.length)
      if (typeof left === 'number') left -= length
      yield this.#split(chunk, length)
    }
  }

  /** Resolves once the bytes are the kernel's, which takes no more than there is room for. */
  async write(bytes: Buffer): Promise<void> {
    if (!this.socket.writable) throw this.left()
    await new Promise<void>((resolve, reject) => this.socket.write(bytes, (error) => (error ? reject(this.left()) : resolve())))
  }

  left(): Left {
    return new Left(this, this.socket.errored === null && this.#connection.errored === null ? 'close' : 'reset')
  }

  /** Says that all has been said, and listens until the other end says so too. */
  async finish(): Promise<void> {
    if (this.socket.writable && !this.#hungUp) this.socket.end()
    try {
      while ((await this.next()) !== undefined);
    } catch {
      // Gone is gone.
    }
    this.socket.destroy()
  }

  /** A reset makes the kernels forget what is not read yet; usually that is waited for. */
  async reset(atOnce = false): Promise<void> {
    if (!atOnce) await reading(this.#connection)
    this.#connection.resetAndDestroy()
    if (this.#connection !== this.socket) this.socket.destroy()
  }

  /** Closes the TCP connection, perhaps in the middle of a TLS record, and TLS is not told. Over plain HTTP it is a close like others. */
  async hangUp(inRecord: boolean): Promise<void> {
    this.#hungUp = true
    const connection = this.#connection
    if (!connection.writable) return
    if (inRecord && connection !== this.socket) await new Promise((resolve) => connection.write(partOfRecord, resolve))
    await new Promise<void>((resolve) => connection.end(resolve))
  }

  #split(bytes: Buffer, at: number): Buffer {
    if (at < bytes.length) this.#rest = bytes.subarray(at)
    return bytes.subarray(0, at)
  }
}
