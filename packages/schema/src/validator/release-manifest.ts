import * as v from 'valibot'
import { Instant, Label, Sha256 } from './atoms.js'
import { SealedTag } from './image.js'
import { Origin } from './origin.js'
import { PlannedDestination } from './release-plan.js'
import { StagedArtifact } from './staging-record.js'

export const SealedTarget = v.strictObject({
  target: Label,
  record: Sha256,
  artifacts: v.pipe(v.array(StagedArtifact), v.minLength(1, 'at least one artifact')),
  destinations: v.array(PlannedDestination),
  tags: v.exactOptional(v.array(SealedTag)),
})

export const ReleaseManifest = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('ReleaseManifest'),
  origin: Origin,
  release: Label,
  version: Label,
  targets: v.pipe(v.array(SealedTarget), v.minLength(1, 'at least one target')),
  absent: v.array(v.strictObject({ target: Label, because: v.literal('optional-not-staged') })),
  supplements: v.exactOptional(Sha256),
  sealedAt: Instant,
  expiresAt: Instant,
})
