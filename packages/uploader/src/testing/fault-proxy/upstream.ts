import { isIP, connect as netConnect, type Socket } from 'node:net'
import { createSecureContext, connect as tlsConnect } from 'node:tls'
import { Wire } from './wire.js'

/** How the proxy reaches its server: every time over a new connection, of which `onOpen` is told. */
export function reach({ protocol, hostname, port }: URL, onOpen: (connection: Socket) => void): () => Promise<Wire> {
  const host = hostname.replace(/^\[|\]$/g, '')
  const secure = protocol === 'https:'
  const secureContext = createSecureContext()
  let session: Buffer | undefined
  const encrypted = (socket: Socket) => {
    // It is a server of this machine's, and what it shows may be what the test is about.
    const options = { socket, secureContext, rejectUnauthorized: false, session, ...(isIP(host) === 0 && { servername: host }) }
    // Only the first connection has to agree on keys.
    return tlsConnect(options).on('session', (given) => {
      session = given
    })
  }
  return async () => {
    const connection = netConnect({ host, port: Number(port || (secure ? 443 : 80)), allowHalfOpen: true })
    onOpen(connection)
    const socket = secure ? encrypted(connection) : connection
    const server = new Wire(socket, connection)
    const ready = secure ? 'secureConnect' : 'connect'
    await new Promise<void>((resolve, reject) => socket.once(ready, resolve).once('close', () => reject(server.left())))
    // The client's last part of a handshake is sent only after this event.
    if (secure) await new Promise((resolve) => setImmediate(resolve))
    return server
  }
}
