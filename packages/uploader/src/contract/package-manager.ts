import type { Content, PackageCoordinates } from '@stagegate/schema'
import type { Call } from './capabilities.js'
import type { PackageSource } from './package-source.js'

/** The package managers that can read repositories back. */
export type PackageManagerName = 'apt' | 'dnf'

/** The result of a download by a package manager. A throw means "unknown". */
export type Brought =
  /** A package that fits its index. */
  | { readonly got: 'package'; readonly content: Content }
  /** It accepted the index, which does not list the package. */
  | { readonly got: 'nothing' }
  /** It refused the index or the package; with its own message. */
  | { readonly got: 'refusal'; readonly words: string }

/** A package manager's view of one source. */
export interface PackageClient {
  /** Downloads a package and checks it as the package manager does. Each package is read with a fresh index. */
  fetch(at: PackageCoordinates, call: Call): Promise<Brought>
  /** Removes everything that it left on this machine. */
  close(): Promise<void>
}

/** A package manager of this machine. It touches nothing of the machine's own sources, caches, keys and settings. */
export interface PackageManager {
  /** `apt` or `dnf`. */
  readonly name: PackageManagerName
  /** @throws {UsageError} it is not installed on this machine */
  expectHere(): Promise<void>
  /** @param architectures of all packages that will be fetched */
  open(source: PackageSource, architectures: readonly string[]): PackageClient
}
