import type { PackageCoordinates } from '@stagegate/schema'
import type { PackageRow } from './wire.js'

/**
 * Whether a package in the repository takes the place of these coordinates: then an upload would be refused, so it counts as present,
 * whatever its bytes are.
 *
 * The server takes the file's name from the package, not from the upload, and a name is unique per distribution. So the place is taken by a
 * package with the same file name, with the name that the server would give ours, or with the same identity. If a field is missing, the
 * answer is yes, since an absent package would be sent again.
 */
export function occupies(row: PackageRow, at: PackageCoordinates): boolean {
  if (row.distro_version !== at.distribution) return false
  return fileNames(at).includes(row.filename) || sameIdentity(row, at)
}

/** The file's name as it was built, and as the server derives it; often the same. */
export function fileNames(at: PackageCoordinates): readonly string[] {
  return [...new Set([at.file, derivedFile(at)])]
}

/** `name_version_arch.deb`, `name-version-release.arch.rpm`: neither has the epoch (Debian policy, deb(5); rpm's _rpmfilename). */
function derivedFile({ format, name, version, architecture }: PackageCoordinates): string {
  const plain = withoutEpoch(version)
  return format === 'deb' ? `${name}_${plain}_${architecture}.deb` : `${name}-${plain}.${architecture}.rpm`
}

function sameIdentity(row: PackageRow, at: PackageCoordinates): boolean {
  if (row.type !== at.format || row.name !== at.name || row.architecture !== at.architecture || row.version === undefined) return false
  // `version` may be the upstream version alone, with a separate release, or all of it.
  const versions = [row.version, ...(row.release === undefined ? [] : [`${row.version}-${row.release}`])].map(withoutEpoch)
  return (
    versions.includes(withoutEpoch(at.version)) &&
    (row.epoch === undefined || epochOf(at.version) === undefined || row.epoch === epochOf(at.version))
  )
}

function withoutEpoch(version: string): string {
  return version.replace(/^\d+:/, '')
}

function epochOf(version: string): string | undefined {
  return /^(\d+):/.exec(version)?.[1]
}
