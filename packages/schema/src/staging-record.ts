import * as v from 'valibot'
import { Instant, Label } from './atoms.js'
import { Content, Coordinates } from './coordinates.js'
import { Origin } from './origin.js'

export const StagedArtifact = v.strictObject({
  coordinates: Coordinates,
  content: Content,
  /** The staging repository, by its name in the plan. */
  repository: Label,
  /** Where that repository keeps it; only the repository knows what it means. */
  location: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
})
export type StagedArtifact = v.InferOutput<typeof StagedArtifact>

/** The record of what one stage job staged. */
export const StagingRecord = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('StagingRecord'),
  origin: Origin,
  release: Label,
  target: Label,
  artifacts: v.pipe(v.array(StagedArtifact), v.minLength(1, 'at least one artifact')),
  /** For people: what is unusual about them, each one sentence. @default nothing */
  warnings: v.exactOptional(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(4096)))),
  stagedAt: Instant,
  /** Until when everything needed for the release is kept. */
  expiresAt: Instant,
})
export type StagingRecord = v.InferOutput<typeof StagingRecord>

/**
 * In the place of the staging record before the first byte is sent, and replaced by it: what a job was about to stage that did not end. It
 * is never sealed.
 */
export const StagingAttempt = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('StagingAttempt'),
  origin: Origin,
  release: Label,
  target: Label,
  repository: Label,
  /** Paths of what was built; of an image that was pushed, none. */
  files: v.array(v.string()),
  begunAt: Instant,
})
export type StagingAttempt = v.InferOutput<typeof StagingAttempt>
