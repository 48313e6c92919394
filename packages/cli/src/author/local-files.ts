import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
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

/** The project's folder if no option names it: the working directory, or the checkout of a file outside it. */
export function projectFolderOf(file: string): string {
  const folder = dirname(resolve(file))
  const isBelow = relative('.', folder).split(sep)[0] !== '..'
  return isBelow ? '.' : relative('.', checkoutOf(folder) ?? folder)
}

/** The top of the checkout that a folder is in. */
export function checkoutOf(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder
  const above = dirname(folder)
  return above === folder ? undefined : checkoutOf(above)
}

/** Every YAML file of a project, from its folder. Links are not followed. */
function yamlFilesIn(folder: string, below = ''): readonly string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name)
    if (entry.isDirectory()) return ['.git', 'node_modules'].includes(entry.name) ? [] : yamlFilesIn(folder, path)
    return entry.isFile() && /\.ya?ml$/.test(entry.name) ? [path.split(sep).join('/')] : []
  })
}
