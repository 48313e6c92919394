import { type Instant, StagegateError } from '@stagegate/schema'

/** The server did nothing and asks to retry later. A repository throws it for a 429, for example. */
export class PutOff extends StagegateError {
  /** When to retry, if the server said so. */
  readonly until: Instant | undefined

  constructor(parts: { what: string; where?: string | undefined; until?: Instant | undefined }) {
    super({ code: 'repository/put-off', what: parts.what, where: parts.where })
    this.until = parts.until
  }
}
