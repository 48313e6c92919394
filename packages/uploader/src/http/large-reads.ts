import http, { type ClientRequestArgs } from 'node:http'
import { connect, type NetConnectOpts, type Socket } from 'node:net'

/** What is read from a socket at once. Node's own 64 KiB cost more time; 1 MiB is hardly faster, and takes more memory. */
const readSize = 512 * 1024

/** A buffer with less room left is given up for a new one. */
const leastRoom = 128 * 1024

/**
 * Keeps connections whose reads are large. `onread` lets the kernel write into buffers of ours; what came is pushed into
 * the socket as node pushes its own, so all above the socket, back-pressure included, is as it is without this.
 *
 * No byte of a buffer is written twice: chunks are handed on by reference, and nobody says when the last of them was sent.
 */
export class LargeReadAgent extends http.Agent {
  override createConnection(options: ClientRequestArgs): Socket {
    let room = Buffer.alloc(0)
    const onread = {
      buffer: () => {
        if (room.length < leastRoom) room = Buffer.allocUnsafeSlow(readSize)
        return room
      },
      callback: (length: number): boolean => {
        const chunk = room.subarray(0, length)
        room = room.subarray(length)
        return socket.push(chunk)
      },
    }
    // The cast: an agent calls this with what it would give to `net.connect`.
    const socket: Socket = connect({ ...(options as NetConnectOpts), onread })
    return socket
  }
}
