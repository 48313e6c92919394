import { realpath } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import type { Coordinates } from '@stagegate/schema'

/** Where an artifact lies below the directory: `ubuntu/jammy/acme_1.2.3_amd64.deb`. Coordinates hold no `..` (their grammar says so). */
export function pathOf(at: Coordinates): string {
  return at.format === 'file' ? at.path : `${at.distribution}/${at.file}`
}

/** Where its digest lies, in the form that `sha256sum --check` reads from the directory's root. */
export function indexPathOf(path: string): string {
  return `.sha256/${path}`
}

/**
 * The absolute path of something below the root. A symbolic link that leads out of the root is refused.
 * @throws {Error} when it is not below the root
 */
export async function below(root: string, path: string): Promise<string> {
  const absolute = resolve(root, path)
  if (!absolute.startsWith(resolve(root) + sep)) throw new Error(`Expected a path below the repository's directory, got ${path}`)
  const [realRoot, realParent] = await Promise.all([real(resolve(root)), real(dirname(absolute))])
  if (realParent !== realRoot && !realParent.startsWith(realRoot + sep))
    throw new Error(`A symbolic link leads out of the repository's directory at ${path}`)
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
