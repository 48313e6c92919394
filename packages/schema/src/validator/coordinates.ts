import * as v from 'valibot'
import { Bytes, Sha256 } from './atoms.js'
import { ImageCoordinates, PartCoordinates } from './image.js'

// These end up in URLs, paths and logs, so each is held to its format's own grammar. Packages from the wild obey them:
// Debian policy 5.6.1, 5.6.12 (names, versions); rpm-packages(7) of rpm 4.18 for the characters of name, version, release.
// `%3a` is an epoch's colon in a Debian file name. A colon itself could make a scheme of what stands before it (RFC 3986, 4.2); and of
// all that can be encoded, only what may stand in a name anyway is let through, for it may be decoded on the way.
export const FileName = v.pipe(
  v.string(),
  v.maxLength(255, 'a file name of at most 255 characters'),
  v.regex(/^[A-Za-z0-9_+](?:[A-Za-z0-9._+~^@=-]|%(?:2[Bb]|3[Aa]|7[Ee]))*$/, 'a file name of letters, digits, ._+~^@=- and %3a'),
)
export const Distribution = v.pipe(
  v.string(),
  v.maxLength(128, 'a distribution of at most 128 characters'),
  v.regex(/^[a-z][a-z0-9_-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a distribution such as ubuntu/jammy or el/9'),
)
export const Architecture = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'an architecture such as amd64, x86_64, all'))
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

export const PackageCoordinates = v.strictObject({
  format: v.picklist(['deb', 'rpm']),
  distribution: Distribution,
  architecture: Architecture,
  name,
  version,
  file: FileName,
})
const FileCoordinates = v.strictObject({ format: v.literal('file'), path })

export const Coordinates = v.variant('format', [PackageCoordinates, FileCoordinates, ImageCoordinates, PartCoordinates])

export const Content = v.strictObject({ sha256: Sha256, size: Bytes })
