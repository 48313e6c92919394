/** The parts of a `StagegateError`: what happened, to which thing, what to do next. */
export interface ErrorParts {
  /** Stable, machine-readable: `document/invalid`, `usage/no-files`. */
  readonly code: string
  /** The first part of the message: what happened. */
  readonly what: string
  /** To which thing: a file, a request, a field. @default none is named */
  readonly where?: string | undefined
  /** The last part of the message, on a line of its own: what to do. @default nothing */
  readonly next?: string | undefined
  /** The error that led to it. @default none */
  readonly cause?: unknown
  /** Whether asking again is of no use before a person has changed something. @default false */
  readonly final?: boolean | undefined
}

const brand = Symbol.for('stagegate.error')

/** The base class of every error that Stagegate throws on purpose. Its message has three parts: what, where, what next. */
export class StagegateError extends Error {
  /** Stable, machine-readable: `usage/no-files`. `errorCodes` explains each. */
  readonly code: string
  /** The first part of the message: what happened. */
  readonly what: string
  /** To which thing: a file, a request, a field. */
  readonly where: string | undefined
  /** The last part of the message: what to do. */
  readonly next: string | undefined
  /** Whether a retry cannot help before a person has changed something. */
  readonly final: boolean

  constructor(parts: ErrorParts) {
    super(sentence(parts), parts.cause === undefined ? undefined : { cause: parts.cause })
    this.name = new.target.name
    this.code = parts.code
    this.what = parts.what
    this.where = parts.where
    this.next = parts.next
    this.final = parts.final ?? false
    Object.defineProperty(this, brand, { value: true })
  }
}

/** True for errors of any loaded copy of this package, so that two installed versions understand each other. */
export function isStagegateError(value: unknown): value is StagegateError {
  return typeof value === 'object' && value !== null && brand in value
}

/** The call or the configuration is wrong; nothing was done. */
export class UsageError extends StagegateError {}

/** A person must investigate before the release continues: the gate is not met, or this is not the job it should be. */
export class GateError extends StagegateError {}

function sentence({ what, where, next }: ErrorParts): string {
  return [where === undefined ? what : `${onOneLine(where)}: ${what}`, next].filter((part) => part !== undefined).join('\n')
}

/** A file's name can have line breaks, and would look like a line of its own. */
function onOneLine(where: string): string {
  return /[\n\r\t]/.test(where) ? JSON.stringify(where) : where
}
