import { type Fault, Faults } from '../server/faults.js'
import type { Answer, Asked } from '../server/respond.js'
import { type LoggedRequest, serve } from '../server/serve.js'
import type { ServerTls } from '../server/tls.js'

/** One part of GitLab's API, with its own state. Parts are asked in turn; `undefined` is none of its business. */
export interface GitlabPart {
  /** Answers a request; `undefined` where it is for another part. */
  answer(asked: Asked): Promise<Answer | undefined>
}

/** A running emulator. */
export interface GitlabServer {
  /** Its address. */
  readonly url: string
  /** All requests so far, the oldest first. */
  readonly requests: readonly LoggedRequest[]
  /** What must never happen, and did. */
  readonly violations: readonly string[]
  /** The script of its misbehaviour. */
  readonly faults: Faults
  /** Ends it, and all of its connections. */
  close(): Promise<void>
}

/** The options of `startGitlab`. */
export interface GitlabOptions {
  /** Misbehaviour, in order. @default none */
  readonly faults?: readonly Fault[] | undefined
  /** @default plain HTTP */
  readonly tls?: ServerTls | undefined
}

/** A GitLab on loopback with these parts of its API, as strict as the real one is known to be, with faults on demand. */
export async function startGitlab(parts: readonly GitlabPart[], options: GitlabOptions = {}): Promise<GitlabServer> {
  const faults = new Faults(options.faults)
  const requests: LoggedRequest[] = []
  const violations: string[] = []
  const ports = {
    tls: options.tls,
    faults,
    onRequest: (request: LoggedRequest) => requests.push(request),
    onViolation: (what: string) => violations.push(what),
  }
  const server = await serve(ports, async (asked) => {
    for (const part of parts) {
      const answer = await part.answer(asked)
      if (answer !== undefined) return answer
    }
    return { status: 404, json: { error: '404 Not Found' } }
  })
  return { url: server.url, requests, violations, faults, close: () => server.close() }
}
