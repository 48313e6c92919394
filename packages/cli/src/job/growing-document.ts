import { setTimeout } from 'node:timers/promises'

/** Writing takes a tenth of the time at most: the document of a large release would be written without a pause. */
const restPerWrite = 9

/** In milliseconds: what happened within them is all that the document of a killed process can lack. */
const longestRest = 2000

/** Waits before the next write; ends early when told to stop. */
type Rest = (milliseconds: number, stop: AbortSignal) => Promise<void>

/**
 * Writes a document again whenever it has grown, one write at a time, with a rest after each: what is there of it when the process is
 * killed is what had happened shortly before.
 */
export class GrowingDocument {
  readonly #write: () => Promise<void>
  readonly #rest: Rest
  readonly #stop = new AbortController()
  #grown = false
  #writing: Promise<void> | undefined

  constructor(write: () => Promise<void>, rest: Rest = (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal })) {
    this.#write = write
    this.#rest = rest
  }

  grown(): void {
    this.#grown = true
    this.#writing ??= this.#run()
  }

  /** Writes all of it. @throws what the last write throws */
  async done(): Promise<void> {
    this.#stop.abort()
    await this.#writing
    await this.#write()
  }

  async #run(): Promise<void> {
    while (this.#grown) {
      this.#grown = false
      const begun = performance.now()
      // An error here is that of the last write too.
      await this.#write().catch(() => undefined)
      const rest = Math.min(longestRest, restPerWrite * (performance.now() - begun))
      await this.#rest(rest, this.#stop.signal).catch(() => undefined)
    }
    this.#writing = undefined
  }
}
