import { randomBytes } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { makeFolder } from '../../make-folder.js'

type Chunks = AsyncIterable<Buffer> | Iterable<Buffer>

/**
 * Creates a file whole, or not at all: a temporary name, fsync, then a hard link to the final name, which unlike rename
 * never replaces. Returns false when the name is taken. A crash leaves at most a `.part` file.
 */
export async function createFile(path: string, content: Chunks, beforeVisible?: () => Promise<void>): Promise<boolean> {
  const part = await writePart(path, content)
  try {
    await beforeVisible?.()
    if (!(await linked(part, path))) return false
    await syncFolder(dirname(path))
    return true
  } finally {
    await rm(part, { force: true })
  }
}

async function linked(part: string, path: string): Promise<boolean> {
  try {
    await link(part, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Writes a file whole, over whatever was there; if the content errors, what was there stays. */
export async function replaceFile(path: string, content: Chunks): Promise<void> {
  const part = await writePart(path, content)
  try {
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

async function writePart(path: string, content: Chunks): Promise<string> {
  await makeFolder(dirname(path))
  const part = join(dirname(path), `.${basename(path).slice(0, 200)}.${randomBytes(6).toString('hex')}.part`)
  const file = await open(part, 'wx')
  try {
    for await (const chunk of content) await writeAll(file, chunk)
    await file.sync()
  } catch (error) {
    await rm(part, { force: true })
    throw error
  } finally {
    await file.close()
  }
  return part
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, chunk: Buffer): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten
}

/** Without this a power cut can forget the new name though the file itself was synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
