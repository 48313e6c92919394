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
