import type { Bench } from './bench.js'
import type { Need } from './place.js'

/** One promise, and what tries it. */
export interface Trial {
  readonly name: string
  /** A sentence. */
  readonly promise: string
  readonly needs?: readonly Need[] | undefined
  run(bench: Bench): Promise<void>
}
