import { type AddressInfo, connect, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { Tls } from '../tasks/authority.mjs'

export interface TlsFront {
  /** `https://127.0.0.1:<port>` */
  readonly url: string
  /** Shows this certificate from now on. */
  show(tls: Tls): void
  close(): Promise<void>
}

/** An HTTPS address for a server that speaks plain HTTP on this machine. */
export async function startTlsFront(target: string, tls: Tls): Promise<TlsFront> {
  const { port } = new URL(target)
  const sockets = new Set<Socket>()
  const server = createServer({ cert: tls.certificate, key: tls.key }, (socket) => {
    const upstream = connect(Number(port), '127.0.0.1')
    for (const one of [socket, upstream]) {
      sockets.add(one)
      one.on('close', () => sockets.delete(one)).on('error', () => undefined)
    }
    socket.pipe(upstream).pipe(socket)
    socket.on('close', () => upstream.destroy())
    upstream.on('close', () => socket.destroy())
  })
  // A client that does not like the certificate hangs up.
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // The cast: an address is a text only for pipes, and null only before listening.
  const { port: own } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${own}`,
    show: ({ certificate, key }) => server.setSecureContext({ cert: certificate, key }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
