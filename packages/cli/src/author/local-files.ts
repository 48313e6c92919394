import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import type { ReadLocal } from '@stagegate/sdk'

/** Reads the files that a pipeline includes with `local`, only from the project's folder. */
export function localFiles(folder: string): ReadLocal {
  const read = (path: string) => {
    const file = resolve(folder, path)
    if (relative(folder, file).split(sep)[0] === '..') return undefined
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(error.code))) return undefined
      throw error
    }
  }
  return Object.assign(read, { list: () => yamlFilesIn(folder) })
}

/** Every YAML file of a project, from its folder. Links are not followed. */
function yamlFilesIn(folder: string, below = ''): readonly string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name)
    if (entry.isDirectory()) return ['.git', 'node_modules'].includes(entry.name) ? [] : yamlFilesIn(folder, path)
    return entry.isFile() && /\.ya?ml$/.test(entry.name) ? [path.split(sep).join('/')] : []
  })
}
