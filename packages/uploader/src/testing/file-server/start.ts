import type { IncomingMessage } from 'node:http'
import { bodyIn } from '../server/body.js'
import { type EmulatedOptions, type EmulatedServer, emulate } from '../server/emulate.js'
import type { Answer, Asked } from '../server/respond.js'

/** How a server of files behaves. */
export interface FileServerOptions extends EmulatedOptions {
  /** The bearer token of who may write. @default whoever comes may */
  readonly token?: string | undefined
  /** One that may read, and is answered 403 when it writes. @default none */
  readonly readToken?: string | undefined
  /** Takes a PUT where a file is, as if it had not been asked to heed `If-None-Match`. @default false */
  readonly overwrites?: boolean | undefined
}

/** A server of files that runs. */
export interface FileServer extends EmulatedServer {
  /** What it has, by the path of its URL, decoded. */
  readonly files: Map<string, Buffer>
}

/**
 * A server on loopback that takes a file by PUT, once with `If-None-Match: *`, and has it for everybody (RFC 9110, section 13.1.2).
 * @example
 * const server = await startFileServer({ token: 'a-token' })
 * server.faults.add({ on: { method: 'PUT' }, do: { commitThenReset: true } })
 */
export async function startFileServer(options: FileServerOptions = {}): Promise<FileServer> {
  const { token, readToken, overwrites = false } = options
  const files = new Map<string, Buffer>()
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
  const server = await emulate(options, async (asked) => {
    const path = decodeURIComponent(asked.url.pathname)
    const { method } = asked.request
    if (method === 'PUT') return put(asked, path)
    if (method !== 'GET' && method !== 'HEAD') return { status: 405 }
    const data = files.get(path)
    return data === undefined ? { status: 404 } : { status: 200, headers: { 'content-type': 'application/octet-stream' }, data }
  })
  return { ...server, files }
}
