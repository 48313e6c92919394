import { type Fault, Faults } from '../server/faults.js'
import type { Answer, Asked } from '../server/respond.js'
import { type LoggedRequest, serve } from '../server/serve.js'
import type { ServerTls } from '../server/tls.js'

/** One part of GitLab's API, with its own state. Parts are asked in turn; `undefined` is none of its business. */
export interface GitlabPart {
  answer(asked: Asked): Promise<Answer | undefined>
}

export interface GitlabServer {
  readonly url: string
  readonly requests: readonly LoggedRequest[]
  /** What must never happen, and did. */
  readonly violations: readonly string[]
  readonly faults: Faults
  close(): Promise<void>
}

export interface GitlabOptions {
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
