/** Where a promise was broken. */
export interface Breach {
  /** The promise, as a sentence. */
  readonly promise: string
  readonly repository: string
  /** With its argument: `observe(acme.txt)`. */
  readonly method: string
  readonly came: string
  readonly expected: string
  readonly cause?: unknown
}

/** A repository broke a promise. */
export class ConformanceError extends Error implements Omit<Breach, 'cause'> {
  override readonly name = 'ConformanceError'
  readonly promise: string
  readonly repository: string
  readonly method: string
  readonly came: string
  readonly expected: string

  constructor({ promise, repository, method, came, expected, cause }: Breach) {
    super(`${promise} But of ${repository}, ${method} ${came}. Expected: ${expected}.`, { cause })
    this.promise = promise
    this.repository = repository
    this.method = method
    this.came = came
    this.expected = expected
  }
}
