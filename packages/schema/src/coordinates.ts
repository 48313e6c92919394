import * as v from 'valibot'
import { Bytes, Sha256 } from './atoms.js'

// These end up in URLs, paths and logs, so each is held to its format's own grammar. Packages from the wild obey them:
// Debian policy 5.6.1, 5.6.12 (names, versions); rpm-packages(7) of rpm 4.18 for the characters of name, version, release.
// `%3a` is an epoch's colon in a Debian file name; an encoded slash, backslash or dot could become a path on the way.
const file = v.pipe(
  v.string(),
  v.maxLength(255, 'a file name of at most 255 characters'),
  v.regex(/^(?!.*%(?:2[EeFf]|5[Cc]))[A-Za-z0-9_+][A-Za-z0-9._+~^:%@=-]*$/, 'a file name of letters, digits and ._+~^:%@=-'),
)
const distribution = v.pipe(
  v.string(),
  v.maxLength(128, 'a distribution of at most 128 characters'),
  v.regex(/^[a-z][a-z0-9_-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a distribution such as ubuntu/jammy or el/9'),
)
const architecture = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'an architecture such as amd64, x86_64, all'))
const name = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/, 'a package name'))
const version = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9.+:~^_-]{0,127}$/, 'a package version'))
// No part is `.`, `..` or empty.
const path = v.pipe(
  v.string(),
  v.maxLength(1024, 'a path of at most 1024 characters'),
  v.regex(
    /^(?!.*%(?:2[EeFf]|5[Cc]))(?!(?:.*\/)?\.{1,2}(?:\/|$))[A-Za-z0-9_+.][A-Za-z0-9._+~^:%@=-]*(?:\/[A-Za-z0-9._+~^:%@=-]+)*$/,
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
/** A plain file. */
const FileCoordinates = v.strictObject({ format: v.literal('file'), path })

/** Where an artifact is found; never which bytes it is. */
export const Coordinates = v.variant('format', [PackageCoordinates, FileCoordinates])
export type PackageCoordinates = v.InferOutput<typeof PackageCoordinates>
export type Coordinates = v.InferOutput<typeof Coordinates>

/** Which bytes an artifact must be. */
export const Content = v.strictObject({ sha256: Sha256, size: Bytes })
export type Content = Readonly<v.InferOutput<typeof Content>>

export const Distribution = distribution
export const Architecture = architecture

export function isDistribution(text: string): boolean {
  return v.is(Distribution, text)
}
export function isArchitecture(text: string): boolean {
  return v.is(Architecture, text)
}

/** One line for people: `acme_1.2.3_amd64.deb for ubuntu/jammy`. */
export function describeCoordinates(at: Coordinates): string {
  return at.format === 'file' ? at.path : `${at.file} for ${at.distribution}`
}

/** The name by which a person knows the artifact. */
export function fileOf(at: Coordinates): string {
  return at.format === 'file' ? at.path : at.file
}
