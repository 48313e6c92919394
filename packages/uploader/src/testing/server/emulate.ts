import { type Fault, Faults } from './faults.js'
import type { Answer, Asked } from './respond.js'
import { type LoggedRequest, serve } from './serve.js'
import type { ServerTls } from './tls.js'

/** The options of every emulated server. */
export interface EmulatedOptions {
  /** What it does wrong, from the beginning. @default nothing */
  readonly faults?: readonly Fault[] | undefined
  /** @default plain HTTP */
  readonly tls?: ServerTls | undefined
}

/** An emulated server that runs. */
export interface EmulatedServer {
  /** Its origin. */
  readonly url: string
  /** In the order in which they came. */
  readonly requests: readonly LoggedRequest[]
  /** Requests that no client of ours may send, and errors in the server itself. */
  readonly violations: readonly string[]
  /** What it does wrong from now on. */
  readonly faults: Faults
  /** Ends it, and its connections. */
  close(): Promise<void>
}

/** Starts a server on loopback. @param route answers a request; it calls `note` for each violation */
export async function emulate(
  options: EmulatedOptions,
  route: (asked: Asked, note: (what: string) => void) => Promise<Answer | undefined>,
): Promise<EmulatedServer> {
  const requests: LoggedRequest[] = []
  const violations: string[] = []
  const faults = new Faults(options.faults)
  const note = (what: string) => void violations.push(what)
  const { url, close } = await serve(
    { tls: options.tls, faults, onRequest: (request) => requests.push(request), onViolation: note },
    (asked) => route(asked, note),
  )
  return { url, requests, violations, faults, close }
}
