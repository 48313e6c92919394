import type { Instant, Sha256 } from './atoms.js'
import type { JobDocument } from './document.js'

/** Who approved which manifest, if one click publishes the whole release. */
export interface Approval extends JobDocument<'Approval'> {
  /** The digest of the manifest that was approved. */
  readonly manifest: Sha256
  /** The release's id in the plan. */
  readonly release: string
  /** The user name of the person who started the job. */
  readonly by: string
  /** When it was approved, by the job's clock. */
  readonly approvedAt: Instant
}
