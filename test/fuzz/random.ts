/** Chance that can be had again: equal seeds give equal sequences (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to, and without, `count`. */
  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count)
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0
  }

  /** @throws {RangeError} of nothing */
  of<T>(list: readonly T[]): T {
    const [chosen] = list.slice(this.below(list.length))
    if (chosen === undefined) throw new RangeError('Expected a choice')
    return chosen
  }
}
