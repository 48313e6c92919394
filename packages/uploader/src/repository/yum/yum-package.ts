import type { PerKind } from './kinds.js'

/** A package in the metadata of a repository. */
export interface YumPackage {
  /** The checksum of its file, by which the three documents know it. */
  readonly checksum: Checksum
  readonly name: string
  /** `0` where there is none. */
  readonly epoch: string
  readonly version: string
  readonly release: string
  /** `src` for source packages. */
  readonly arch: string
  /** The path of its file, from the folder above `repodata`, unless `base` says another place. */
  readonly href: string
  readonly base: string | undefined
  /** The size of its file, in bytes. */
  readonly size: number | undefined
  /** Its `<package>` element in each of the documents. */
  readonly elements: PerKind<Uint8Array>
}

export interface Checksum {
  /** As rpm-md calls it: `sha256`, `sha512`, `sha` for SHA-1. */
  readonly type: string
  /** In lower-case hexadecimal digits. */
  readonly value: string
}
