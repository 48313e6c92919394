import type { Readable } from 'node:stream'
import type { PackageBytes } from '../../package/bytes.js'

/**
 * The bytes of a package in a store, read from the start and only as far as they are needed. An offset outside the kept part costs another
 * reading.
 */
export class StoredPackage implements PackageBytes {
  readonly file: string
  readonly size: number
  readonly #open: () => Promise<Readable>
  #chunks: Buffer[] = []
  #kept = 0
  #rest: { readonly stream: Readable; readonly chunks: AsyncIterator<Buffer> } | undefined

  constructor(file: string, size: number, open: () => Promise<Readable>) {
    this.file = file
    this.size = size
    this.#open = open
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(this.size, offset + length)
    if (end > keepAtMost) return this.#readFar(offset, end)
    await this.#keep(end)
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks, this.#kept)]
    return (this.#chunks[0] ?? Buffer.alloc(0)).subarray(offset, end)
  }

  /** Ends the reading. */
  close(): void {
    this.#rest?.stream.destroy()
    this.#rest = undefined
  }

  async #keep(end: number): Promise<void> {
    while (this.#kept < end) {
      if (this.#rest === undefined) {
        const stream = await this.#open()
        // The reader that ends it gets its error.
        stream.on('error', () => undefined)
        this.#rest = { stream, chunks: stream[Symbol.asyncIterator]() as AsyncIterator<Buffer> }
      }
      const { done, value } = await this.#rest.chunks.next()
      if (done) return
      this.#chunks.push(value)
      this.#kept += value.length
    }
  }

  /** To read behind a package's data, everything before it is read again and skipped. */
  async #readFar(offset: number, end: number): Promise<Uint8Array> {
    const stream = await this.#open()
    const wanted: Buffer[] = []
    let at = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (at + chunk.length > offset) wanted.push(chunk.subarray(Math.max(0, offset - at), end - at))
      at += chunk.length
      if (at >= end) break
    }
    return Buffer.concat(wanted)
  }
}

/** Headers and control archives are smaller than this, in bytes: see `inspectDeb`. Headers of an rpm may be larger, and are still read. */
const keepAtMost = 32 * 1024 * 1024
