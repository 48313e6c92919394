// node --import ./die-at.mjs COMMAND: sends the process a signal right before its Nth step of I/O, so that a test can crash or
// cancel it everywhere. N is DIE_AT, the signal DIE_BY (SIGKILL unless said otherwise). A process that ends by itself writes
// to the file DIE_COUNT how many steps it took, and how many milliseconds since the signal.
import fs, { writeFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'

const { DIE_AT, DIE_BY = 'SIGKILL', DIE_COUNT } = process.env
const dieAt = Number(DIE_AT)
let steps = 0
let signalledAt

function stepwise(owner, names) {
  for (const name of names) {
    const original = owner[name]
    owner[name] = function (...words) {
      if (++steps === dieAt) {
        signalledAt = performance.now()
        process.kill(process.pid, DIE_BY)
      }
      return original.apply(this, words)
    }
  }
}

const handle = await promises.open('/dev/null')
stepwise(Object.getPrototypeOf(handle), ['write', 'sync', 'close', 'read', 'createReadStream'])
await handle.close()
steps = 0
stepwise(promises, ['open', 'link', 'unlink', 'rm', 'rename', 'mkdir', 'writeFile', 'readFile', 'lstat', 'realpath'])
stepwise(fs, ['open', 'read', 'close'])
stepwise(Socket.prototype, ['connect', 'write', 'end', 'destroy'])
syncBuiltinESMExports()
if (DIE_COUNT) {
  process.on('exit', () => {
    const since = signalledAt === undefined ? undefined : Math.round(performance.now() - signalledAt)
    writeFileSync(DIE_COUNT, JSON.stringify({ steps, since }))
  })
}
