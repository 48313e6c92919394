import { StagegateError } from '@stagegate/schema'

/** A complete answer that is none of those that were expected. It says nothing of what is there, nor of what was done. */
export class UnexpectedAnswer extends StagegateError {
  readonly status: number

  constructor(parts: { status: number; what: string; where: string }) {
    super({ code: 'repository/unexpected-answer', what: parts.what, where: parts.where })
    this.status = parts.status
  }

  /** The server does not do as it was asked, for a reason of the request's (RFC 9110, section 15.5), and it is not one of place or time. */
  get isRejection(): boolean {
    return this.status >= 400 && this.status < 500 && ![404, 408, 425, 429].includes(this.status)
  }
}
