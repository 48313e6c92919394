import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { bytes, type Content, StagegateError, sha256 } from '@stagegate/schema'
import type { Body } from '../contract/capabilities.js'
import { ContentMismatch } from './content-mismatch.js'

/**
 * How much of an artifact's end is held back until all of it has been verified. One byte would be enough to be correct; 64 KiB also keeps a
 * truncated file from being mistaken for a complete one by tools that look at its end.
 */
export const holdBack = 64 * 1024

/** This destination took so little for so long that the others go on without it; the source is read once more for it. */
class LeftBehind extends StagegateError {
  constructor(milliseconds: number) {
    super({ code: 'content/left-behind', what: `it held up the other destinations for ${milliseconds / 1000} s` })
  }
}

export interface FanOut {
  readonly bodies: readonly Body[]
  /**
   * Says that nobody will read this body any more (a body that is neither read nor released blocks the others).
   * Returns how many of its bytes were read.
   */
  release(body: Body): number
  /**
   * Resolves with true if all bytes were right and passed on, with false if every body was given up before that; rejects with
   * `ContentMismatch`, or with the source's own error.
   */
  readonly done: Promise<boolean>
}

export interface FanOutOptions {
  readonly onBytes?: ((sum: number) => void) | undefined
  /** How long the others wait for a body that is not ready for the next chunk (512 KiB at most), in milliseconds. @default forever */
  readonly patience?: number | undefined
  /** The body that the others waited for too long. */
  readonly onLeftBehind?: ((index: number) => void) | undefined
}

/**
 * One read of a source, hashed on the way, for `count` destinations. The slowest one sets the pace, as long as it takes anything at all.
 * The last bytes are passed on only if size and digest of everything are right; otherwise every body errors.
 */
export function fanOut(source: Readable, content: Content, count: number, options: FanOutOptions = {}): FanOut {
  const outlets: Outlet[] = []
  const others = (outlet: Outlet) => outlets.some((other) => other !== outlet && !other.over)
  // Otherwise a silent source would not notice that nobody wants it any more.
  const onClose = (outlet: Outlet) => !others(outlet) && source.destroy()
  const onLeftBehind = (outlet: Outlet) => options.onLeftBehind?.(outlets.indexOf(outlet))
  for (let index = 0; index < count; index++)
    outlets.push(new Outlet(content, { onClose, others, patience: options.patience, onLeftBehind }))
  const done = pump(source, content, outlets, options.onBytes)
  // The caller may look at `done` only after the destinations have answered.
  done.catch(() => undefined)
  return {
    bodies: outlets,
    release: (body) => outlets.find((outlet) => outlet === body)?.release() ?? 0,
    done,
  }
}

async function pump(source: Readable, content: Content, outlets: readonly Outlet[], onBytes?: (sum: number) => void): Promise<boolean> {
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  const free = Math.max(0, content.size - holdBack)
  const givenUp = () => outlets.every((outlet) => outlet.over)
  let sum = 0
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      hash.update(chunk)
      const before = sum
      sum += chunk.length
      if (sum > content.size) throw new ContentMismatch(content, { sha256: undefined, size: bytes(sum) })
      const now = chunk.subarray(0, Math.max(0, free - before))
      if (now.length < chunk.length) kept.push(Buffer.from(chunk.subarray(now.length)))
      if (now.length > 0) await Promise.all(outlets.map((outlet) => outlet.offer(now)))
      onBytes?.(sum)
      if (givenUp()) return false
    }
    // A response of node:http that was closed because nobody wanted it may end as if it were complete.
    if (sum < content.size && givenUp()) return false
    const seen = sha256(hash.digest('hex'))
    if (sum !== content.size || seen !== content.sha256) throw new ContentMismatch(content, { sha256: seen, size: bytes(sum) })
    const rest = Buffer.concat(kept)
    await Promise.all(outlets.map((outlet) => outlet.finish(rest)))
    return true
  } catch (error) {
    // A source that was closed because nobody wanted it reports an error.
    if (!(error instanceof ContentMismatch) && givenUp()) return false
    for (const outlet of outlets) outlet.fail(error)
    throw error
  } finally {
    source.destroy()
  }
}

interface OutletOptions {
  onClose(outlet: Outlet): void
  /** Whether any other outlet is still being read. */
  others(outlet: Outlet): boolean
  readonly patience: number | undefined
  onLeftBehind(outlet: Outlet): void
}

class Outlet implements Body {
  readonly content: Content
  readonly #options: OutletOptions
  readonly #readable: Readable
  #wanted: () => void = () => undefined
  #taken = false
  #offered = 0

  constructor(content: Content, options: OutletOptions) {
    this.content = content
    this.#options = options
    this.#readable = new Readable({ highWaterMark: holdBack, read: () => this.#wanted() })
    // Without a listener, the error of a body that nobody reads any more would end the process.
    this.#readable.on('error', () => undefined)
    this.#readable.on('close', () => {
      this.#wanted()
      options.onClose(this)
    })
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
    const { others, patience, onLeftBehind } = this.#options
    const leaveBehind = () => {
      if (!others(this)) return
      this.fail(new LeftBehind(patience ?? 0))
      onLeftBehind(this)
    }
    const timer = patience === undefined ? undefined : setTimeout(leaveBehind, patience)
    await new Promise<void>((resolve) => {
      this.#wanted = resolve
      if (this.over) resolve()
    })
    clearTimeout(timer)
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
