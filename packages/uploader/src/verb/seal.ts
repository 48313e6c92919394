import {
  checkReleasePlan,
  checkStagingRecord,
  digestOf,
  GateError,
  later,
  type PlannedRelease,
  type PlannedTarget,
  type ReleaseManifest,
  type ReleasePlan,
  type SealedTarget,
  type StagingRecord,
  UsageError,
} from '@stagegate/schema'
import { expectOptions } from '../contract/options.js'
import { findRelease } from '../plan.js'
import { versionOf } from '../version.js'
import { refuseCollisions, refuseForeign, type Sealing, type SealOptions, sealed } from './sealing.js'

/**
 * Makes one manifest of all staging records of a pipeline. Every target of the kind is accounted for, and every artifact has its
 * destinations. Pure; the order of the records does not matter.
 *
 * @throws {DocumentError} an invalid plan or record
 * @throws {GateError} a record of another pipeline, commit or plan, or an expired one; two records for one target; a required target
 *   without a record; nothing at all; two artifacts with the same place; a ref that is not of the kind
 * @throws {UsageError} a release or kind that the plan lacks; a kind without a version
 */
export function seal(givenPlan: ReleasePlan, givenRecords: readonly StagingRecord[], options: SealOptions): ReleaseManifest {
  expectOptions(options, 'origin')
  const plan = checkReleasePlan(givenPlan)
  if (!Array.isArray(givenRecords)) throw noRecords()
  const records = givenRecords.map((record, index) => checkStagingRecord(record, `records.${index}`))
  const { now } = options
  const origin = { ...options.origin, plan: digestOf(plan) }
  const release = findRelease(plan, options.release)
  const version = versionIn(plan, { ...options, origin })
  const byTarget = recordsByTarget(records, { origin, release, now })
  const expected = release.targets.filter(({ routes }) => routes[origin.pipelineKind]?.staging !== undefined)
  const targets = expected.flatMap((target): SealedTarget[] => {
    const record = byTarget.get(target.id)
    return record === undefined ? [] : [sealed(target, record, origin.pipelineKind, version)]
  })
  refuseMissing(expected.filter(({ id, optional }) => !optional && !byTarget.has(id)))
  if (targets.length === 0) throw nothingToSeal(release, version, expected.length === 0 ? origin.pipelineKind : undefined)
  refuseCollisions(targets)
  return {
    apiVersion: 'stagegate/v1',
    kind: 'ReleaseManifest',
    origin,
    release: release.id,
    version,
    targets,
    absent: expected.filter(({ id }) => !byTarget.has(id)).map(({ id }) => ({ target: id, because: 'optional-not-staged' as const })),
    sealedAt: now,
    expiresAt: [later(now, release.hold), ...records.map(({ expiresAt }) => expiresAt)].reduce((a, b) => (a < b ? a : b)),
  }
}

function versionIn({ kinds }: ReleasePlan, { origin, variables }: SealOptions): string {
  const kind = kinds[origin.pipelineKind]
  if (kind === undefined)
    throw new UsageError({
      code: 'usage/kind',
      what: `the plan has no kind ${origin.pipelineKind}`,
      next: `Its kinds are: ${Object.keys(kinds).join(', ')}.`,
    })
  return versionOf(origin.pipelineKind, kind, origin.ref, variables ?? {})
}

function noRecords(): UsageError {
  return new UsageError({
    code: 'usage/options',
    what: 'the records are not a list of staging records',
    next: 'Pass what stage() returned for each target. Nothing was done.',
  })
}

function recordsByTarget(records: readonly StagingRecord[], sealing: Sealing): ReadonlyMap<string, StagingRecord> {
  const byTarget = new Map<string, StagingRecord>()
  for (const record of records) {
    refuseForeign(record, sealing)
    if (byTarget.has(record.target))
      throw new GateError({
        code: 'gate/record',
        what: `there are two staging records for ${record.target}`,
        next: 'Keep only the record of the stage job’s last run.',
      })
    byTarget.set(record.target, record)
  }
  return byTarget
}

function refuseMissing(missing: readonly PlannedTarget[]): void {
  if (missing.length === 0) return
  throw new GateError({
    code: 'gate/not-staged',
    what: `not staged: ${missing.map(({ id }) => id).join(', ')}`,
    next: `Nothing was sealed. These jobs must pass first: ${missing.map(({ jobs }) => jobs.stage).join(', ')}.`,
  })
}

function nothingToSeal(release: PlannedRelease, version: string, emptyKind: string | undefined): GateError {
  return new GateError({
    code: 'gate/nothing',
    where: `${release.id} ${version}`,
    what: `there is nothing to seal: ${emptyKind === undefined ? 'nothing was staged' : `no target is staged in the kind ${emptyKind}`}`,
    next: 'A release has at least one artifact. Run the stage jobs first.',
  })
}
