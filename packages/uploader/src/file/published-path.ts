import { isFileName, isPackage, type PlannedFiles, type PlannedTarget, type StagedArtifact, UsageError } from '@stagegate/schema'
import { named } from '../contract/shown.js'

/**
 * The folder in which a version's files are published: `acme/1.2.3` for `acme/{version}`.
 * @throws {UsageError} a version that cannot be a part of a path
 */
export function publishedFolder({ path }: Pick<PlannedFiles, 'path'>, version: string): string {
  const parts = path.split('/').map((part) => part.replaceAll('{version}', version))
  if (parts.every(isFileName)) return parts.join('/')
  throw new UsageError({
    code: 'usage/file-path',
    what: `the version ${named(version)} is not valid in the path ${path}`,
    next: 'Use only letters, digits and ._+~^@=- in the version, or leave {version} out of the path.',
  })
}

/**
 * Where a file of a version is published.
 * @param from its path in the job, for messages
 * @throws {UsageError} a name that is none for a download; a path that every version would have
 */
export function publishedPath(what: Pick<PlannedFiles, 'path'>, version: string, { name, from }: { name: string; from: string }): string {
  if (!isFileName(name))
    throw new UsageError({
      code: 'usage/file-name',
      where: from,
      what: `${name.startsWith('.') ? 'it is hidden' : 'its name has characters other than letters, digits and ._+~^@=-, or begins with one of .~^@=-'}, so it is not published`,
      next: 'Let the build give it another name, or narrow the target’s files. Nothing was staged.',
    })
  const path = `${publishedFolder(what, version)}/${name}`
  if (what.path.includes('{version}') || name.includes(version)) return path
  throw new UsageError({
    code: 'usage/file-path',
    where: from,
    what: `it would be published as ${path} in every version, but Stagegate never replaces a public file`,
    next: 'Put {version} into the path of its target, or put the version into the file’s name. Nothing was staged.',
  })
}

/** An artifact that is none of its target's, or lies where the target's are not published. */
export function misplaced(what: PlannedTarget['what'], version: string, artifacts: readonly StagedArtifact[]): StagedArtifact | undefined {
  if (what.type !== 'file')
    return artifacts.find(({ coordinates: at }) => (what.type === 'package' ? !isPackage(at) : at.format !== 'image'))
  const folder = `${publishedFolder(what, version)}/`
  return artifacts.find(
    ({ coordinates: at }) => !(at.format === 'file' && at.path.startsWith(folder) && isFileName(at.path.slice(folder.length))),
  )
}
