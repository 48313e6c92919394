import {
  digestOf,
  holdMargin,
  type Instant,
  later,
  type PlannedRelease,
  type PlannedTarget,
  type ReleasePlan,
  type StagedArtifact,
  type StagingAttempt,
  type StagingRecord,
} from '@stagegate/schema'
import type { StageOptions } from './stage.js'

/** One target on its way to its staging repository. */
export interface Staging {
  readonly plan: ReleasePlan
  readonly options: StageOptions
  readonly release: PlannedRelease
  readonly target: PlannedTarget
  /** By the plan's name. */
  readonly repository: string
}

export function attemptOf({ plan, options, release, target, repository }: Staging, begunAt: Instant): StagingAttempt {
  const { origin, built, files } = options
  return {
    apiVersion: 'stagegate/v1',
    kind: 'StagingAttempt',
    origin: { ...origin, plan: digestOf(plan) },
    release: release.id,
    target: target.id,
    repository,
    files: built === undefined ? [...files] : [built.from],
    begunAt,
  }
}

export function recordOf({ plan, options, release, target }: Staging, artifacts: StagedArtifact[], stagedAt: Instant): StagingRecord {
  return {
    apiVersion: 'stagegate/v1',
    kind: 'StagingRecord',
    origin: { ...options.origin, plan: digestOf(plan) },
    release: release.id,
    target: target.id,
    artifacts,
    stagedAt,
    expiresAt: later(stagedAt, release.hold + holdMargin),
  }
}
