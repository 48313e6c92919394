import {
  checkReleaseManifest,
  checkReleasePlan,
  checkStagingRecord,
  digestOf,
  GateError,
  type Origin,
  type PlannedRelease,
  type PlannedTarget,
  type ReleaseManifest,
  type ReleasePlan,
  type StagingRecord,
  UsageError,
} from '@stagegate/schema'
import { expectOptions } from '../contract/options.js'
import { originDifference } from '../identity/origin-difference.js'
import { findTarget } from '../plan.js'
import { refuseCollisions, refuseForeign, type SealOptions, sealed } from './sealing.js'

/** The options of `sealSupplement`. */
export interface SealSupplementOptions extends SealOptions {
  /** The optional target. */
  readonly target: string
}

/**
 * The late seal of an optional target, which the release did not wait for: a separate manifest that names the digest of the main one.
 *
 * @throws {DocumentError} as `seal` does, and an invalid main manifest
 * @throws {GateError} as `seal` does; a main manifest of another pipeline, or one that already has the target
 * @throws {UsageError} a target that the plan lacks, or that is not optional
 */
export function sealSupplement(
  givenPlan: ReleasePlan,
  givenMain: ReleaseManifest,
  givenRecords: readonly StagingRecord[],
  { target: id, now, ...options }: SealSupplementOptions,
): ReleaseManifest {
  expectOptions(options, 'origin')
  const plan = checkReleasePlan(givenPlan)
  const main = checkReleaseManifest(givenMain)
  const records = givenRecords.map((record, index) => checkStagingRecord(record, `records.${index}`))
  const origin = { ...options.origin, plan: digestOf(plan) }
  const { release, target } = findTarget(plan, id, main.release)
  expectSupplement(main, origin, release, target)
  const record = records.find((candidate) => candidate.target === id)
  if (record === undefined)
    throw new GateError({
      code: 'gate/not-staged',
      where: `the late seal of ${id}`,
      what: 'it was not staged',
      next: `Run ${target.jobs.stage} first; other jobs do not wait for it.`,
    })
  refuseForeign(record, { origin, release, now })
  const targets = [sealed(target, record, origin.pipelineKind, main.version)]
  refuseCollisions([...main.targets, ...targets])
  const { apiVersion, kind, version } = main
  return {
    apiVersion,
    kind,
    origin,
    release: release.id,
    version,
    targets,
    absent: [],
    supplements: digestOf(main),
    sealedAt: now,
    expiresAt: main.expiresAt < record.expiresAt ? main.expiresAt : record.expiresAt,
  }
}

/** Refuses a target that is not optional or sealed already, and a manifest of another pipeline. */
function expectSupplement(main: ReleaseManifest, origin: Origin, release: PlannedRelease, target: PlannedTarget): void {
  const where = `the late seal of ${target.id}`
  if (!target.optional)
    throw new UsageError({
      code: 'usage/target',
      where,
      what: 'the target is not optional',
      next: `${release.jobs.seal} seals it with the other targets.`,
    })
  const different = originDifference(main.origin, origin)
  if (different !== undefined)
    throw new GateError({
      code: 'gate/manifest',
      where,
      what: `the manifest that it adds to was sealed for ${different}`,
      next: 'Run it in the pipeline of that manifest.',
    })
  if (main.targets.some((sealedTarget) => sealedTarget.target === target.id))
    throw new GateError({
      code: 'gate/sealed-before',
      where,
      what: 'the manifest already has the target',
      next: 'There is nothing to add.',
    })
}
