import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Faults } from '../server/faults.js'
import { resetConnection, type ServerTls } from '../server/tls.js'
import { Exchange } from './exchange.js'
import { type HandshakeFault, type HandshakeMisbehaviour, Handshakes } from './handshake.js'
import { NotHttp, parseHead } from './head.js'
import type { ProxyFault, ProxyMisbehaviour } from './misbehaviour.js'
import type { ProxiedRequest } from './requests.js'
import { reach } from './upstream.js'
import { Left, Wire } from './wire.js'

/** The options of `startFaultProxy`. */
export interface FaultProxyOptions {
  /** An origin on this machine. Its certificate is not looked at. */
  readonly upstream: string
  /** What clients are shown. @default plain HTTP */
  readonly tls?: ServerTls | undefined
  /** Misbehaviour, in order. @default none */
  readonly faults?: readonly ProxyFault[] | undefined
  /** Before any request. */
  readonly handshakes?: readonly HandshakeFault[] | undefined
  /**
   * Origins that answers' heads may name, and what they name instead: another proxy, in front of the place to which this server
   * redirects, say. The upstream's own is always replaced by the proxy's.
   */
  readonly origins?: Readonly<Record<string, string>> | undefined
  /** The given ones replace the defaults. */
  readonly limits?: Partial<FaultProxyLimits> | undefined
  /** Called when a request begins to stall for ever. The signal is aborted when it is over: a test can let virtual time pass until then. */
  readonly onStall?: ((over: AbortSignal) => void) | undefined
}

/** Bounds of what a fault can take or make. */
export interface FaultProxyLimits {
  /** Of a client's connection, in milliseconds; then it is reset. @default 60_000 */
  readonly time: number
  /** Of bytes in an endless answer; then it is reset. @default 256 MiB */
  readonly made: number
}

/** A running proxy. */
export interface FaultProxy {
  /** `http://127.0.0.1:<port>`, or the same with https. */
  readonly url: string
  /** In the order in which their heads were complete. */
  readonly requests: readonly ProxiedRequest[]
  /** The script of its misbehaviour. */
  readonly faults: Faults<ProxyMisbehaviour>
  /** Those before any request, of TLS. */
  readonly handshakes: Faults<HandshakeMisbehaviour>
  /** Client connections that are open. */
  readonly connections: number
  /** Ends all that is open. */
  close(): Promise<void>
}

/**
 * Stands in front of any HTTP/1.1 server on this machine, over TLS or not, and hands on every byte of requests and answers as it is,
 * but for the faults. A request has a connection to the server of its own; the client's is kept as both sides want it.
 *
 * @example
 * const proxy = await startFaultProxy({ upstream: 'http://127.0.0.1:5000' })
 * proxy.faults.add({ on: { method: 'PUT' }, do: { request: { after: { body: 1000 }, breach: 'reset' } } })
 * // done, and then reset
 * proxy.faults.add({ on: { method: 'PUT' }, do: { answer: { after: { head: 0 }, breach: 'reset' } } })
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { upstream, limits, tls } = options
  const { protocol, origin } = new URL(upstream)
  if (!/^https?:$/.test(protocol)) throw new Error(`expected an http or https origin, got ${protocol}`)
  const { time, made } = { time: 60_000, made: 256 * 1024 * 1024, ...limits }
  const faults = new Faults<ProxyMisbehaviour>(options.faults)
  const shaking = new Faults<HandshakeMisbehaviour>(options.handshakes)
  const handshakes = tls === undefined ? undefined : new Handshakes(tls)
  const requests: ProxiedRequest[] = []
  const sockets = new Set<Socket>()
  const under = new Set<Promise<void>>()

  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // What an error means is found out by whoever reads or writes.
    socket.on('error', () => undefined)
  }
  const connect = reach(new URL(upstream), track)
  const serve = async (connection: Socket) => {
    track(connection)
    const over = new AbortController()
    const timer = setTimeout(() => {
      over.abort()
      connection.resetAndDestroy()
    }, time)
    let socket = connection
    try {
      if (handshakes !== undefined) {
        const secure = await handshakes.shake(connection, shaking.take('', '') ?? {})
        if (secure === undefined) return
        socket = secure
      }
      const client = new Wire(socket)
      for (let again = true; again; ) {
        const bytes = await client.head()
        if (bytes === undefined) break
        const head = parseHead(bytes)
        const [method, path] = head.start
        const fault = faults.take(method, path) ?? {}
        const exchange = new Exchange(client, head, fault, {
          connect,
          signal: over.signal,
          number: requests.length + 1,
          mostMade: made,
          origins: [[origin, url], ...Object.entries(options.origins ?? {})],
          onStall: options.onStall,
        })
        requests.push(exchange)
        again = await exchange.run()
      }
      await client.finish()
    } catch (error) {
      resetConnection(socket)
      if (!(error instanceof Left || error instanceof NotHttp)) throw error
    } finally {
      clearTimeout(timer)
    }
  }

  let connections = 0
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections++
    socket.once('close', () => connections--)
    const served = serve(socket)
    under.add(served)
    served.finally(() => under.delete(served))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  // The cast: an address is a text only for pipes, and null only before listening.
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    requests,
    faults,
    handshakes: shaking,
    get connections() {
      return connections
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await Promise.all([closed, ...under])
    },
  }
}
