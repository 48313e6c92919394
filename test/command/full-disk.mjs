// node --import ./full-disk.mjs COMMAND: below .stagegate the disk is full after so many files, FULL_AFTER.
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

let left = Number(process.env.FULL_AFTER)
const original = promises.writeFile
promises.writeFile = async (path, ...words) => {
  if (String(path).includes('/.stagegate/') && left-- <= 0)
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' })
  return original(path, ...words)
}
syncBuiltinESMExports()
