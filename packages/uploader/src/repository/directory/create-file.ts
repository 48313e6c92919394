import { randomBytes } from 'node:crypto'
import { link, mkdir, open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'

/**
 * Creates a file whole, or not at all: a temporary name, fsync, then a hard link to the final name, which unlike rename
 * never replaces. Returns false when the name is taken. A crash leaves at most a `.part` file.
 */
export async function createFile(path: string, content: Readable, beforeVisible?: () => Promise<void>): Promise<boolean> {
  const part = await writePart(path, content)
  try {
    await beforeVisible?.()
    await link(part, path)
    await syncFolder(dirname(path))
    return true
  } catch (error) {
    if (isTaken(error)) return false
    throw error
  } finally {
    await unlink(part)
  }
}

/** Writes a small file whole, over whatever was there. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const part = await writePart(path, [Buffer.from(text)])
  await rename(part, path)
  await syncFolder(dirname(path))
}

async function writePart(path: string, content: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  const part = join(dirname(path), `.${basename(path).slice(0, 200)}.${randomBytes(6).toString('hex')}.part`)
  const file = await open(part, 'wx')
  try {
    for await (const chunk of content) await writeAll(file, chunk)
    await file.sync()
  } catch (error) {
    await unlink(part)
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

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
