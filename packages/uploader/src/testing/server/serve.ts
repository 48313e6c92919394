import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { Faults } from './faults.js'
import { type Listening, listen } from './listen.js'
import { type Answer, type Asked, respond } from './respond.js'
import { resetConnection, type ServerTls } from './tls.js'

/** A request that came. */
export interface LoggedRequest {
  /** In capitals: `PUT`. */
  readonly method: string
  /** With the query. */
  readonly path: string
  /** A credential is only said to be there. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface ServeOptions {
  readonly faults: Faults
  readonly onRequest: (request: LoggedRequest) => void
  /** An error in the server itself. */
  readonly onViolation: (what: string) => void
  /** @default plain HTTP */
  readonly tls?: ServerTls | undefined
}

/** What a server answers; `undefined` is a connection that was reset. */
export type Route = (asked: Asked) => Promise<Answer | undefined>

const credentials = ['authorization', 'private-token', 'job-token', 'deploy-token', 'x-amz-security-token']

/** A server on loopback that does what its route says, as badly as the faults want it. */
export async function serve({ faults, onRequest, onViolation, tls }: ServeOptions, route: Route): Promise<Listening> {
  const under = new Set<Promise<void>>()
  const answer = (request: IncomingMessage, response: ServerResponse, waits: boolean) => {
    onRequest(logged(request))
    const handled = handle(request, response, waits, faults, route).catch((error: unknown) => {
      onViolation(`${request.method} ${request.url}: ${error instanceof Error ? error.stack : String(error)}`)
      response.destroy()
    })
    under.add(handled)
    handled.finally(() => under.delete(handled))
  }
  const listening = await listen((request, response) => answer(request, response, false), tls)
  listening.server.on('checkContinue', (request, response) => answer(request, response, true))
  return {
    ...listening,
    async close() {
      await listening.close()
      // What was under way still writes somewhere.
      await Promise.all(under)
    },
  }
}

async function handle(request: IncomingMessage, response: ServerResponse, waits: boolean, faults: Faults, route: Route): Promise<void> {
  // Whoever goes away is not our error.
  request.on('error', () => undefined)
  response.on('error', () => undefined)
  const url = new URL(request.url ?? '/', 'http://server')
  const fault = faults.take(request.method ?? '', url.pathname + url.search) ?? {}
  if (fault.stall !== undefined) await setTimeout(fault.stall)
  if (fault.reset === 'before-body') return void resetConnection(request.socket)
  if (fault.answer !== undefined) {
    await respond(response, { status: fault.answer, headers: fault.headers, json: fault.body ?? {} }, fault)
    return
  }
  const goAhead = () => {
    if (waits && fault.ignoreExpect !== true) response.writeContinue()
  }
  const answer = await route({ request, url, fault, goAhead })
  if (answer === undefined) return
  if (fault.commitThenReset) return void resetConnection(request.socket)
  const said =
    fault.commitThenAnswer === undefined ? answer : { status: fault.commitThenAnswer, headers: fault.headers, json: fault.body ?? {} }
  await respond(response, said, fault)
}

function logged({ method = '', url = '', headers }: IncomingMessage): LoggedRequest {
  const shown = Object.entries(headers).map(([name, value]) => [name, credentials.includes(name) ? '(given)' : value] as const)
  return { method, path: url, headers: Object.fromEntries(shown) }
}
