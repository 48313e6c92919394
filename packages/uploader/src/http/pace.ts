/**
 * A limit on how slowly something may come: judged whenever it has been waited for so long. The time in which nobody
 * waits does not count, so a slow reader is never taken for a slow sender; nor does a window in which this process was held
 * up, by a busy machine or a signal.
 */
export class Pace {
  readonly #least: number
  readonly #over: number
  readonly #onSlow: () => void
  #moved = 0
  #waited = 0
  #since: number | undefined
  #due = 0
  #timer: NodeJS.Timeout | undefined

  /** `over` is in milliseconds. */
  constructor(bytesPerSecond: number, over: number, onSlow: () => void) {
    this.#least = (bytesPerSecond * over) / 1000
    this.#over = over
    this.#onSlow = onSlow
  }

  /** From now on it is waited for. */
  start(): void {
    this.#since ??= performance.now()
    if (this.#timer !== undefined) return
    const left = Math.max(1, this.#over - this.#waited)
    this.#due = performance.now() + left
    this.#timer = setTimeout(() => this.#judge(), left)
  }

  moved(bytes: number): void {
    this.#moved += bytes
  }

  pause(): void {
    if (this.#since === undefined) return
    this.#waited += performance.now() - this.#since
    this.#since = undefined
  }

  end(): void {
    this.#since = undefined
    clearTimeout(this.#timer)
  }

  #judge(): void {
    this.#timer = undefined
    const waiting = this.#since !== undefined
    const isHeldUp = performance.now() - this.#due > this.#over / 10
    this.pause()
    if (this.#waited >= this.#over) {
      if (this.#moved < this.#least && !isHeldUp) {
        this.#onSlow()
        return
      }
      this.#waited = 0
      this.#moved = 0
    }
    if (waiting) this.start()
  }
}
