import { type Coordinates, fileOf, isPackage, type PackageCoordinates } from '@stagegate/schema'
import { unsupported } from '../unsupported.js'

/** The place of a file among the generic packages of a project. */
export interface Place {
  /** The package's name. */
  readonly name: string
  /** The package's version. */
  readonly version: string
  /** The file's name. */
  readonly file: string
}

/** Stands for a folder that a short path does not have. */
const none = '-'

/**
 * The place of an artifact: `acme/1.2.3/acme.tar.gz` is the file `acme.tar.gz` of acme 1.2.3, and a package for ubuntu/jammy is a file of
 * `acme_ubuntu_jammy`. Different coordinates of one format have different places.
 *
 * Letters, digits and `._+-` stay, since every GitLab accepts them; another character becomes its code between `+x` and `+`.
 *
 * @see https://docs.gitlab.com/user/packages/generic_packages/
 */
export function placeOf(at: Coordinates): Place {
  if (isPackage(at)) return placeOfPackage(at)
  if (at.format !== 'file')
    throw unsupported('generic packages hold packages and plain files, not images', 'Publish it to a registry.', fileOf(at))
  const parts = at.path.split('/')
  const folders = parts.slice(0, Math.min(2, parts.length - 1))
  const [name = none, version = none] = folders.map((folder) => (folder === none ? escaped(none) : sound(folder)))
  return { name: ours(name), version: withoutDots(version), file: sound(parts.slice(folders.length).join('/')) }
}

function placeOfPackage({ distribution, name, version, file }: PackageCoordinates): Place {
  const parts = [name, ...distribution.split('/')].map((part) => sound(part).replaceAll('_', escaped))
  return { name: ours(parts.join('_')), version: withoutDots(sound(version)), file: sound(file) }
}

/** A plus that could start the code of a character is encoded itself. */
function sound(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._+-]|\+(?=x[0-9a-f]{2}\+)/g, escaped)
}

/** GitLab refuses two dots in a row in a version. */
function withoutDots(version: string): string {
  return version.replaceAll(/(?<=\.)\./g, escaped)
}

/** Our own records have names with this prefix. */
function ours(name: string): string {
  return name.replace(/^s(?=tagegate-)/, escaped)
}

function escaped(character: string): string {
  return `+x${character.charCodeAt(0).toString(16).padStart(2, '0')}+`
}
