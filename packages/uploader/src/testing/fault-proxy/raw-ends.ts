import { createHash } from 'node:crypto'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createServer as createSecureServer, connect as tlsConnect } from 'node:tls'
import { onTestFinished, vi } from 'vitest'
import { authority } from '../authority.js'
import { connectionBelow, rememberConnections, resetConnection } from '../server/tls.js'
import { reading } from './reading.js'
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from './start.js'

/** What one end of a connection saw: every byte, and how it ended. */
export interface Seen {
  bytes: Buffer
  ended: 'not yet' | 'close' | 'reset'
}

type Client = Seen & { readonly socket: Socket; readonly over: Promise<Seen>; reset(): void }

/** Both ends of a proxy, and the proxy, over plain HTTP or over TLS. */
export function endsOf(scheme: 'http' | 'https') {
  return {
    /** A server that is asked for its answer each time something comes, has one for the end, and remembers what it saw. */
    async rawServer(answer: (seen: Buffer, socket: Socket) => void, last: Buffer | string = '') {
      const connections: Seen[] = []
      const open = new Set<Socket>()
      const serve = (socket: Socket) => {
        const seen = watch(socket, () => answer(seen.bytes, socket), connectionBelow(socket))
        connections.push(seen)
        // A server closes where its client has closed.
        socket.once('end', () => socket.end(last))
      }
      const server = scheme === 'http' ? createServer({ allowHalfOpen: true }, serve) : secureServer(serve)
      server.on('connection', (socket) => {
        open.add(socket)
        socket.once('close', () => open.delete(socket))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => {
        for (const socket of open) socket.destroy()
        return new Promise((resolve) => server.close(() => resolve()))
      })
      // The cast: an address is a text only for pipes, and null only before listening.
      return { url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`, connections }
    },

    /** A proxy that ends with the test. */
    async proxyTo(upstream: string, options: Omit<FaultProxyOptions, 'upstream'> = {}): Promise<FaultProxy> {
      const proxy = await startFaultProxy({ upstream, ...(scheme === 'https' && { tls: authority.server }), ...options })
      onTestFinished(() => proxy.close())
      return proxy
    },

    /** A client that sends these bytes. It says no more, and closes when the other side does. */
    rawClient(url: string, request: Buffer | string): Client {
      const connection = connect(Number(new URL(url).port), '127.0.0.1')
      const socket = scheme === 'http' ? connection : tlsConnect({ socket: connection, ca: authority.ca })
      onTestFinished(() => void socket.destroy())
      const seen = watch(socket, () => undefined, connection)
      const over = new Promise<Seen>((resolve) => socket.once('close', () => resolve(seen)))
      socket.write(request)
      return Object.assign(seen, { socket, over, reset: () => void connection.resetAndDestroy() })
    },
  }
}

function secureServer(serve: (socket: Socket) => void) {
  const { certificate, key } = authority.server
  const server = createSecureServer({ cert: certificate, key, allowHalfOpen: true })
  rememberConnections(server)
  return server.on('secureConnection', serve).on('tlsClientError', () => undefined)
}

/** Ends a server's connection so, when its client has read what it was sent. */
export async function resetWhenRead(socket: Socket): Promise<void> {
  await reading(socket)
  resetConnection(socket)
}

function watch(socket: Socket, onBytes: () => void, connection: Socket): Seen {
  const seen: Seen = { bytes: Buffer.alloc(0), ended: 'not yet' }
  socket
    .on('data', (chunk) => {
      seen.bytes = Buffer.concat([seen.bytes, chunk])
      onBytes()
    })
    .once('end', () => {
      if (seen.ended === 'not yet') seen.ended = 'close'
    })
  // A reset is the connection's, and TLS is not always told.
  for (const one of [socket, connection]) {
    one.on('error', () => {
      seen.ended = 'reset'
    })
  }
  return seen
}

/** An answer with a Content-Length. */
export function answerOf(body: Buffer | string, first = 'HTTP/1.1 200 OK'): Buffer {
  return Buffer.concat([Buffer.from(`${first}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`), Buffer.from(body)])
}

/** A request with a Content-Length. */
export function requestOf(body: Buffer | string, method = 'PUT'): Buffer {
  return Buffer.concat([
    Buffer.from(`${method} /x HTTP/1.1\r\nHost: server\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`),
    Buffer.from(body),
  ])
}

export function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Waits until this no longer throws, for as long as a busy machine may need. */
export function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { interval: 5, timeout: 10_000 })
}

/** Waits until a number stays the same for a while: whoever changes it waits for others. */
export async function standstill(number: () => number): Promise<number> {
  let before = Number.NaN
  const still = () => {
    const same = number() === before
    before = number()
    return same
  }
  await vi.waitUntil(still, { interval: 100, timeout: 10_000 })
  return before
}
