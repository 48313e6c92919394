import { Readable } from 'node:stream'
import { bytes } from '@stagegate/schema'
import type { Body } from '../../contract/capabilities.js'

/**
 * Splits a body into pieces that are sent one after another. Its errors become errors of the current piece. Since the body holds its last
 * bytes back until all are verified, the last piece does too.
 */
export class Chunks {
  readonly #body: Body
  readonly #stream: Readable
  readonly #source: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(body: Body) {
    this.#body = body
    this.#stream = body.stream()
    this.#source = this.#stream[Symbol.asyncIterator]()
  }

  /** Skips bytes that the server already has: they are verified with the others. */
  async skip(count: number): Promise<void> {
    for await (const _ of this.#read(count));
  }

  /** The next bytes, as a separate body. */
  next(count: number): Body {
    const stream = () => Readable.from(this.#read(count), { objectMode: false, highWaterMark: 256 * 1024 })
    return { content: { sha256: this.#body.content.sha256, size: bytes(count) }, stream }
  }

  /** Waits for the body's end, which comes only if every byte was right. */
  async end(): Promise<void> {
    for await (const rest of this.#read(1)) throw new Error(`Expected the body to end, but got ${rest.length} more bytes`)
  }

  /** Nobody needs the rest, and nobody waits for it. */
  close(): void {
    this.#stream.destroy()
  }

  async *#read(count: number): AsyncGenerator<Buffer> {
    let left = count
    while (left > 0) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#source.next()
        if (done === true) return
        this.#rest = value
      }
      const piece = this.#rest.subarray(0, left)
      this.#rest = this.#rest.subarray(piece.length)
      left -= piece.length
      if (piece.length > 0) yield piece
    }
  }
}
