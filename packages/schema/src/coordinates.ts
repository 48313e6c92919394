import * as v from 'valibot'
import type { Bytes, Sha256 } from './atoms.js'
import type { ImageCoordinates, PartCoordinates } from './image.js'
import * as coordinates from './validator/coordinates.js'

/** A Linux package: where it is found in a repository. */
export interface PackageCoordinates {
  /** The format of the package. */
  readonly format: 'deb' | 'rpm'
  /** System and release: `ubuntu/jammy`, `el/9`. */
  readonly distribution: string
  /** As in the package: `amd64`, `x86_64`, `all`. */
  readonly architecture: string
  /** The package's own name; the file name may differ. */
  readonly name: string
  /** The complete version: with the epoch, if there is one, and the release: `1:2.3-4.el9`. */
  readonly version: string
  /** The name of the file in the repository, without folders. */
  readonly file: string
}

/** A plain file. */
export interface FileCoordinates {
  readonly format: 'file'
  /** The whole path below the repository's root: `acme/1.2.3/acme-linux-amd64.tar.gz`. */
  readonly path: string
}

/** Where an artifact is found; never which bytes it is. `format` tells packages, plain files, images and their parts apart. */
export type Coordinates = PackageCoordinates | FileCoordinates | ImageCoordinates | PartCoordinates

/** The bytes that an artifact must have. */
export interface Content {
  /** The digest of all bytes. */
  readonly sha256: Sha256
  /** The length in bytes. */
  readonly size: Bytes
}

/** Whether a value is coordinates as documents have them. */
export function isCoordinates(value: unknown): value is Coordinates {
  return v.is(coordinates.Coordinates, value)
}

/** The name of a file, without folders: letters, digits and `._+~^@=-`, of which it begins with a letter, a digit, `_` or `+`. */
export function isFileName(text: string): boolean {
  return v.is(coordinates.FileName, text)
}

/** Whether a text is a distribution such as `ubuntu/jammy`. */
export function isDistribution(text: string): boolean {
  return v.is(coordinates.Distribution, text)
}

/** Whether a text is an architecture such as `amd64`. */
export function isArchitecture(text: string): boolean {
  return v.is(coordinates.Architecture, text)
}

/** One line for people: `acme_1.2.3_amd64.deb for ubuntu/jammy`. */
export function describeCoordinates(at: Coordinates): string {
  return isPackage(at) ? `${at.file} for ${at.distribution}` : fileOf(at)
}

/** The name by which a person knows the artifact: a package's file, a file's path, `image:tag`, or `image@sha256:…`. */
export function fileOf(at: Coordinates): string {
  switch (at.format) {
    case 'file':
      return at.path
    case 'image':
      return `${at.image}:${at.tag}`
    case 'blob':
    case 'manifest':
      return `${at.image}@sha256:${at.digest}`
    default:
      return at.file
  }
}

/** Whether the coordinates are those of a .deb or .rpm. */
export function isPackage(at: Coordinates): at is PackageCoordinates {
  return at.format === 'deb' || at.format === 'rpm'
}
