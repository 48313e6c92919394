import * as v from 'valibot'
import { Instant, Label, Sha256 } from './atoms.js'
import { SealedTag } from './image.js'
import { Origin } from './origin.js'
import { PlannedDestination } from './release-plan.js'
import { StagedArtifact } from './staging-record.js'

export const SealedTarget = v.strictObject({
  target: Label,
  /** The digest of the staging record that this was sealed from. */
  record: Sha256,
  artifacts: v.pipe(v.array(StagedArtifact), v.minLength(1, 'at least one artifact')),
  destinations: v.array(PlannedDestination),
  /** For an image: the tags that it gets at each destination. */
  tags: v.exactOptional(v.array(SealedTag)),
})
export type SealedTarget = v.InferOutput<typeof SealedTarget>

/** All staging records of one pipeline and where each artifact is to go: the list that a person approves. */
export const ReleaseManifest = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('ReleaseManifest'),
  origin: Origin,
  release: Label,
  version: Label,
  targets: v.pipe(v.array(SealedTarget), v.minLength(1, 'at least one target')),
  absent: v.array(v.strictObject({ target: Label, because: v.literal('optional-not-staged') })),
  /** In the late seal of an optional target: the digest of the manifest that it adds to. */
  supplements: v.exactOptional(Sha256),
  sealedAt: Instant,
  expiresAt: Instant,
})
export type ReleaseManifest = v.InferOutput<typeof ReleaseManifest>
