import { type Seconds, StagegateError, seconds } from '@stagegate/schema'

/** The server cannot answer now. A retry after `retryAfter` may succeed. */
export class RetryLater extends StagegateError {
  readonly status: number
  /** The wait that the server asked for, if it did. */
  readonly retryAfter: Seconds | undefined

  constructor(parts: { status: number; retryAfter: number | undefined; where: string; said: string }) {
    const wait = parts.retryAfter === undefined ? '' : `, and asked to wait for ${parts.retryAfter} s`
    super({ code: 'repository/retry-later', what: `the server answered ${parts.status}${wait}${parts.said}`, where: parts.where })
    this.status = parts.status
    this.retryAfter = parts.retryAfter === undefined ? undefined : seconds(parts.retryAfter)
  }
}
