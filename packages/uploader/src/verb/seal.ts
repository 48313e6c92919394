import {
  describeCoordinates,
  digestOf,
  fileOf,
  GateError,
  type Instant,
  later,
  type Origin,
  type PlannedRelease,
  type PlannedTarget,
  type ReleaseManifest,
  type ReleasePlan,
  type SealedTarget,
  type StagingRecord,
  UsageError,
} from '@stagegate/schema'
import { originDifference } from '../identity/origin-difference.js'
import { tagsOf } from '../image/tags.js'
import { findRelease, findTarget } from '../plan.js'
import { versionOf } from '../version.js'
import { coordinatesAt } from './artifact.js'

export interface SealOptions {
  readonly origin: Origin
  readonly now: Instant
  /** Needed only where the plan has several releases. */
  readonly release?: string | undefined
  /** Where a kind's version comes from a variable. */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined
}

/**
 * Makes one manifest of all staging records of a pipeline: every target of the kind accounted for, every artifact's
 * destinations named. Pure; the order of the records does not matter.
 *
 * @throws {GateError} a record of another pipeline, commit or plan, or one that expired; two records for one target; a required target
 *   without a record; nothing at all; two artifacts for one place; a ref that is not of the kind
 * @throws {UsageError} a release or kind that the plan lacks; a kind without a version
 */
export function seal(plan: ReleasePlan, records: readonly StagingRecord[], options: SealOptions): ReleaseManifest {
  const { now } = options
  const origin = { ...options.origin, plan: digestOf(plan) }
  const release = findRelease(plan, options.release)
  const kind = plan.kinds[origin.pipelineKind]
  if (kind === undefined)
    throw new UsageError({
      code: 'usage/kind',
      what: `the plan has no kind ${origin.pipelineKind}`,
      next: `Its kinds are: ${Object.keys(plan.kinds).join(', ')}.`,
    })
  const version = versionOf(origin.pipelineKind, kind, origin.ref, options.variables ?? {})

  const byTarget = new Map<string, StagingRecord>()
  for (const record of records) {
    refuseForeign(record, origin, release, now)
    if (byTarget.has(record.target))
      throw new GateError({
        code: 'gate/record',
        what: `there are two staging records for ${record.target}`,
        next: 'Seal what one stage job staged: keep the record of its last run only.',
      })
    byTarget.set(record.target, record)
  }

  const expected = release.targets.filter(({ routes }) => routes[origin.pipelineKind]?.staging !== undefined)
  const targets: SealedTarget[] = []
  for (const target of expected) {
    const record = byTarget.get(target.id)
    if (record !== undefined) targets.push(sealed(target, record, origin.pipelineKind, version))
  }
  const missing = expected.filter(({ id, optional }) => !optional && !byTarget.has(id))
  if (missing.length > 0) {
    const jobs = missing.map(({ jobs }) => jobs.stage).join(', ')
    throw new GateError({
      code: 'gate/not-staged',
      what: `not staged: ${missing.map(({ id }) => id).join(', ')}`,
      next: `Nothing is sealed until these jobs have passed: ${jobs}.`,
    })
  }
  if (targets.length === 0)
    throw new GateError({
      code: 'gate/nothing',
      where: `${release.id} ${version}`,
      what: `there is nothing to seal: ${expected.length === 0 ? `no target is staged in the kind ${origin.pipelineKind}` : 'nothing was staged'}`,
      next: 'A release has at least one artifact. Run the stage jobs first.',
    })
  refuseCollisions(targets)

  const manifest: ReleaseManifest = {
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
  return manifest
}

export interface SealSupplementOptions extends SealOptions {
  /** The optional target. */
  readonly target: string
}

/**
 * The late seal of an optional target, which the release did not wait for: a manifest of its own that names the digest of
 * the one that it adds to.
 *
 * @throws {GateError} as `seal` does; a main manifest of another pipeline, or one that has the target already
 * @throws {UsageError} a target that the plan lacks, or that is not optional
 */
export function sealSupplement(
  plan: ReleasePlan,
  main: ReleaseManifest,
  records: readonly StagingRecord[],
  { target: id, now, ...options }: SealSupplementOptions,
): ReleaseManifest {
  const origin = { ...options.origin, plan: digestOf(plan) }
  const { release, target } = findTarget(plan, id, main.release)
  const where = `the late seal of ${id}`
  if (!target.optional)
    throw new UsageError({
      code: 'usage/target',
      where,
      what: 'the target is not optional',
      next: `It is sealed by ${release.jobs.seal}, with the others.`,
    })
  const different = originDifference(main.origin, origin)
  if (different !== undefined)
    throw new GateError({
      code: 'gate/manifest',
      where,
      what: `the manifest that it adds to was sealed for ${different}`,
      next: 'Run it in the pipeline of that manifest.',
    })
  if (main.targets.some((sealedTarget) => sealedTarget.target === id))
    throw new GateError({
      code: 'gate/sealed-before',
      where,
      what: 'the manifest has the target already',
      next: 'There is nothing to add.',
    })
  const record = records.find((candidate) => candidate.target === id)
  if (record === undefined)
    throw new GateError({
      code: 'gate/not-staged',
      where,
      what: 'it was not staged',
      next: `Run ${target.jobs.stage} first; the others do not wait for it.`,
    })
  refuseForeign(record, origin, release, now)
  const targets = [sealed(target, record, origin.pipelineKind, main.version)]
  refuseCollisions([...main.targets, ...targets])
  const { apiVersion, kind, version } = main
  const expiresAt = [main.expiresAt, record.expiresAt].reduce((a, b) => (a < b ? a : b))
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
    expiresAt,
  }
}

function refuseForeign(record: StagingRecord, origin: Origin, release: PlannedRelease, now: Instant): void {
  const where = `the staging record of ${record.target}`
  const different =
    record.release === release.id ? originDifference(record.origin, origin) : `the release ${record.release}, and this is ${release.id}`
  if (different !== undefined) {
    throw new GateError({ code: 'gate/record', where, what: `it is of ${different}`, next: 'Run its stage job again in this pipeline.' })
  }
  const target = release.targets.find(({ id }) => id === record.target)
  if (target?.routes[origin.pipelineKind]?.staging === undefined)
    throw new GateError({
      code: 'gate/record',
      where,
      what: target === undefined ? 'the plan has no such target' : `the plan does not stage it in the kind ${origin.pipelineKind}`,
      next: 'This record is not one of this release: find out which job left it here.',
    })
  if (record.expiresAt <= now)
    throw new GateError({ code: 'gate/expired', where, what: `it expired at ${record.expiresAt}`, next: 'Run its stage job again.' })
}

function sealed(target: PlannedTarget, record: StagingRecord, kind: string, version: string): SealedTarget {
  const route = target.routes[kind]
  const elsewhere = record.artifacts.find(({ repository }) => repository !== route?.staging)
  if (elsewhere !== undefined) {
    throw new GateError({
      code: 'gate/record',
      where: `the staging record of ${target.id}`,
      what: `${fileOf(elsewhere.coordinates)} lies in ${elsewhere.repository}, and the plan stages it in ${route?.staging}`,
      next: 'Run its stage job again in this pipeline.',
    })
  }
  const { what } = target
  return {
    target: target.id,
    record: digestOf(record),
    artifacts: record.artifacts,
    destinations: [...(route?.public ?? [])],
    ...(what.type === 'image' && { tags: [...tagsOf(what.tags, kind, version)] }),
  }
}

/** Two artifacts of one name for one distribution of one repository: whichever came second would be a conflict. */
function refuseCollisions(targets: readonly SealedTarget[]): void {
  const taken = new Map<string, string>()
  for (const { target, artifacts, destinations, tags } of targets) {
    for (const { coordinates } of artifacts) {
      for (const destination of destinations) {
        const at = coordinatesAt(coordinates, destination, tags)
        const place = `${describeCoordinates(at)} in ${destination.repository}`
        const first = taken.get(place)
        if (first !== undefined)
          throw new GateError({
            code: 'gate/collision',
            what: `${first} and ${target} both have ${place}`,
            next: 'Give one of them another version, revision or distribution.',
          })
        taken.set(place, target)
      }
    }
  }
}
