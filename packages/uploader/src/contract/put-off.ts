import { type Instant, StagegateError } from '@stagegate/schema'

/** The server asks to be asked later, and has done nothing. What a repository throws for a 429, say. */
export class PutOff extends StagegateError {
  /** Until when it asks to be left alone, if it said so. */
  readonly until: Instant | undefined

  constructor(parts: { what: string; where?: string | undefined; until?: Instant | undefined }) {
    super({ code: 'repository/put-off', what: parts.what, where: parts.where })
    this.until = parts.until
  }
}
