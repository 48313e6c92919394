import type { IncomingMessage } from 'node:http'
import { bodyIn } from '../server/body.js'
import { type Fault, Faults } from '../server/faults.js'
import type { Answer, Asked } from '../server/respond.js'
import { type LoggedRequest, serve } from '../server/serve.js'
import type { ServerTls } from '../server/tls.js'

/** How a server of files behaves. */
export interface FileServerOptions {
  /** The bearer token of who may write. @default whoever comes may */
  readonly token?: string | undefined
  /** One that may read, and is answered 403 when it writes. @default none */
  readonly readToken?: string | undefined
  /** Takes a PUT where a file is, as if it had not been asked to heed `If-None-Match`. @default false */
  readonly overwrites?: boolean | undefined
  /** What it does wrong, from the beginning. @default nothing */
  readonly faults?: readonly Fault[] | undefined
  /** @default plain HTTP */
  readonly tls?: ServerTls | undefined
}

/** A server of files that runs. */
export interface FileServer {
  /** Its origin. */
  readonly url: string
  /** What it has, by the path of its URL, decoded. */
  readonly files: Map<string, Buffer>
  /** In the order in which they came. */
  readonly requests: readonly LoggedRequest[]
  /** Errors in the server itself. */
  readonly violations: readonly string[]
  /** What it does wrong from now on. */
  readonly faults: Faults
  /** Ends it, and its connections. */
  close(): Promise<void>
}

/**
 * A server on loopback that takes a file by PUT, once with `If-None-Match: *`, and has it for everybody (RFC 9110, section 13.1.2).
 * @example
 * const server = await startFileServer({ token: 'a-token' })
 * server.faults.add({ on: { method: 'PUT' }, do: { commitThenReset: true } })
 */
export async function startFileServer({
  token,
  readToken,
  overwrites = false,
  tls,
  faults: first,
}: FileServerOptions = {}): Promise<FileServer> {
  const files = new Map<string, Buffer>()
  const requests: LoggedRequest[] = []
  const violations: string[] = []
  const faults = new Faults(first)
  const refusalOf = ({ headers }: IncomingMessage): Answer | undefined => {
    if (token === undefined || headers.authorization === `Bearer ${token}`) return undefined
    return { status: readToken !== undefined && headers.authorization === `Bearer ${readToken}` ? 403 : 401 }
  }
  const put = async (asked: Asked, path: string): Promise<Answer | undefined> => {
    const refused = refusalOf(asked.request)
    if (refused !== undefined) return refused
    const data = await bodyIn(asked)
    if (data === undefined) return undefined
    if (!overwrites && asked.request.headers['if-none-match'] === '*' && files.has(path)) return { status: 412 }
    if (!asked.fault.acceptAndForget) files.set(path, data)
    return { status: 201 }
  }
  const server = await serve(
    { tls, faults, onRequest: (request) => requests.push(request), onViolation: (what) => violations.push(what) },
    async (asked) => {
      const path = decodeURIComponent(asked.url.pathname)
      const { method } = asked.request
      if (method === 'PUT') return put(asked, path)
      if (method !== 'GET' && method !== 'HEAD') return { status: 405 }
      const data = files.get(path)
      return data === undefined ? { status: 404 } : { status: 200, headers: { 'content-type': 'application/octet-stream' }, data }
    },
  )
  return { url: server.url, files, requests, violations, faults, close: () => server.close() }
}
