import http, { type ClientRequest, type IncomingHttpHeaders } from 'node:http'
import https from 'node:https'
import type { Call } from '../contract/capabilities.js'
import type { Clock } from '../contract/clock.js'
import type { Connections, ConnectionUse } from './connections.js'
import type { Failures } from './http-error.js'
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
  /** Milliseconds of waiting over which `leastRate` is measured. */
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

/** A request whose connection must be there in time, TLS and a proxy's part included. */
export function openRequest(
  { url, method, headers, limits, connections }: Exchange,
  use: ConnectionUse,
  onLate: () => void,
): ClientRequest {
  const secure = url.protocol === 'https:'
  const request = (secure ? https : http).request(url, { method, headers, ...connections.optionsFor(url, use) })
  const connecting = new Patience(limits.connect, onLate)
  connecting.start()
  onConnection(request, secure, () => connecting.end())
  request.once('close', () => connecting.end())
  refuseUpgrade(request)
  return request
}

/** Calls back when the request has a connection that bytes can go over. */
export function onConnection(request: ClientRequest, secure: boolean, onReady: () => void): void {
  request.once('socket', (socket) => {
    if (request.reusedSocket || (!secure && !socket.connecting)) onReady()
    else socket.once(secure ? 'secureConnect' : 'connect', onReady)
  })
}

/** Nobody asked for another protocol. By itself, node closes a connection that changes to one, and tells nobody. */
function refuseUpgrade(request: ClientRequest): void {
  request.once('upgrade', (_, socket) => {
    socket.destroy()
    request.emit('error', new Error('the server switched to another protocol'))
  })
}

/** Headers with one text each. */
export function flatten(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')] as const],
  )
  return Object.fromEntries(entries)
}
