import type { Instant, Sha256 } from './atoms.js'
import type { JobDocument } from './document.js'
import type { SealedTag } from './image.js'
import type { PlannedDestination } from './release-plan.js'
import type { StagedArtifact } from './staging-record.js'

/** One target's artifacts, and where they are to go. */
export interface SealedTarget {
  /** The target's id in the plan. */
  readonly target: string
  /** The digest of the staging record that this was sealed from. */
  readonly record: Sha256
  /** At least one. */
  readonly artifacts: readonly StagedArtifact[]
  /** The places that get each artifact. */
  readonly destinations: readonly PlannedDestination[]
  /** For an image: the tags that it gets at each destination. */
  readonly tags?: readonly SealedTag[]
}

/** All staging records of one pipeline and where each artifact is to go: the list that a person approves. */
export interface ReleaseManifest extends JobDocument<'ReleaseManifest'> {
  /** The release's id in the plan. */
  readonly release: string
  /** The version that is released. */
  readonly version: string
  /** At least one. */
  readonly targets: readonly SealedTarget[]
  /** Targets that are left out, and why they may be. */
  readonly absent: readonly { readonly target: string; readonly because: 'optional-not-staged' }[]
  /** In the late seal of an optional target: the digest of the manifest that it adds to. */
  readonly supplements?: Sha256
  /** When it was sealed. The hold begins here. */
  readonly sealedAt: Instant
  /** The end of the hold. Nothing is published from this manifest later. */
  readonly expiresAt: Instant
}
