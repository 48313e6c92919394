import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { bytes, type Content, sha256 } from '@stagegate/schema'
import type { Body } from '../repository/capabilities.js'
import { ContentMismatch } from './content-mismatch.js'

/**
 * How much of an artifact's end is kept back until all of it has been verified. One byte is enough to be right; 64 KiB
 * also keeps a cut file from being mistaken for a complete one by tools that look at its end.
 */
export const holdBack = 64 * 1024

export interface FanOut {
  readonly bodies: readonly Body[]
  /**
   * Says that nobody will read this body any more (a body that is neither read nor released holds up the others).
   * Returns how many of its bytes were read.
   */
  release(body: Body): number
  /** Resolves when all bytes were right and handed on; rejects with what went wrong: `ContentMismatch`, or the source's own error. */
  readonly done: Promise<void>
}

/**
 * One read of a source, hashed on the way, for `count` destinations. The slowest one sets the pace. The last bytes are
 * handed on only when size and digest of everything are right; otherwise every body errors.
 */
export function fanOut(source: Readable, content: Content, count: number, onBytes?: (sum: number) => void): FanOut {
  const lanes = Array.from({ length: count }, () => new Lane(content))
  const done = pump(source, content, lanes, onBytes)
  // The caller may look at `done` only after the destinations have answered.
  done.catch(() => undefined)
  return {
    bodies: lanes,
    release: (body) => lanes.find((lane) => lane === body)?.release() ?? 0,
    done,
  }
}

async function pump(source: Readable, content: Content, lanes: readonly Lane[], onBytes?: (sum: number) => void): Promise<void> {
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  const free = Math.max(0, content.size - holdBack)
  let sum = 0
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      hash.update(chunk)
      const before = sum
      sum += chunk.length
      if (sum > content.size) throw new ContentMismatch(content, { sha256: undefined, size: bytes(sum) })
      const now = chunk.subarray(0, Math.max(0, free - before))
      if (now.length < chunk.length) kept.push(Buffer.from(chunk.subarray(now.length)))
      if (now.length > 0) await Promise.all(lanes.map((lane) => lane.offer(now)))
      onBytes?.(sum)
      if (lanes.every((lane) => lane.over)) {
        source.destroy()
        return
      }
    }
    const seen = sha256(hash.digest('hex'))
    if (sum !== content.size || seen !== content.sha256) throw new ContentMismatch(content, { sha256: seen, size: bytes(sum) })
    await Promise.all(lanes.map((lane) => lane.finish(Buffer.concat(kept))))
  } catch (error) {
    source.destroy()
    for (const lane of lanes) lane.fail(error)
    throw error
  }
}

class Lane implements Body {
  readonly content: Content
  readonly #readable: Readable
  #wanted: () => void = () => undefined
  #taken = false
  #offered = 0

  constructor(content: Content) {
    this.content = content
    this.#readable = new Readable({ highWaterMark: holdBack, read: () => this.#wanted() })
    // Without a listener, the error of a body that nobody reads any more would end the process.
    this.#readable.on('error', () => undefined)
    this.#readable.on('close', () => this.#wanted())
  }

  get over(): boolean {
    return this.#readable.destroyed
  }

  stream(): Readable {
    if (this.#taken) throw new Error('Expected the body to be streamed once; a second attempt needs a new read of the source')
    this.#taken = true
    return this.#readable
  }

  /** Resolves when there is room for more, or when nobody wants any. */
  async offer(chunk: Buffer): Promise<void> {
    if (this.over) return
    this.#offered += chunk.length
    if (this.#readable.push(chunk)) return
    await new Promise<void>((resolve) => {
      this.#wanted = resolve
      if (this.over) resolve()
    })
  }

  async finish(rest: Buffer): Promise<void> {
    if (rest.length > 0) await this.offer(rest)
    if (!this.over) this.#readable.push(null)
  }

  fail(error: unknown): void {
    this.#readable.destroy(error instanceof Error ? error : new Error(String(error)))
  }

  release(): number {
    const unread = this.#readable.readableLength
    this.#readable.destroy()
    return this.#offered - unread
  }
}
