import type { RequestListener, Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Server as TlsServer } from 'node:tls'

/** What an HTTPS server proves its name with, in PEM. Its clients have to trust it. */
export interface ServerTls {
  /** Perhaps followed by those that lead to one which is trusted. */
  readonly certificate: string
  /** The certificate's key, in PEM. */
  readonly key: string
}

/** The TCP connection below each secure one. */
const below = new WeakMap<Socket, Socket>()

export function connectionBelow(socket: Socket): Socket {
  return below.get(socket) ?? socket
}

/** Remembers the connections below those that this server makes secure: node does not tell. */
export function rememberConnections(server: TlsServer): void {
  const open = new Map<number | undefined, Socket>()
  server.on('connection', (socket: Socket) => {
    const { remotePort } = socket
    open.set(remotePort, socket)
    socket.once('close', () => open.delete(remotePort))
  })
  server.on('secureConnection', (socket) => {
    const connection = open.get(socket.remotePort)
    if (connection !== undefined) below.set(socket, connection)
  })
}

export function createSecureServer({ certificate, key }: ServerTls, listener: RequestListener): Server {
  const server = createHttpsServer({ cert: certificate, key }, listener)
  rememberConnections(server)
  return server
}

/** Ends a server's connection with a TCP reset. Node itself resets what is plain TCP alone, and refuses the rest. */
export function resetConnection(socket: Socket): void {
  connectionBelow(socket).resetAndDestroy()
}
