import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'

const mostWait = 2000

/**
 * Resolves when whoever is at the other end, on this machine, has read all that was written. Only Linux can tell; elsewhere,
 * and for one who does not read, it resolves after a while.
 */
export async function reading(socket: Socket): Promise<void> {
  const until = performance.now() + mostWait
  while (performance.now() < until && !socket.destroyed) {
    const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'latin1').catch(() => '')))
    if (tables.join('') === '') return void (await setTimeout(50))
    if (unread(tables.join(''), socket) === 0) return
    await setTimeout(1)
  }
}

/** What our end has not sent and the other has not read (proc_pid_net(5): `tx_queue:rx_queue`). */
function unread(tables: string, { localPort, remotePort }: Socket): number {
  const [ours, theirs] = [`${hex(localPort)} [0-9A-F]+:${hex(remotePort)}`, `${hex(remotePort)} [0-9A-F]+:${hex(localPort)}`].map((ports) =>
    new RegExp(`:${ports} .. ([0-9A-F]{8}):([0-9A-F]{8})`).exec(tables),
  )
  return Number.parseInt(ours?.[1] ?? '0', 16) + Number.parseInt(theirs?.[2] ?? '0', 16)
}

function hex(port: number | undefined): string {
  return (port ?? 0).toString(16).toUpperCase().padStart(4, '0')
}
