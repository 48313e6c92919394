// node --import ./die-at.mjs COMMAND: ends the process with SIGKILL right before its Nth step of I/O, so that a test can
// crash it everywhere. N is DIE_AT; the steps of a whole run are written to the file DIE_COUNT.
import fs, { writeFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'

const dieAt = Number(process.env.DIE_AT)
let steps = 0

function stepwise(owner, names) {
  for (const name of names) {
    const original = owner[name]
    owner[name] = function (...words) {
      if (++steps === dieAt) process.kill(process.pid, 'SIGKILL')
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
if (process.env.DIE_COUNT) process.on('exit', () => writeFileSync(process.env.DIE_COUNT, String(steps)))
