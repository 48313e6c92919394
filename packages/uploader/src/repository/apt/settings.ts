import type { PackageCoordinates } from '@stagegate/schema'
import { type ByDistribution, oneFor } from '../indexed/by-distribution.js'

/** How a repository for apt is arranged. */
export interface AptSettings {
  /** The folder of the store that it starts at. @default the store's own */
  readonly path?: string | undefined
  /** The suite of all packages, or that of each distribution. @default the distribution's second part: `jammy` */
  readonly suite?: ByDistribution | undefined
  /** @default main */
  readonly component?: string | undefined
  /** Architectures that a new suite has an index for, whatever it lists. @default amd64 and arm64 */
  readonly architectures?: readonly string[] | undefined
  /** Whether a file lies under its own name, or under its digest. @default names */
  readonly pool?: 'names' | 'digests' | undefined
  /** Who the packages come from, as clients pin it. It never changes. @default none */
  readonly origin?: string | undefined
  /** Their kind, as clients pin it. It never changes. @default none */
  readonly label?: string | undefined
  /** One line for people. @default none */
  readonly description?: string | undefined
  /** Whether indices also exist under plain names, for mirrors and old clients. @default true */
  readonly plainNames?: boolean | undefined
}

/** The suite of an artifact. */
export function suiteOf(at: PackageCoordinates, { suite }: AptSettings): string {
  return oneFor(at, suite, at.distribution.slice(at.distribution.indexOf('/') + 1))
}
