import type { Fault } from '../server/faults.js'

/** A fault of the proxy: which request, how often, what. */
export type ProxyFault = Fault<ProxyMisbehaviour>

/** What goes wrong between a client and a server that both do as they should. Several things can go wrong at once. */
export interface ProxyMisbehaviour {
  /** Done to the request on its way to the server. */
  readonly request?: RequestMisbehaviour | undefined
  /** Done to the answer on its way back. */
  readonly answer?: AnswerMisbehaviour | undefined
  /** The server is not asked at all; `answer` spoils this answer like any other. */
  readonly instead?: Instead | undefined
}

/**
 * So many bytes of a message: of its head, or its head and so many of its body. They are counted on the wire, so a chunked body with
 * its framing. A message that is shorter ends well.
 */
export type Place = { readonly head: number } | { readonly body: number }

/** Ways to break off or to slow down. */
export type Breach =
  /** Both connections are reset, once what was sent before has been read. */
  | 'reset'
  /** The same without waiting: what was sent and not read yet can be lost. */
  | 'reset-at-once'
  /** Both connections are closed as if all had been said. */
  | 'close'
  /** The same below TLS, which announces its end (`close_notify`) otherwise: so it is when a process dies. */
  | 'close-unannounced'
  /** The same in the middle of a TLS record. */
  | 'close-in-record'
  /** Nothing more happens: for so many milliseconds, or until the client goes or its time is over. */
  | 'stall'
  | { readonly stall: number }
  /** From there on so many bytes at a time, each time after so many milliseconds. */
  | { readonly drip: number; readonly every: number }

/** Done to a message, whichever way it goes. */
export interface Spoilt<B> {
  /** Where the breach is. @default before its first byte */
  readonly after?: Place | undefined
  /** How it is broken off or slowed down. @default not at all */
  readonly breach?: B | undefined
  /** One bit of this byte of its body is another one. */
  readonly flipBit?: number | undefined
}

/** Ways to break a request off. */
export type RequestBreach =
  | Breach
  /** The client is told that no answer will come, and what it still sends goes on to the server. */
  | 'half-close'
  /** The server gets no more than that; what the client still sends is thrown away, and the server's answer goes back. */
  | 'truncate'

/** Done to a request on its way to the server. */
export interface RequestMisbehaviour extends Spoilt<RequestBreach> {
  /** The server gets it a second time once it has answered, and the client gets only the second answer. */
  readonly twice?: true | undefined
}

/** Done to an answer on its way back. */
export interface AnswerMisbehaviour extends Spoilt<Breach> {
  /** Sent as it is before the answer: other answers, or what is none. */
  readonly before?: string | undefined
  /** Answers such as `100 Continue` are kept back. */
  readonly withholdInterim?: true | undefined
  /** The status in place of the server's. */
  readonly status?: number | undefined
  /** In place of the header of that name; `null` takes it away. `{n}` in it is the request's number, from 1. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>> | undefined
  /** Added to the Content-Length, and only there. */
  readonly lengthBy?: number | undefined
  /** The body is compressed, and the headers say so. */
  readonly gzip?: true | undefined
  /**
   * Does not end before the client goes away: `100 Continue` again and again, headers, or a body, whose end is the connection's unless
   * `headers` say otherwise.
   */
  readonly endless?: 'interim' | 'headers' | 'body' | undefined
}

/** An answer of the proxy's own; the server sees nothing of the request, or only its body. */
export type Instead = {
  /** So many bytes of the request's body come in first, or all, if it has fewer. @default 0 */
  readonly afterBody?: number | undefined
} & (
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> | undefined; readonly body?: string | undefined }
  /** Perhaps no HTTP. */
  | { readonly raw: string }
)
