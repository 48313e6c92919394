import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { createServer, type SecureVersion, type Server, type TLSSocket } from 'node:tls'
import type { Fault } from '../server/faults.js'
import { connectionBelow, rememberConnections, type ServerTls } from '../server/tls.js'

/** A fault of the proxy in TLS handshakes: how often, what. A handshake is before any request. */
export type HandshakeFault = Omit<Fault<HandshakeMisbehaviour>, 'on'>

/** What goes wrong before a client of HTTPS can ask for anything. */
export interface HandshakeMisbehaviour {
  /** Shown in place of the proxy's own certificate. */
  readonly tls?: ServerTls | undefined
  /** The only version of TLS that is spoken. @default 1.2 and 1.3 */
  readonly version?: SecureVersion | undefined
  /** Of TLS 1.2 and before, as OpenSSL writes them. */
  readonly ciphers?: string | undefined
  /** Said instead of anything that is TLS, when the client has begun; then the connection is closed, unless a breach says otherwise. */
  readonly raw?: string | undefined
  /** When the client has begun, and has been answered with so many bytes of the first record. @default 0 */
  readonly after?: number | undefined
  /** As those of requests: the connection is reset, closed, or nothing more happens, for so many milliseconds or until the client goes. */
  readonly breach?: 'reset' | 'close' | 'stall' | { readonly stall: number } | undefined
}

/** The beginning of a ServerHello (RFC 8446, section 4.1.3): of the bytes that it announces, these are the first. */
const serverHello = Buffer.concat([Buffer.of(22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3), Buffer.alloc(32, 'random')])

/** Makes clients' connections secure, as badly as the faults want it. */
export class Handshakes {
  readonly #tls: ServerTls
  readonly #servers = new Map<string, Server>()
  readonly #waiting = new Map<Socket, (secure: TLSSocket) => void>()

  constructor(tls: ServerTls) {
    this.#tls = tls
  }

  /** The secure connection; `undefined` when it did not come to one. The socket must be allowed to be half open. */
  async shake(socket: Socket, fault: HandshakeMisbehaviour): Promise<TLSSocket | undefined> {
    const { breach = fault.raw === undefined ? undefined : 'close', raw = serverHello.subarray(0, fault.after ?? 0) } = fault
    if (typeof breach === 'string') {
      await spoil(socket, raw, breach)
      return undefined
    }
    if (breach !== undefined) await pause(socket, breach.stall)
    if (socket.destroyed) return undefined
    // A client that goes before it is secure leaves nothing to be said.
    socket.allowHalfOpen = false
    return new Promise((resolve) => {
      this.#waiting.set(socket, resolve)
      socket.once('close', () => {
        this.#waiting.delete(socket)
        resolve(undefined)
      })
      // As node's documentation says, connections can be injected so.
      this.#serverFor(fault).emit('connection', socket)
    })
  }

  #serverFor({ tls = this.#tls, version, ciphers }: HandshakeMisbehaviour): Server {
    const name = JSON.stringify([tls, version, ciphers])
    const server = this.#servers.get(name) ?? createServer(optionsOf(tls, version, ciphers))
    if (!this.#servers.has(name)) {
      this.#servers.set(name, server)
      rememberConnections(server)
      server.on('secureConnection', (secure) => {
        const connection = connectionBelow(secure)
        connection.allowHalfOpen = true
        secure.allowHalfOpen = true
        this.#waiting.get(connection)?.(secure)
      })
      // A client that wants no such connection says so, and goes.
      server.on('tlsClientError', () => undefined)
    }
    return server
  }
}

function optionsOf({ certificate, key }: ServerTls, version: SecureVersion | undefined, ciphers: string | undefined) {
  // OpenSSL 3 has the old versions only where its level of security is the lowest.
  const old = version === 'TLSv1' || version === 'TLSv1.1' ? 'DEFAULT@SECLEVEL=0' : undefined
  return {
    cert: certificate,
    key,
    ...(version !== undefined && { minVersion: version, maxVersion: version }),
    ...((ciphers ?? old) !== undefined && { ciphers: ciphers ?? old }),
  }
}

/** Until then, or until the connection has gone. */
async function pause(socket: Socket, milliseconds: number): Promise<void> {
  const gone = new AbortController()
  const close = () => gone.abort()
  socket.once('close', close)
  await setTimeout(milliseconds, undefined, gone).catch(() => undefined)
  socket.off('close', close)
}

async function spoil(socket: Socket, answer: Buffer | string, breach: 'reset' | 'close' | 'stall'): Promise<void> {
  const gone = once(socket, 'close')
  // Whatever it says, it has begun, or has gone.
  await Promise.race([once(socket, 'data').catch(() => undefined), gone])
  socket.resume()
  if (socket.writable) await new Promise((resolve) => socket.write(answer, 'latin1', resolve))
  if (breach === 'reset') socket.resetAndDestroy()
  else if (breach === 'close') socket.end()
  socket.once('end', () => socket.end())
  await gone
}
