import { realpath, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { makeFolder, systemCode } from '@stagegate/uploader/gitlab'
import { replaceText } from '../job/write-whole.js'
import { systemWords } from '../system-error.js'

/**
 * Writes a file completely or not at all, at the target of a link; a device or a pipe is written to, and never replaced.
 * @throws {UsageError} it cannot be written
 */
export async function writeText(path: string, text: string): Promise<void> {
  try {
    await makeFolder(dirname(path))
    const place = await realpath(path).catch(() => path)
    const found = await stat(place).catch(() => undefined)
    await (found === undefined || found.isFile() ? replaceText(place, text) : writeFile(place, text))
  } catch (cause) {
    const code = systemCode(cause)
    if (code === undefined) throw cause
    throw new UsageError({ code: 'usage/unwritable', where: path, what: `it cannot be written: ${systemWords(code)}`, cause })
  }
}
