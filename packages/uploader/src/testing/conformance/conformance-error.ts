/** Where a promise was broken. */
export interface BrokenPromise {
  /** The promise, as a sentence. */
  readonly promise: string
  /** Its name in messages. */
  readonly repository: string
  /** With its argument: `observe(acme.txt)`. */
  readonly method: string
  /** What it did: `returned …`, `threw …`. */
  readonly came: string
  /** What it should have done. */
  readonly expected: string
  /** What it threw. */
  readonly cause?: unknown
}

/** A repository broke a promise. */
export class ConformanceError extends Error implements Omit<BrokenPromise, 'cause'> {
  /** The name of the class. */
  override readonly name = 'ConformanceError'
  /** The promise, as a sentence. */
  readonly promise: string
  /** Its name in messages. */
  readonly repository: string
  /** With its argument: `observe(acme.txt)`. */
  readonly method: string
  /** What it did: `returned …`, `threw …`. */
  readonly came: string
  /** What it should have done. */
  readonly expected: string

  constructor({ promise, repository, method, came, expected, cause }: BrokenPromise) {
    super(`${promise} But of ${repository}, ${method} ${came}. Expected: ${expected}.`, { cause })
    this.promise = promise
    this.repository = repository
    this.method = method
    this.came = came
    this.expected = expected
  }
}
