import { realpath } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { StagegateError } from '@stagegate/schema'

/**
 * The absolute path of something below the root. A symbolic link that leads out of the root is refused.
 * @throws {StagegateError} when it is not below the root
 */
export async function below(root: string, path: string): Promise<string> {
  const absolute = resolve(root, path)
  if (!absolute.startsWith(resolve(root) + sep))
    throw new StagegateError({
      code: 'directory/outside',
      what: "it is not below the repository's directory",
      where: absolute,
      final: true,
    })
  const [realRoot, realParent] = await Promise.all([real(resolve(root)), real(dirname(absolute))])
  if (realParent !== realRoot && !realParent.startsWith(realRoot + sep))
    throw new StagegateError({
      code: 'directory/outside',
      what: `a symbolic link leads out of the repository's directory ${root}`,
      where: absolute,
      next: 'Remove the link. Stagegate does not read or write through it.',
      final: true,
    })
  return absolute
}

/** The real path of the nearest folder that exists. */
async function real(path: string): Promise<string> {
  for (let folder = path, rest = ''; ; ) {
    try {
      return (await realpath(folder)) + rest
    } catch (error) {
      if (!isMissing(error) || dirname(folder) === folder) throw error
      rest = folder.slice(dirname(folder).length) + rest
      folder = dirname(folder)
    }
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

export function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
