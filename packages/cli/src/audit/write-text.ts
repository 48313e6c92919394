import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { replaceText } from '../job/write-whole.js'
import { systemCode, systemWords } from '../system-error.js'

/** @throws {UsageError} the place cannot be written to */
export async function writeText(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await replaceText(path, text)
  } catch (cause) {
    const code = systemCode(cause)
    if (code === undefined) throw cause
    throw new UsageError({ code: 'usage/unwritable', where: path, what: `it cannot be written: ${systemWords(code)}`, cause })
  }
}
