import { realpath } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { type Coordinates, fileOf, isPackage, StagegateError, UsageError } from '@stagegate/schema'

const indexFolder = '.sha256'

/**
 * Where an artifact lies below the directory: `ubuntu/jammy/acme_1.2.3_amd64.deb`. Coordinates hold no `..` (their grammar says so).
 * @throws {UsageError} a plain file in the place of the index
 */
export function pathOf(at: Coordinates): string {
  if (isPackage(at)) return `${at.distribution}/${at.file}`
  if (at.format !== 'file')
    throw new UsageError({
      code: 'usage/path',
      what: 'a directory repository takes packages and files, not images',
      where: fileOf(at),
      next: 'Publish the image to a registry, or to an oci-layout.',
    })
  if (at.path === indexFolder || at.path.startsWith(`${indexFolder}/`))
    throw new UsageError({
      code: 'usage/path',
      what: `${indexFolder}/ is where a directory repository keeps its index`,
      where: at.path,
      next: 'Publish the file under another path.',
    })
  return at.path
}

/** Where its digest lies, in the form that `sha256sum --check` reads from the directory's root. */
export function indexPathOf(path: string): string {
  return `${indexFolder}/${path}`
}

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
      next: 'Remove the link. Nothing is read or written through it.',
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
