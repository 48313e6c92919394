import * as v from 'valibot'
import { Instant, Label } from './atoms.js'
import { Content, Coordinates } from './coordinates.js'
import { Origin } from './origin.js'

export const StagedArtifact = v.strictObject({
  coordinates: Coordinates,
  content: Content,
  repository: Label,
  location: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
})

export const StagingRecord = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('StagingRecord'),
  origin: Origin,
  release: Label,
  target: Label,
  artifacts: v.pipe(v.array(StagedArtifact), v.minLength(1, 'at least one artifact')),
  warnings: v.exactOptional(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(4096)))),
  stagedAt: Instant,
  expiresAt: Instant,
})

export const StagingAttempt = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('StagingAttempt'),
  origin: Origin,
  release: Label,
  target: Label,
  repository: Label,
  files: v.array(v.string()),
  begunAt: Instant,
})
