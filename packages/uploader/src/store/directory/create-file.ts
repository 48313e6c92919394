import { randomBytes } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { namedTrouble } from '../../contract/disk-trouble.js'
import { makeFolder } from '../../make-folder.js'
import { isExisting } from './below.js'

/** The bytes of a file, piece by piece. */
export type Chunks = AsyncIterable<Buffer> | Iterable<Buffer>

/** How a file is made. */
export interface CreateFileOptions {
  /** Called when all of it is written, before it gets its name; if it throws, nothing is left behind. */
  readonly beforeVisible?: (() => Promise<void>) | undefined
  /** Whether everybody may read it, whatever the umask is: a web server's user, above all. @default false */
  readonly forEverybody?: boolean | undefined
}

/**
 * Creates a file completely, or not at all: a temporary name, fsync, then a hard link to the final name, which unlike rename never
 * replaces. Returns false if the name is taken. A crash leaves at most a `.part` file.
 */
export async function createFile(path: string, content: Chunks, { beforeVisible, forEverybody }: CreateFileOptions = {}): Promise<boolean> {
  const part = await writePart(path, content, forEverybody)
  try {
    await beforeVisible?.()
    if (!(await onDisk(path, linkNew(part, path)))) return false
    await onDisk(path, syncFolder(dirname(path)))
    return true
  } finally {
    await rm(part, { force: true })
  }
}

/** Gives a file one more name. False: somebody has it. */
export async function linkNew(file: string, name: string): Promise<boolean> {
  try {
    await link(file, name)
    return true
  } catch (error) {
    if (isExisting(error)) return false
    throw error
  }
}

/** Writes a complete file over any existing one; if the content errors, the old file stays. */
export async function replaceFile(
  path: string,
  content: Chunks,
  { forEverybody }: Pick<CreateFileOptions, 'forEverybody'> = {},
): Promise<void> {
  const part = await writePart(path, content, forEverybody)
  try {
    await onDisk(path, rename(part, path))
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** Writes a file next to the place of another one, and returns its name. It is on the disk when this ends. */
export async function writePart(path: string, content: Chunks, forEverybody = false): Promise<string> {
  await onDisk(path, makeFolder(dirname(path), forEverybody))
  const part = join(dirname(path), `.${basename(path).slice(0, 200)}.${randomBytes(6).toString('hex')}.part`)
  const file = await onDisk(path, open(part, 'wx'))
  try {
    if (forEverybody) await file.chmod(0o644)
    for await (const chunk of content) await onDisk(path, writeAll(file, chunk))
    await onDisk(path, file.sync())
  } catch (error) {
    await rm(part, { force: true })
    throw error
  } finally {
    await file.close()
  }
  return part
}

/** A step of writing. The system does not name the file that it could not write. */
async function onDisk<T>(path: string, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    throw namedTrouble(error, path)
  }
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, chunk: Buffer): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten
}

/** Without this a power cut can lose the new name although the file itself was synced. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
