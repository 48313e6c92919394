import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StagegateError } from '@stagegate/schema'
import { below, isMissing } from '../store/directory/below.js'
import { createFile } from '../store/directory/create-file.js'
import type { Notes } from './notes.js'

/** Notes in a directory, one file each: created completely or not at all, never replaced. */
export function directoryNotes(root: string): Notes {
  const find = async (folder: string, file: string): Promise<string | undefined> => {
    try {
      return await readFile(await place(root, folder, file), 'utf8')
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }
  return {
    find,
    async keep(folder, file, text) {
      if (await createFile(await place(root, folder, file), [Buffer.from(text)])) return text
      const first = await find(folder, file)
      if (first === undefined)
        throw new StagegateError({ code: 'records/unreadable', what: 'an existing note has disappeared', where: join(root, folder, file) })
      return first
    },
  }
}

/**
 * The path of a note. Nothing is read or written through a symbolic link that leads out.
 * @throws {StagegateError} if a link leads out, or is there instead of the note
 */
async function place(root: string, folder: string, file: string): Promise<string> {
  const path = await below(root, join(folder, file))
  const found = await lstat(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error
  })
  if (found?.isSymbolicLink() !== true) return path
  throw new StagegateError({
    code: 'directory/outside',
    what: 'there is a symbolic link instead of a note',
    where: path,
    next: 'Remove the link. Stagegate does not read or write through it.',
  })
}
