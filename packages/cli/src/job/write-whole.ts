import { randomBytes } from 'node:crypto'
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { isStagegateError, jobFolder, StagegateError, UsageError } from '@stagegate/schema'
import { canPass, makeFolder, systemCode } from '@stagegate/uploader/gitlab'
import { systemWords } from '../system-error.js'

/**
 * Writes a file completely or not at all, so a killed job leaves no half-written one. Each write has its own temporary name, since others
 * may write to the same path.
 * @throws {UsageError} it cannot be written; {StagegateError} it cannot be written now
 */
export function writeWhole(path: string, text: string): Promise<void> {
  return within(path, () => replaceText(path, text))
}

/** Replaces the text of a file, completely or not at all: a full disk does not destroy the old one. */
export async function replaceText(path: string, text: string): Promise<void> {
  const part = join(dirname(resolve(path)), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`)
  try {
    await writeFile(part, text, { flag: 'wx' })
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined)
    throw error
  }
}

/**
 * Checks that a file can be written, before anything is done that it should record.
 * @throws as `writeWhole`
 */
export function provePlace(path: string): Promise<void> {
  return within(path, async (folder) => {
    const found = await stat(path).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error
    })
    if (found?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR', syscall: 'rename' })
    const part = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.part`)
    try {
      await writeFile(part, ' '.repeat(4096), { flag: 'wx' })
    } finally {
      await rm(part, { force: true }).catch(() => undefined)
    }
  })
}

async function within(path: string, write: (folder: string) => Promise<void>): Promise<void> {
  try {
    const folder = dirname(resolve(path))
    for (let attempt = 1; ; attempt++) {
      try {
        await refuseWayOut(path)
        await makeFolder(folder)
        return await write(folder)
      } catch (error) {
        // A runner that starts another job in the same folder empties it.
        if (systemCode(error) !== 'ENOENT' || attempt === 2) throw error
      }
    }
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

/** @throws {UsageError} a symbolic link leads out of the job's folder, where its documents are */
async function refuseWayOut(path: string): Promise<void> {
  if (isAbsolute(path)) return
  const here = await realpath('.')
  const folder = await nearest(dirname(resolve(path)))
  if (folder === here || folder.startsWith(here + sep)) return
  throw new UsageError({
    code: 'usage/unwritable',
    where: `${path} cannot be written`,
    what: `a symbolic link leads out of the job’s folder, to ${folder}`,
    next: `Remove the link: a job writes its documents only below ${jobFolder}. Nothing was done.`,
  })
}

/** The real path of the nearest folder that exists. */
async function nearest(folder: string): Promise<string> {
  try {
    return await realpath(folder)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(folder) === folder) throw error
    return nearest(dirname(folder))
  }
}

function unwritable(path: string, cause: unknown): unknown {
  const code = systemCode(cause)
  if (code === undefined) return cause
  const parts = { where: `${path} cannot be written`, what: systemWords(code), cause }
  if (canPass(code))
    return new StagegateError({ code: 'place/unwritable', ...parts, next: 'Free some disk space, then run the job again.' })
  const next = `A job writes its documents below ${jobFolder}, which must be its own, writable folder. Nothing was done.`
  return new UsageError({ code: 'usage/unwritable', ...parts, next })
}

/**
 * Writes the document of completed work; `done` describes that work. A failed write does not undo it.
 * @returns the error of a failed write; running the job again writes the document
 */
export async function writeAfterwards(done: string, document: string, write: () => Promise<void>): Promise<StagegateError | undefined> {
  try {
    await write()
    return undefined
  } catch (cause) {
    if (!isStagegateError(cause)) throw cause
    return new StagegateError({
      code: 'place/unwritten',
      what: `${done}, but the ${document} could not be written. ${cause.where}: ${cause.what}`,
      next: 'Run the job again: it repeats nothing, and writes the document.',
      cause,
    })
  }
}
