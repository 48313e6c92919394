import type { Bench } from './bench.js'
import type { Need } from './place.js'

/** One promise, and what tries it. */
export interface Trial<B = Bench, N = Need> {
  readonly name: string
  /** A sentence. */
  readonly promise: string
  readonly needs?: readonly N[] | undefined
  run(bench: B): Promise<void>
}
