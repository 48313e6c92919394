import {
  describeCoordinates,
  digestOf,
  fileOf,
  GateError,
  type Instant,
  type Origin,
  type PlannedRelease,
  type PlannedTarget,
  type SealedTarget,
  type StagingRecord,
} from '@stagegate/schema'
import { misplaced } from '../file/published-path.js'
import { originDifference } from '../identity/origin-difference.js'
import { tagsOf } from '../image/tags.js'
import { coordinatesAt } from './artifact.js'

/** The release that a seal is made for. */
export interface Sealing {
  readonly origin: Origin
  readonly release: PlannedRelease
  readonly now: Instant
}

/** The options of `seal`. */
export interface SealOptions {
  /** The job that seals. */
  readonly origin: Origin
  /** The time now, when the hold begins. */
  readonly now: Instant
  /** Needed only if the plan has several releases. */
  readonly release?: string | undefined
  /** The job's variables, for a kind whose version comes from one. */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined
}

/** @throws {GateError} a record of another pipeline, commit, release or plan, or an expired one */
export function refuseForeign(record: StagingRecord, { origin, release, now }: Sealing): void {
  const where = `the staging record of ${record.target}`
  const different =
    record.release === release.id ? originDifference(record.origin, origin) : `the release ${record.release}, but this is ${release.id}`
  if (different !== undefined) {
    throw new GateError({ code: 'gate/record', where, what: `it is of ${different}`, next: 'Run its stage job again in this pipeline.' })
  }
  const target = release.targets.find(({ id }) => id === record.target)
  if (target?.routes[origin.pipelineKind]?.staging === undefined)
    throw new GateError({
      code: 'gate/record',
      where,
      what: target === undefined ? 'the plan has no such target' : `the plan does not stage it in the kind ${origin.pipelineKind}`,
      next: 'This record does not belong to the release. Find out which job left it here.',
    })
  if (record.expiresAt <= now)
    throw new GateError({ code: 'gate/expired', where, what: `it expired at ${record.expiresAt}`, next: 'Run its stage job again.' })
}

export function sealed(target: PlannedTarget, record: StagingRecord, kind: string, version: string): SealedTarget {
  const route = target.routes[kind]
  const elsewhere = record.artifacts.find(({ repository }) => repository !== route?.staging)
  if (elsewhere !== undefined) {
    throw new GateError({
      code: 'gate/record',
      where: `the staging record of ${target.id}`,
      what: `${fileOf(elsewhere.coordinates)} is in ${elsewhere.repository}, but the plan stages it in ${route?.staging}`,
      next: 'Run its stage job again in this pipeline.',
    })
  }
  const { what } = target
  const astray = misplaced(what, version, record.artifacts)
  if (astray !== undefined)
    throw new GateError({
      code: 'gate/record',
      where: `the staging record of ${target.id}`,
      what: `${describeCoordinates(astray.coordinates)} is not where ${what.type === 'file' ? `the plan publishes its files of ${version}` : `an artifact of its kind is`}`,
      next: 'Run its stage job again in this pipeline, with the same variables.',
    })
  return {
    target: target.id,
    record: digestOf(record),
    artifacts: record.artifacts,
    destinations: [...(route?.public ?? [])],
    ...(what.type === 'image' && { tags: [...tagsOf(what, kind, version)] }),
  }
}

/** Refuses two artifacts with the same place in a repository: the second one would be a conflict. */
export function refuseCollisions(targets: readonly SealedTarget[]): void {
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
            next:
              at.format === 'file'
                ? 'Rename one of the files, or give one of the targets another path.'
                : 'Give one of them another version, revision or distribution.',
          })
        taken.set(place, target)
      }
    }
  }
}
