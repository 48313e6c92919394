import { setTimeout } from 'node:timers/promises'

/** Writing may take a tenth of the time: without pauses, the document of a large release would be written constantly. */
const restPerWrite = 9

/** In milliseconds: the document of a killed process lacks at most the events of this period. */
const longestRest = 2000

/** Waits before the next write; a stop ends the wait. */
type Rest = (milliseconds: number, stop: AbortSignal) => Promise<void>

/**
 * Rewrites a document whenever it has grown, one write at a time, with a pause after each. If the process is killed, the document shows the
 * state of shortly before.
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

  /** Writes all of it. @throws the error of the last write */
  async done(): Promise<void> {
    this.#stop.abort()
    await this.#writing
    await this.#write()
  }

  async #run(): Promise<void> {
    while (this.#grown) {
      this.#grown = false
      const begun = performance.now()
      // The last write reports this error too.
      await this.#write().catch(() => undefined)
      const rest = Math.min(longestRest, restPerWrite * (performance.now() - begun))
      await this.#rest(rest, this.#stop.signal).catch(() => undefined)
    }
    this.#writing = undefined
  }
}
