import { readFileSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import type { ReadLocal } from '@stagegate/sdk'

/** Reads the files that a pipeline includes with `local`: those of the project's folder, and no other. */
export function localFiles(folder: string): ReadLocal {
  return (path) => {
    const file = resolve(folder, path)
    if (relative(folder, file).split(sep)[0] === '..') return undefined
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(error.code))) return undefined
      throw error
    }
  }
}
