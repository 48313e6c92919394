import type { PackageCoordinates } from '@stagegate/schema'
import { type ByDistribution, oneFor } from '../indexed/by-distribution.js'

/** How a repository for yum is arranged. */
export interface YumSettings {
  /** The folder of the store that it starts at. @default the store's own */
  readonly path?: string | undefined
  /** The folder of all packages, or that of each distribution. @default the distribution: `el/9` */
  readonly folder?: ByDistribution | undefined
  /** Whether a file lies under its own name, or under its digest. @default names */
  readonly pool?: 'names' | 'digests' | undefined
  /** Whether repomd.xml.asc is written, for clients with repo_gpgcheck. @default false */
  readonly indexSignature?: boolean | undefined
}

/** The folder of an artifact's distribution. */
export function folderOf(at: PackageCoordinates, { folder }: YumSettings): string {
  return oneFor(at, folder, at.distribution)
}
