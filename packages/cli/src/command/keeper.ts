/**
 * Writes a document again whenever it has grown, one write at a time: what is there of it when the process is killed is
 * what had happened by then.
 */
export class Keeper {
  readonly #write: () => Promise<void>
  #grown = false
  #writing: Promise<void> | undefined

  constructor(write: () => Promise<void>) {
    this.#write = write
  }

  grown(): void {
    this.#grown = true
    this.#writing ??= this.#run()
  }

  /** Writes all of it. @throws what the last write throws */
  async done(): Promise<void> {
    await this.#writing
    await this.#write()
  }

  async #run(): Promise<void> {
    while (this.#grown) {
      this.#grown = false
      // An error here is that of the last write too.
      await this.#write().catch(() => undefined)
    }
    this.#writing = undefined
  }
}
