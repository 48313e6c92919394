import { type Coordinates, fileOf, isPackage, UsageError } from '@stagegate/schema'

const indexFolder = '.sha256'

/**
 * The path of an artifact below the directory: `ubuntu/jammy/acme_1.2.3_amd64.deb`. Coordinates contain no `..` (their grammar excludes
 * it).
 * @throws {UsageError} a plain file in the place of the index
 */
export function pathOf(at: Coordinates): string {
  if (isPackage(at)) return `${at.distribution}/${at.file}`
  if (at.format !== 'file')
    throw new UsageError({
      code: 'usage/path',
      what: 'a directory repository accepts packages and files, not images',
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

/** The path of its digest, in the form that `sha256sum --check` reads from the directory's root. */
export function indexPathOf(path: string): string {
  return `${indexFolder}/${path}`
}
