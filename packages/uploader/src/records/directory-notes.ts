import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StagegateError } from '@stagegate/schema'
import { createFile } from '../repository/directory/create-file.js'
import { isMissing } from '../repository/directory/path.js'
import type { Notes } from './notes.js'

/** Notes in a directory, each a file: created whole or not at all, never replaced. */
export function directoryNotes(root: string): Notes {
  const find = async (folder: string, file: string): Promise<string | undefined> => {
    try {
      return await readFile(join(root, folder, file), 'utf8')
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }
  return {
    find,
    async keep(folder, file, text) {
      if (await createFile(join(root, folder, file), [Buffer.from(text)])) return text
      const first = await find(folder, file)
      if (first === undefined)
        throw new StagegateError({ code: 'records/unreadable', what: 'a note that was there is gone', where: join(root, folder, file) })
      return first
    },
  }
}
