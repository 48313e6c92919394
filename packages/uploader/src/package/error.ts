import { StagegateError } from '@stagegate/schema'

/** The sorts of files that are not taken for packages. */
export type PackageErrorCode =
  /** It cannot be opened or read, or it is no file. */
  | 'package/unreadable'
  /** Neither a .deb nor an .rpm, whatever its name says. */
  | 'package/not-a-package'
  /** It begins like a package, and then breaks its format's rules. */
  | 'package/malformed'
  /** A part of it is larger than any real package's. */
  | 'package/too-large'
  /** Well-formed, but packed in a way that is not read here. */
  | 'package/unsupported'

/** The parts of a `PackageError`. */
export interface PackageErrorParts {
  /** The sort of failure. */
  readonly code: PackageErrorCode
  /** The path of the file. */
  readonly file: string
  /** The rule, as a noun: `a .deb or .rpm package`. */
  readonly expected: string
  /** The file's way of breaking it. */
  readonly seen: string
  /** @default advice for the code */
  readonly next?: string | undefined
  /** The error that led to it. @default none */
  readonly cause?: unknown
}

/** A file that is not a package as apt or dnf would read it. It must not be staged. */
export class PackageError extends StagegateError {
  /** The sort of failure. */
  declare readonly code: PackageErrorCode
  /** The path of the file. */
  readonly file: string
  /** The rule, as a noun: `a .deb or .rpm package`. */
  readonly expected: string
  /** The file's way of breaking it. */
  readonly seen: string

  constructor({ code, file, expected, seen, next = advice[code], cause }: PackageErrorParts) {
    super({ code, what: `expected ${expected}, found ${seen}`, where: file, next, cause })
    this.file = file
    this.expected = expected
    this.seen = seen
  }
}

export function malformed(file: string, expected: string, seen: string, cause?: unknown): PackageError {
  return new PackageError({ code: 'package/malformed', file, expected, seen, cause })
}

export function tooLarge(file: string, expected: string, seen: string): PackageError {
  return new PackageError({ code: 'package/too-large', file, expected, seen })
}

const advice: Readonly<Record<PackageErrorCode, string>> = {
  'package/unreadable': 'Check that the build created the package there.',
  'package/not-a-package':
    'Exclude it with a narrower pattern. To release a file of another kind in a pipeline, use a FileTarget. If it should be a package, build it again.',
  'package/malformed': 'Build the package again with dpkg-deb or rpmbuild. If it was copied, check that the copy is complete.',
  'package/too-large': 'Build the package again with dpkg-deb or rpmbuild, which never write such a file.',
  'package/unsupported': 'Build it with a control archive that is uncompressed or compressed with gzip, xz or zstd (dpkg-deb -Zxz).',
}
