import http, { type ClientRequestArgs } from 'node:http'
import { connect, type NetConnectOpts, type Socket } from 'node:net'

/** What is read from a socket at once. Node's own 64 KiB cost more time; 1 MiB is hardly faster. */
const readSize = 512 * 1024

/** The memory that connections read into, again and again. */
const rooms = new WeakSet<ArrayBufferLike>()

/**
 * Keeps connections whose reads are large. `onread` lets the kernel write into a buffer of ours; what came is pushed into
 * the socket as node pushes its own, so all above the socket, back-pressure included, is as it is without this.
 *
 * Node's parser copies what it hands on of a body, so a connection needs one buffer, unless something is left in its socket.
 * Whoever reads a body says so with `ownBytes`, should a version of node ever hand on the buffer itself.
 */
export class LargeReadAgent extends http.Agent {
  override createConnection(options: ClientRequestArgs): Socket {
    let room = newRoom()
    const onread = {
      buffer: () => room,
      callback: (length: number): boolean => {
        const more = socket.push(room.subarray(0, length))
        // Nobody has wanted it yet: it stays where it is until somebody does.
        if (socket.readableLength > 0) room = newRoom()
        return more
      },
    }
    // The cast: an agent calls this with what it would give to `net.connect`.
    const socket: Socket = connect({ ...(options as NetConnectOpts), onread })
    return socket
  }
}

function newRoom(): Buffer {
  const room = Buffer.allocUnsafeSlow(readSize)
  rooms.add(room.buffer)
  return room
}

/** A chunk of a body in memory that nothing else is written to. */
export function ownBytes(chunk: Buffer): Buffer {
  return rooms.has(chunk.buffer) ? Buffer.from(chunk) : chunk
}
