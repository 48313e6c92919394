import type { PerKind } from './kinds.js'

/** A package in the metadata of a repository. */
export interface YumPackage {
  /** The checksum of its file, which identifies it in the three documents. */
  readonly checksum: Checksum
  readonly name: string
  /** `0` if there is none. */
  readonly epoch: string
  readonly version: string
  readonly release: string
  /** `src` for source packages. */
  readonly arch: string
  /** The path of its file, from the folder above `repodata`, unless `base` names another place. */
  readonly href: string
  readonly base: string | undefined
  /** The size of its file, in bytes. */
  readonly size: number | undefined
  /** Its `<package>` element in each of the documents. */
  readonly elements: PerKind<Uint8Array>
}

export interface Checksum {
  /** The name in rpm-md: `sha256`, `sha512`, `sha` for SHA-1. */
  readonly type: string
  /** In lower-case hexadecimal digits. */
  readonly value: string
}
