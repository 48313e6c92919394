/** Keeps the last few values by name. A tree has few indices, and two states of each. */
export class RecentCache<T> {
  readonly #made = new Map<string, T>()

  get(name: string): T | undefined {
    return this.#made.get(name)
  }

  set(name: string, made: T): void {
    this.#made.delete(name)
    this.#made.set(name, made)
    const [oldest] = this.#made.keys()
    if (oldest !== undefined && this.#made.size > most) this.#made.delete(oldest)
  }
}

/** Several of the largest indices fit into memory, since they share common parts. */
const most = 8
