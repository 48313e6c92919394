import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listening {
  readonly server: Server
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Ends the connections that are open, too. */
  close(): Promise<void>
}

/** An HTTP server on a loopback port of its own. */
export async function listen(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener)
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
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
