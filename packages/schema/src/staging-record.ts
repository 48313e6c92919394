import type { Instant } from './atoms.js'
import type { Content, Coordinates } from './coordinates.js'
import type { JobDocument } from './document.js'

/** An artifact in staging. */
export interface StagedArtifact {
  /** Where it is to be found, in staging and in public. */
  readonly coordinates: Coordinates
  /** The bytes that it has. */
  readonly content: Content
  /** The staging repository, by its name in the plan. */
  readonly repository: string
  /** Where that repository keeps it, at most 4096 characters; only the repository knows what it means. */
  readonly location: string
}

/** The record of what one stage job staged. */
export interface StagingRecord extends JobDocument<'StagingRecord'> {
  /** The release's id in the plan. */
  readonly release: string
  /** The target's id in the plan. */
  readonly target: string
  /** At least one. */
  readonly artifacts: readonly StagedArtifact[]
  /** For people: what is unusual about them, each one sentence. @default nothing */
  readonly warnings?: readonly string[]
  /** When staging had everything. */
  readonly stagedAt: Instant
  /** Until when everything needed for the release is kept. */
  readonly expiresAt: Instant
}

/**
 * In the place of the staging record before the first byte is sent, and replaced by it: what a job was about to stage that did not end. It
 * is never sealed.
 */
export interface StagingAttempt extends JobDocument<'StagingAttempt'> {
  /** The release's id in the plan. */
  readonly release: string
  /** The target's id in the plan. */
  readonly target: string
  /** The staging repository, by its name in the plan. */
  readonly repository: string
  /** Paths of what was built; of an image that was pushed, none. */
  readonly files: readonly string[]
  /** When the job began. */
  readonly begunAt: Instant
}
