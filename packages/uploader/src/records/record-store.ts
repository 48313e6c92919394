import type { ReleaseManifest } from '@stagegate/schema'

/** Which manifest a version of a product has. There is one for each, and it never changes. */
export interface RecordStore {
  /** The manifest recorded for this product and version. */
  find(release: string, version: string): Promise<ReleaseManifest | undefined>
  /** Records a manifest unless one is there already. Returns the one that is recorded afterwards. */
  record(manifest: ReleaseManifest): Promise<ReleaseManifest>
}
