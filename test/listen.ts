import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:https'
import { authority } from './authority.js'

export interface Listening {
  readonly url: string
  readonly server: Server
  /** Ends the connections that are open, too. */
  close(): Promise<void>
}

/** An HTTPS server of the test's own. */
export async function listen(listener: RequestListener): Promise<Listening> {
  const { certificate, key } = authority.server
  const server = createServer({ cert: certificate, key }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port')
  return {
    url: `https://127.0.0.1:${address.port}`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
