import {
  digestOf,
  holdMargin,
  type Instant,
  later,
  type Origin,
  type PlannedRelease,
  type PlannedTarget,
  type ReleasePlan,
  type StagedArtifact,
  type StagingAttempt,
  type StagingRecord,
} from '@stagegate/schema'
import type { KnownOptions } from '../contract/options.js'
import { type Ports, portOptions } from '../ports.js'
import type { BuiltImage } from '../repository/oci/built-image.js'

/** The options of `stage`. */
export interface StageOptions extends Ports {
  /** The target's id in the plan. */
  readonly target: string
  /** Needed only if several releases have a target with that id. */
  readonly release?: string | undefined
  /** Paths of the built packages, or plain files. */
  readonly files: readonly string[]
  /** The job that stages. */
  readonly origin: Origin
  /**
   * The job's variables, for a kind whose version comes from one. Without them plain files cannot be staged, and the versions of packages
   * are not checked.
   */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined
  /** Where the image is, if the build left it as an OCI layout. @default the build has pushed it to staging */
  readonly built?: BuiltImage | undefined
  /** The image's tag in staging. @default one of this commit and pipeline */
  readonly tag?: string | undefined
  /** Called once the built files are sound, before staging is asked. It is awaited; an error that it throws ends the run. */
  readonly onBegin?: ((attempt: StagingAttempt) => Promise<void>) | undefined
}

export const stageOptions = {
  ...portOptions,
  repositories: 'needed',
  origin: 'needed',
  target: 'needed',
  files: 'needed',
  release: 'optional',
  variables: 'optional',
  built: 'optional',
  tag: 'optional',
  onBegin: 'optional',
} as const satisfies KnownOptions & Record<keyof StageOptions, unknown>

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

export function recordOf(
  { plan, options, release, target }: Staging,
  { artifacts, warnings = [] }: { readonly artifacts: StagedArtifact[]; readonly warnings?: readonly string[] },
  stagedAt: Instant,
): StagingRecord {
  return {
    apiVersion: 'stagegate/v1',
    kind: 'StagingRecord',
    origin: { ...options.origin, plan: digestOf(plan) },
    release: release.id,
    target: target.id,
    artifacts,
    ...(warnings.length > 0 && { warnings: [...warnings] }),
    stagedAt,
    expiresAt: later(stagedAt, release.hold + holdMargin),
  }
}
