// What a process waits for: its open requests, connections and timers. Read by people when a test hangs.
import { subscribe } from 'node:diagnostics_channel'

const requests = new Map()
const sockets = new Map()

// Test files that share a process ask for it several times.
let following = false

/** See waiting.d.mts. */
export function followConnections() {
  if (following) return
  following = true
  subscribe('http.client.request.start', ({ request }) => note(requests, request, () => asked(request)))
  subscribe('http.server.request.start', ({ request, response }) => note(requests, response, () => answered(request, response)))
  subscribe('net.client.socket', ({ socket }) => note(sockets, socket, () => `to ${place(socket)}`))
  subscribe('net.server.socket', ({ socket }) => note(sockets, socket, () => `from ${place(socket)}`))
}

/** See waiting.d.mts. */
export function describeWaiting() {
  const now = performance.now()
  const lines = []
  for (const { what, since } of requests.values()) lines.push(`${what()}, ${seconds(now - since)}`)
  for (const [socket, { what, since }] of sockets) {
    lines.push(`connection ${what()}: ${moved(socket)}, ${seconds(now - since)}`)
  }
  const counts = new Map()
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1)
  lines.push(`active: ${[...counts].map(([name, count]) => `${name} × ${count}`).join(', ') || 'nothing'}`)
  const next = nextTimer()
  if (next !== undefined) lines.push(`the next timer runs out in ${seconds(next)}`)
  return lines
}

function note(all, one, what) {
  all.set(one, { what, since: performance.now() })
  one.once('close', () => all.delete(one))
}

function asked(request) {
  const { method, host, path, res, writableFinished } = request
  const sent = writableFinished ? 'sent' : 'not sent to its end'
  const answer =
    res === null || res === undefined ? 'no answer yet' : `answered ${res.statusCode}, ${res.complete ? 'to its end' : 'not to its end'}`
  // Node tells of no connection that is secure from its start.
  const connection = request.socket ? moved(request.socket) : 'no connection'
  return `request ${method} ${request.protocol}//${request.getHeader('host') ?? host}${path}: ${sent}, ${answer}; ${connection}`
}

function moved(socket) {
  const { bytesRead, bytesWritten, writableLength, connecting } = socket
  if (connecting) return 'not connected yet'
  const waits = writableLength > 0 ? `, ${writableLength} B still to be written` : ''
  return `${bytesRead} B read, ${bytesWritten} B written${waits}${socket.isPaused() ? ', not read from' : ''}`
}

function answered(request, response) {
  const came = request.complete ? 'came whole' : 'still comes'
  const answer = response.headersSent
    ? `answered ${response.statusCode}, ${response.writableEnded ? 'ended' : 'not ended'}`
    : 'not answered yet'
  return `served ${request.method} ${request.url}: ${came}, ${answer}`
}

function place({ remoteAddress, remotePort, localPort, destroyed }) {
  return remotePort === undefined ? `nobody${destroyed ? ' any more' : ' yet'}` : `${remoteAddress}:${remotePort} (here :${localPort})`
}

/** Node keeps all its timers in one of libuv's. */
function nextTimer() {
  // Otherwise it asks for the names of all addresses.
  process.report.excludeNetwork = true
  const timers = process.report.getReport().libuv.filter(({ type, is_active }) => type === 'timer' && is_active)
  const left = timers.map(({ firesInMsFromNow }) => firesInMsFromNow)
  return left.length === 0 ? undefined : Math.min(...left)
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
