/** What became of a request. */
export type Outcome =
  | 'under way'
  /** The client was given all of an answer, spoilt or not. */
  | 'answered'
  /** As the fault wanted it. */
  | 'broken off'
  | 'the client left'
  | 'the server left'
  | 'out of time'
  /** More was to be made or kept than may be. */
  | 'too much'
  /** One of the two does not speak the HTTP that is understood here. */
  | 'not HTTP'

/** Bytes as they are on the wire. */
export interface Size {
  /** Bytes of the request line and the headers. */
  readonly head: number
  /** Bytes of the body. */
  readonly body: number
}

/** A request that came through. */
export interface ProxiedRequest {
  /** In capitals: `PUT`. */
  readonly method: string
  /** With the query. */
  readonly path: string
  /** What came in of it. */
  readonly received: Size
  /** What the client was sent of an answer; interim answers do not count. */
  readonly sent: Size
  /** How it ended. */
  readonly outcome: Outcome
}
