import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished, vi } from 'vitest'
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from './start.js'

/** What one end of a connection saw: every byte, and how it ended. */
export interface Seen {
  bytes: Buffer
  ended: 'not yet' | 'close' | 'reset'
}

/** A server that is asked for its answer each time something comes, has one for the end, and remembers what it saw. */
export async function rawServer(answer: (seen: Buffer, socket: Socket) => void, last: Buffer | string = '') {
  const connections: Seen[] = []
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const seen = watch(socket, () => answer(seen.bytes, socket))
    connections.push(seen)
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    // A server closes where its client has closed.
    socket.once('end', () => socket.end(last))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    return new Promise((resolve) => server.close(() => resolve()))
  })
  // The cast: an address is a text only for pipes, and null only before listening.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections }
}

/** A proxy that ends with the test. */
export async function proxyTo(upstream: string, options: Omit<FaultProxyOptions, 'upstream'> = {}): Promise<FaultProxy> {
  const proxy = await startFaultProxy({ upstream, ...options })
  onTestFinished(() => proxy.close())
  return proxy
}

/** A client that sends these bytes. It says no more, and closes when the other side does. */
export function rawClient(url: string, request: Buffer | string): Seen & { readonly socket: Socket; readonly over: Promise<Seen> } {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  const seen = watch(socket, () => undefined)
  const over = new Promise<Seen>((resolve) => socket.once('close', () => resolve(seen)))
  socket.write(request)
  return Object.assign(seen, { socket, over })
}

function watch(socket: Socket, onBytes: () => void): Seen {
  const seen: Seen = { bytes: Buffer.alloc(0), ended: 'not yet' }
  socket
    .on('data', (chunk) => {
      seen.bytes = Buffer.concat([seen.bytes, chunk])
      onBytes()
    })
    .once('end', () => {
      seen.ended = 'close'
    })
    .once('error', () => {
      seen.ended = 'reset'
    })
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
