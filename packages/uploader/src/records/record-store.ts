import type { ReleaseManifest } from '@stagegate/schema'

/** Keeps the manifest of each version of a product. Each version has one, and it never changes. */
export interface RecordStore {
  /** The manifest recorded for this product and version; with a target, that target's supplement. */
  find(release: string, version: string, supplement?: string | undefined): Promise<ReleaseManifest | undefined>
  /** Records a manifest unless one already exists. Returns the one that is recorded afterwards. */
  record(manifest: ReleaseManifest): Promise<ReleaseManifest>
}

/** The target that a supplement is for; `undefined` for the manifest of the release. */
export function supplementOf({ supplements, targets }: ReleaseManifest): string | undefined {
  return supplements === undefined ? undefined : targets[0]?.target
}
