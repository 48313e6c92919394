import type { Readable } from 'node:stream'
import { type Bytes, type Content, type Coordinates, type Instant, type Problem, type Sha256, StagegateError } from '@stagegate/schema'

/** One artifact: where it belongs, and which bytes it must be. */
export interface Item {
  readonly coordinates: Coordinates
  readonly content: Content
}

/** What every call is given: stop when the signal says so, and be done by the deadline. */
export interface Call {
  readonly signal: AbortSignal
  readonly deadline: Instant
}

/** What a repository saw: facts, no judgement. Whatever else happens is thrown, and a throw means "unknown". */
export type Observation =
  | { readonly saw: 'absent' }
  | { readonly saw: 'present'; readonly sha256: Sha256 | undefined; readonly size: Bytes | undefined; readonly location: string }

/** The answer to a write. A throw means "ambiguous": the core looks at the destination before it does anything else. */
export type Written =
  /** A claim; the core confirms it by observing. */
  | { readonly outcome: 'accepted'; readonly location?: string | undefined }
  /** Something is there already: looked at, then the same or a conflict. */
  | { readonly outcome: 'exists' }
  /** The server said no for good; asking again is no use. */
  | { readonly outcome: 'refused'; readonly because: Problem }

/**
 * The bytes of one artifact, to be sent once. The stream ends only if every byte was right; otherwise it errors before
 * its last chunk, and then the request must fail too: its socket is destroyed.
 */
export interface Body {
  readonly content: Content
  /** @throws {Error} when called a second time */
  stream(): Readable
}

export interface Observable {
  /** The server's origin. Repositories of one host share one limit and one back-off clock. @default it shares with nobody */
  readonly host?: string | undefined
  /** Looks up coordinates (never a digest: a different file would look absent). */
  observe(at: Coordinates, call: Call): Promise<Observation>
}
export interface Source extends Observable {
  /** The bytes at a location that `observe` or a write reported. Rejects with `NotThere` if they are gone. */
  read(location: string, call: Call): Promise<Readable>
}
export interface Sink extends Observable {
  /** Creates; never replaces. */
  create(item: Item, body: Body, call: Call): Promise<Written>
}
export interface Served {
  /** What the repository's users get for these coordinates, without a publisher's credential; `undefined` where they get nothing. */
  served(at: Coordinates, call: Call): Promise<Readable | undefined>
}

export type StagingRepository = Source & Sink
export type PublicRepository = Sink & Partial<Source & Served>

/** The bytes at a location are gone: deleted or expired. The only way for a `read` to say so. */
export class NotThere extends StagegateError {
  constructor(what: string) {
    super({ code: 'content/not-there', what, next: 'Stage and seal the release again, under a new version.' })
  }
}

/** The repository serves the bytes, but its index says otherwise, so its users cannot install them. */
export class IndexBroken extends StagegateError {
  constructor(what: string) {
    super({ code: 'repository/index-broken', what, next: 'Have the repository write its index again.' })
  }
}
