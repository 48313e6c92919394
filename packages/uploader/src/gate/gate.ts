import { describeRef, digestOf, GateError, type Instant, type Origin, type ReleaseManifest, type Sha256 } from '@stagegate/schema'
import { originDifference } from '../identity/origin-difference.js'
import { type RecordStore, supplementOf } from '../records/record-store.js'

export interface Admission {
  /** The job that wants to publish. */
  readonly origin: Origin
  readonly now: Instant
  /** The digest that a person approved, where one was given. */
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
  const where = describe(manifest)
  const digest = digestOf(manifest)
  const altered = (from: string, expected: Sha256) =>
    new GateError({
      code: 'gate/altered',
      where,
      what: `its digest is ${digest}, and ${from} is ${expected}`,
      next: 'It is not the list that was approved. Nothing was published.',
    })
  if (approved !== undefined && approved !== digest) throw altered('the approved one', approved)
  const recorded = await records?.find(manifest.release, manifest.version, supplementOf(manifest))
  if (records !== undefined && recorded === undefined) {
    throw new GateError({
      code: 'gate/not-sealed',
      where,
      what: 'no seal is recorded for this version',
      next: 'Run the seal job again; it records what it seals.',
    })
  }
  if (recorded !== undefined && digestOf(recorded) !== digest) throw altered('the sealed one', digestOf(recorded))
  if (records !== undefined && manifest.supplements !== undefined) {
    const main = await records.find(manifest.release, manifest.version)
    if (main === undefined || digestOf(main) !== manifest.supplements) throw altered('what it adds to', manifest.supplements)
  }
  if (manifest.expiresAt <= now) {
    throw new GateError({
      code: 'gate/expired',
      where,
      what: `its hold ended at ${manifest.expiresAt}`,
      next: 'Stage and seal the release again in a new pipeline, under a new version.',
    })
  }
}

/** @throws {GateError} when the manifest was sealed for another pipeline than that of this job */
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
 * Records a manifest as the one of its version. A retried seal of the same staged artifacts gets the first one back.
 * @throws {GateError} when the version has been sealed with other artifacts, or by another pipeline
 */
export async function recordSeal(manifest: ReleaseManifest, records: RecordStore): Promise<ReleaseManifest> {
  const recorded = await records.record(manifest)
  if (digestOf(substance(recorded)) === digestOf(substance(manifest))) return recorded
  throw new GateError({
    code: 'gate/sealed-before',
    where: `${manifest.release} ${manifest.version}`,
    what: `it has been sealed before, as ${digestOf(recorded)} at ${recorded.sealedAt}, by pipeline ${recorded.origin.pipeline} for ${describeRef(recorded.origin.ref)} at ${recorded.origin.commit}, ${difference(manifest, recorded)}`,
    next: 'One version has one manifest. Publish the one that is sealed, from its own pipeline, or release these artifacts under a new version.',
  })
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
