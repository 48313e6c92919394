import type { PackageCoordinates } from '@stagegate/schema'

/** How a repository for yum is arranged. */
export interface YumSettings {
  /** The folder of the store that it begins at. @default the store's own */
  readonly path?: string | undefined
  /** The folder of all packages, or that of each distribution. @default the distribution: `el/9` */
  readonly folder?: string | Readonly<Record<string, string>> | undefined
  /** Whether a file lies under its own name, or under its digest. @default names */
  readonly pool?: 'names' | 'digests' | undefined
  /** Whether repomd.xml.asc is written, for clients with repo_gpgcheck. @default false */
  readonly indexSignature?: boolean | undefined
}

/** The folder of an artifact's distribution. */
export function folderOf({ distribution }: PackageCoordinates, { folder }: YumSettings): string {
  if (typeof folder === 'string') return folder
  return folder !== undefined && Object.hasOwn(folder, distribution) ? (folder[distribution] ?? distribution) : distribution
}
