import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSecureServer, type ServerTls } from './tls.js'

export interface Listening {
  readonly server: Server
  /** `http://127.0.0.1:<port>`, or the same with https. */
  readonly url: string
  /** Ends the connections that are open, too. */
  close(): Promise<void>
}

/** A server on a loopback port of its own: of HTTPS, when it is given a certificate, and of plain HTTP otherwise. */
export async function listen(listener: RequestListener, tls?: ServerTls): Promise<Listening> {
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener)
  // A test that stalls on purpose outlasts node's own limits.
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  // The cast: an address is a text only for pipes, and null only before listening.
  const { port } = server.address() as AddressInfo
  return {
    server,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
