import { describeRef, digestOf, GateError, type Instant, type Origin, type ReleaseManifest, type Sha256 } from '@stagegate/schema'
import { originDifference } from '../identity/origin-difference.js'
import { type RecordStore, supplementOf } from '../records/record-store.js'

/** A manifest on its way to the public: who asks, when, and with which seal. */
export interface Admission {
  /** The job that wants to publish. */
  readonly origin: Origin
  /** The time now, which is compared with the hold. */
  readonly now: Instant
  /** The digest that a person approved, if one was given. */
  readonly approved?: Sha256 | undefined
  /** Where `seal` recorded the manifest of this version. */
  readonly records?: RecordStore | undefined
}

/**
 * Lets a manifest through only to the pipeline that it was sealed for, unaltered, and within its hold.
 * @throws {GateError} otherwise
 */
export async function admit(manifest: ReleaseManifest, { origin, now, approved, records }: Admission): Promise<void> {
  expectOrigin(manifest, origin)
  const digest = digestOf(manifest)
  if (approved !== undefined && approved !== digest) throw altered(manifest, 'the approved one', approved)
  const recorded = await records?.find(manifest.release, manifest.version, supplementOf(manifest))
  if (records !== undefined && recorded === undefined) throw notRecorded(manifest)
  if (recorded !== undefined && digestOf(recorded) !== digest) throw altered(manifest, 'the sealed one', digestOf(recorded))
  if (records !== undefined && manifest.supplements !== undefined) {
    const main = await records.find(manifest.release, manifest.version)
    if (main === undefined || digestOf(main) !== manifest.supplements) throw altered(manifest, 'what it adds to', manifest.supplements)
  }
  if (manifest.expiresAt <= now) {
    throw new GateError({
      code: 'gate/expired',
      where: describe(manifest),
      what: `its hold ended at ${manifest.expiresAt}`,
      next: 'Stage and seal the release again in a new pipeline, under a new version.',
    })
  }
}

function altered(manifest: ReleaseManifest, from: string, expected: Sha256): GateError {
  return new GateError({
    code: 'gate/altered',
    where: describe(manifest),
    what: `its digest is ${digestOf(manifest)}, but the digest of ${from} is ${expected}`,
    next: 'It is not the approved list. Nothing was published.',
  })
}

function notRecorded(manifest: ReleaseManifest): GateError {
  return new GateError({
    code: 'gate/not-sealed',
    where: describe(manifest),
    what: `no seal is recorded for this version, although this manifest was sealed at ${manifest.sealedAt}`,
    next: 'The seal job records a manifest before it writes the file, so somebody deleted the record. Find out who. Then run the seal job again.',
  })
}

/** @throws {GateError} if the manifest was sealed for a different pipeline than this job's */
export function expectOrigin(manifest: ReleaseManifest, origin: Origin): void {
  const different = originDifference(manifest.origin, origin)
  if (different === undefined) return
  throw new GateError({
    code: 'gate/manifest',
    where: describe(manifest),
    what: `it was sealed for ${different}`,
    next: 'The seal job was retried or erased, or this is not its pipeline. Nothing was published.',
  })
}

function describe({ release, version }: ReleaseManifest): string {
  return `the release manifest of ${release} ${version}`
}

/**
 * Records a manifest for its version. A retried seal of the same staged artifacts gets the first one back.
 * @throws {GateError} if the version was sealed with other artifacts, or by another pipeline
 */
export async function recordSeal(manifest: ReleaseManifest, records: RecordStore): Promise<ReleaseManifest> {
  const recorded = await records.record(manifest)
  if (digestOf(substance(recorded)) === digestOf(substance(manifest))) return recorded
  throw new GateError({
    code: 'gate/sealed-before',
    where: `${manifest.release} ${manifest.version}`,
    what: `it was already sealed as ${digestOf(recorded)} at ${recorded.sealedAt}, by pipeline ${recorded.origin.pipeline} for ${describeRef(recorded.origin.ref)} at ${recorded.origin.commit}, ${difference(manifest, recorded)}`,
    next: adviceFor(manifest, recorded),
  })
}

function adviceFor({ origin }: ReleaseManifest, recorded: ReleaseManifest): string {
  if (origin.pipeline !== recorded.origin.pipeline || origin.rehearsal)
    return 'A version has exactly one manifest. Publish the sealed one from its own pipeline, or release these artifacts under a new version.'
  return [
    `The record is from this pipeline, and all of its jobs can write there. Look for ${digestOf(recorded)} in the logs of its seal jobs.`,
    'If a log shows it, the stage jobs have run again since then: release their artifacts under a new version.',
    'If no log shows it, another job forged the record: find out which one. A maintainer can delete the record in Deploy > Package registry.',
  ].join('\n')
}

/**
 * Refuses a manifest whose own record is gone or different.
 * @throws {GateError} in that case
 */
export async function expectRecorded(manifest: ReleaseManifest, records: RecordStore): Promise<void> {
  const recorded = await records.find(manifest.release, manifest.version, supplementOf(manifest))
  if (recorded === undefined) throw notRecorded(manifest)
  if (digestOf(recorded) !== digestOf(manifest)) throw altered(manifest, 'the sealed one', digestOf(recorded))
}

function difference(manifest: ReleaseManifest, recorded: ReleaseManifest): string {
  const artifacts = ({ targets }: ReleaseManifest) => digestOf(targets.flatMap((target) => target.artifacts))
  return artifacts(manifest) === artifacts(recorded) ? 'with the same artifacts' : 'with other artifacts'
}

/** The content of a manifest without its time and the job's attempt. */
function substance({ origin, targets, absent, release, version, supplements }: ReleaseManifest): unknown {
  const { job: _, ...same } = origin
  return { origin: same, release, version, supplements, absent, targets: targets.map(({ record: _record, ...target }) => target) }
}
