import { constants, type Stats } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { isMissing } from './below.js'

/**
 * Opens a file to be read; `undefined` if there is none.
 * @param expectFit throws unless it is a regular file that may be read
 */
export async function openRegular(path: string, signal: AbortSignal, expectFit: (found: Stats) => void): Promise<Readable | undefined> {
  try {
    expectFit(await lstat(path))
    // In case it has changed since: no link is followed, and no named pipe is waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    return file.createReadStream({ signal, highWaterMark: 256 * 1024 })
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
