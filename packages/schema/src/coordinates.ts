import * as v from 'valibot'
import { Bytes, Sha256 } from './atoms.js'
import { ImageCoordinates, PartCoordinates } from './image.js'

// These end up in URLs, paths and logs, so each is held to its format's own grammar. Packages from the wild obey them:
// Debian policy 5.6.1, 5.6.12 (names, versions); rpm-packages(7) of rpm 4.18 for the characters of name, version, release.
// `%3a` is an epoch's colon in a Debian file name. A colon itself could make a scheme of what stands before it (RFC 3986, 4.2); and of
// all that can be encoded, only what may stand in a name anyway is let through, for it may be decoded on the way.
const file = v.pipe(
  v.string(),
  v.maxLength(255, 'a file name of at most 255 characters'),
  v.regex(/^[A-Za-z0-9_+](?:[A-Za-z0-9._+~^@=-]|%(?:2[Bb]|3[Aa]|7[Ee]))*$/, 'a file name of letters, digits, ._+~^@=- and %3a'),
)
const distribution = v.pipe(
  v.string(),
  v.maxLength(128, 'a distribution of at most 128 characters'),
  v.regex(/^[a-z][a-z0-9_-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a distribution such as ubuntu/jammy or el/9'),
)
const architecture = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'an architecture such as amd64, x86_64, all'))
const name = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$/, 'a package name'))
const version = v.pipe(v.string(), v.regex(/^(?:\d{1,10}:)?[A-Za-z0-9][A-Za-z0-9.+~^_-]{0,127}$/, 'a package version'))
// No part is `.`, `..` or empty.
const path = v.pipe(
  v.string(),
  v.maxLength(1024, 'a path of at most 1024 characters'),
  v.regex(
    /^(?!(?:.*\/)?\.{1,2}(?:\/|$))(?=[A-Za-z0-9_+.])(?:(?:[A-Za-z0-9._+~^@=-]|%(?:2[Bb]|3[Aa]|7[Ee]))+(?:\/(?!$)|$))+$/,
    'a relative path without .. and without special characters',
  ),
)

/** A Linux package: where it is found in a repository. `version` is complete: with epoch (if any) and release. */
export const PackageCoordinates = v.strictObject({
  format: v.picklist(['deb', 'rpm']),
  distribution,
  architecture,
  name,
  version,
  file,
})
/** A plain file, by its whole path below the repository's root: `acme/1.2.3/acme-linux-amd64.tar.gz`. */
const FileCoordinates = v.strictObject({ format: v.literal('file'), path })

/** Where an artifact is found; never which bytes it is. */
export const Coordinates = v.variant('format', [PackageCoordinates, FileCoordinates, ImageCoordinates, PartCoordinates])
export type PackageCoordinates = v.InferOutput<typeof PackageCoordinates>
export type Coordinates = v.InferOutput<typeof Coordinates>

export function isCoordinates(value: unknown): value is Coordinates {
  return v.is(Coordinates, value)
}

/** The bytes that an artifact must have. */
export const Content = v.strictObject({ sha256: Sha256, size: Bytes })
export type Content = Readonly<v.InferOutput<typeof Content>>

export const Distribution = distribution
export const Architecture = architecture

/** The name of a file, without folders: letters, digits and `._+~^@=-`, of which it begins with a letter, a digit, `_` or `+`. */
export function isFileName(text: string): boolean {
  return v.is(file, text)
}
export function isDistribution(text: string): boolean {
  return v.is(Distribution, text)
}
export function isArchitecture(text: string): boolean {
  return v.is(Architecture, text)
}

/** One line for people: `acme_1.2.3_amd64.deb for ubuntu/jammy`. */
export function describeCoordinates(at: Coordinates): string {
  return isPackage(at) ? `${at.file} for ${at.distribution}` : fileOf(at)
}

/** The name by which a person knows the artifact. */
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

export function isPackage(at: Coordinates): at is PackageCoordinates {
  return at.format === 'deb' || at.format === 'rpm'
}
