import http, { type ClientRequest, type IncomingHttpHeaders } from 'node:http'
import https from 'node:https'
import type { Clock } from '../clock.js'
import type { Call } from '../repository/capabilities.js'
import type { Failures } from './http-error.js'
import { LargeReadAgent } from './large-reads.js'
import { Patience } from './lifetime.js'

/** How long each step may take, in milliseconds. The call's deadline holds for all of them together. */
export interface HttpLimits {
  /** Name, connection and TLS. */
  readonly connect: number
  /** For `100 Continue`, before the body is sent without it: some servers never answer so. */
  readonly goAhead: number
  /** From the request to the answer's headers. */
  readonly answer: number
  /** The same after an upload, which the server may have to read through first. */
  readonly answerToUpload: number
  /** Without a byte coming, or a piece of an upload (256 KiB) being taken, while we wait for it. */
  readonly idle: number
  /** Bytes per second that have to move, on average over `rateOver` of waiting for them: what drips is given up. */
  readonly leastRate: number
  readonly rateOver: number
}

export const defaultHttpLimits: HttpLimits = {
  connect: 15_000,
  goAhead: 1_000,
  answer: 60_000,
  answerToUpload: 600_000,
  idle: 60_000,
  leastRate: 1024,
  rateOver: 60_000,
}

/** The most that is read of an answer which is not a download. */
export const answerLimit = 4 * 1024 * 1024

/** Where connections are kept between requests. */
export interface Agents {
  readonly http: http.Agent
  readonly https: https.Agent
}

/** The connections of one client. */
export interface Connections {
  readonly asking: Agents
  readonly uploading: Agents
  /**
   * Whether the server tells uploads to go ahead. Only then are their connections used again: on one that the server has just
   * closed, or that is dead on the way, the word does not come, and nothing was sent.
   */
  tellsToGoAhead: boolean
}

/** TLS has records of 16 KiB at most: large reads are of no use to it. */
export function openConnections(largeReads: boolean): Connections {
  const keepAlive = true
  const plain = () => ({ http: new http.Agent({ keepAlive }), https: new https.Agent({ keepAlive }) })
  const asking = largeReads ? { ...plain(), http: new LargeReadAgent({ keepAlive }) } : plain()
  return { asking, uploading: plain(), tellsToGoAhead: false }
}

/** One request on its way: everything about it but its body. */
export interface Exchange {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly call: Call
  readonly clock: Clock
  readonly limits: HttpLimits
  readonly failures: Failures
  readonly connections: Connections
}

/** A request whose connection must be there in time. Without agents it has one of its own, which is closed afterwards. */
export function openRequest({ url, method, headers, limits }: Exchange, agents: Agents | undefined, onLate: () => void): ClientRequest {
  const secure = url.protocol === 'https:'
  const agent = agents === undefined ? false : secure ? agents.https : agents.http
  const request = (secure ? https : http).request(url, { method, headers, agent })
  const connecting = new Patience(limits.connect, onLate)
  request.once('socket', (socket) => {
    if (!socket.connecting) return
    connecting.start()
    socket.once(secure ? 'secureConnect' : 'connect', () => connecting.end())
  })
  request.once('close', () => connecting.end())
  refuseUpgrade(request)
  return request
}

/** Nobody asked for another protocol. By itself, node closes a connection that changes to one, and tells nobody. */
function refuseUpgrade(request: ClientRequest): void {
  request.once('upgrade', (_, socket) => {
    socket.destroy()
    request.emit('error', new Error('the server changed to another protocol'))
  })
}

/** Headers with one text each. */
export function flatten(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')] as const],
  )
  return Object.fromEntries(entries)
}
