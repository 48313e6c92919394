import type { Content, PackageCoordinates } from '@stagegate/schema'
import type { Call } from './capabilities.js'

/** The package managers that can read repositories back. */
export type PackageManagerName = 'apt' | 'dnf'

/** How another program reaches a server. */
export interface Reach {
  /** The authorities that it trusts, as PEM. */
  readonly ca: string
  /** The proxy, with its account in it. @default the server is reached directly */
  readonly proxy?: URL | undefined
}

/** A suite, as a line of `sources.list` names it. */
export interface AptSource {
  readonly manager: 'apt'
  /** Where the tree begins: `https://packages.example/debian`, `file:///srv/debian`. */
  readonly url: string
  /** `bookworm` */
  readonly suite: string
  /** `main` */
  readonly component: string
  /** Certificates of the keys that may sign it, as armoured texts one after another. */
  readonly certificates: string
  /** How its server is reached. */
  readonly reach: Reach
}

/** A folder with `repodata`, as a `.repo` file names it. */
export interface DnfSource {
  readonly manager: 'dnf'
  /** The folder: `https://packages.example/rpm/el/9`. */
  readonly url: string
  /** Certificates of the keys that may sign `repomd.xml.asc`. @default there is no such file, so dnf checks no signature */
  readonly certificates?: string | undefined
  /** How its server is reached. */
  readonly reach: Reach
}

/** Where a package manager finds packages, and which keys it trusts there. It has no credential. */
export type PackageSource = AptSource | DnfSource

/** A repository that package managers read. */
export interface Installable {
  /**
   * Where they find the package with these coordinates.
   * @throws {StagegateError} `usage/package-manager`: no package manager can read it
   */
  sourceOf(at: PackageCoordinates, call: Call): Promise<PackageSource>
}

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
