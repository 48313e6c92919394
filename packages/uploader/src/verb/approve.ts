import {
  type Approval,
  checkReleaseManifest,
  digestOf,
  GateError,
  type Instant,
  type Origin,
  type ReleaseManifest,
} from '@stagegate/schema'
import { expectOptions } from '../contract/options.js'
import { admit } from '../gate/gate.js'
import { originDifference } from '../identity/origin-difference.js'
import type { RecordStore } from '../records/record-store.js'

/** The options of `approve`. */
export interface ApproveOptions {
  /** The job that approves. */
  readonly origin: Origin
  /** The time now. */
  readonly now: Instant
  /** Who started the job. */
  readonly by: string
  /** Where seals are recorded; with it, a manifest that was changed after sealing is refused. */
  readonly records?: RecordStore | undefined
}

/**
 * Records that a person approved this manifest, for a release that one click publishes.
 * @throws {DocumentError} an invalid manifest
 * @throws {GateError} as `publish` does: a manifest of another pipeline, changed, not recorded or past its hold
 */
export async function approve(given: ReleaseManifest, { origin, now, by, records }: ApproveOptions): Promise<Approval> {
  expectOptions({ origin }, 'origin')
  const manifest = checkReleaseManifest(given)
  await admit(manifest, { origin, now, records })
  return {
    apiVersion: 'stagegate/v1',
    kind: 'Approval',
    origin,
    manifest: digestOf(manifest),
    release: manifest.release,
    by,
    approvedAt: now,
  }
}

/** @throws {GateError} if it approves another manifest, or was made in another pipeline */
export function expectApproval(approval: Approval, manifest: ReleaseManifest, origin: Origin): void {
  const digest = digestOf(manifest)
  const different =
    approval.manifest === digest ? originDifference(approval.origin, origin) : `the manifest ${approval.manifest}, but this is ${digest}`
  if (different === undefined) return
  throw new GateError({
    code: 'gate/approval',
    what: `${approval.by} approved ${different}`,
    next: 'Approve this release in its own pipeline. Nothing was published.',
  })
}
