import {
  type Approval,
  type Coordinates,
  checkApproval,
  checkReleaseManifest,
  digestOf,
  type Origin,
  type Outcome,
  type PlannedDestination,
  type Receipt,
  type ReleaseManifest,
  type Sha256,
} from '@stagegate/schema'
import type { PublicRepository } from '../contract/capabilities.js'
import { expectFormat } from '../contract/checked-repository.js'
import { expectCall, type KnownOptions } from '../contract/options.js'
import { admit } from '../gate/gate.js'
import { imageRepository } from '../image/image-repository.js'
import type { Ports } from '../ports.js'
import { portOptions, repositoryNamed, stagingNamed, withDefaults } from '../ports.js'
import type { RecordStore } from '../records/record-store.js'
import { onlyPublic } from '../repository/only-public.js'
import { expectApproval } from './approve.js'
import { coordinatesAt, destinedArtifactsOf, imageAt, type SealedArtifact } from './artifact.js'
import { type ArtifactDelivery, deliverAll } from './deliver-all.js'
import { outcomesToCome } from './to-come.js'

/** The options of `publish`. */
export interface PublishOptions extends Ports {
  /** @default all targets that are published */
  readonly targets?: readonly string[] | undefined
  /** The job or program that publishes. */
  readonly origin: Origin
  /** The digest of the manifest that a person approved. */
  readonly approved?: Sha256 | undefined
  /** Who approved it, for a release that one click publishes; it is checked and copied into the receipt. */
  readonly approval?: Approval | undefined
  /** Where seals are recorded; with it, a manifest that was changed after sealing is refused. */
  readonly records?: RecordStore | undefined
  /**
   * Called after the gate, before any repository is asked, with the receipt that a job killed now would leave: everything is undetermined.
   * It is awaited; an error that it throws ends the run.
   */
  readonly onBegin?: ((receipt: Receipt) => Promise<void>) | undefined
}

export const publishOptions = {
  ...portOptions,
  repositories: 'needed',
  origin: 'needed',
  targets: 'optional',
  approved: 'optional',
  approval: 'optional',
  records: 'optional',
  onBegin: 'optional',
} as const satisfies KnownOptions & Record<keyof PublishOptions, unknown>

/**
 * Copies sealed artifacts from staging to their public repositories. Resolves with a receipt for every outcome, including conflict and
 * tampered; nothing public is ever overwritten or deleted, and running it again moves only what is missing.
 *
 * @throws {DocumentError} an invalid manifest
 * @throws {UsageError} a wrong call: an unknown target, one that is not published, a missing repository
 * @throws {GateError} a manifest of another pipeline, altered, not recorded, or past its hold
 * @example
 * const repositories = { staging: directory('staging'), stable: directory('public') }
 * const receipt = await publish(manifest, { origin: manifest.origin, repositories })
 * process.exitCode = exitCodeOf(receipt.outcomes)
 */
export async function publish(given: ReleaseManifest, options: PublishOptions): Promise<Receipt> {
  expectCall('publish()', options, publishOptions)
  const { clock } = withDefaults(options)
  const manifest = checkReleaseManifest(given)
  const { origin, approved, records } = options
  const approval = options.approval && checkApproval(options.approval)
  const artifacts = destinedArtifactsOf(manifest, options.targets)
  await admit(manifest, { origin, now: clock.now(), approved, records })
  if (approval !== undefined) expectApproval(approval, manifest, origin)
  const deliveries = artifacts.map((sealed) => deliveryOf(sealed, manifest.version, options))
  await options.onBegin?.(receiptOf(manifest, origin, outcomesToCome(artifacts, clock.now()), approval))
  const arrivals = await deliverAll(deliveries, options)
  return receiptOf(
    manifest,
    origin,
    arrivals.map(({ outcome }) => outcome),
    approval,
  )
}

/** The receipt of a job, from the outcomes so far. */
export function receiptOf(
  manifest: ReleaseManifest,
  origin: Origin,
  outcomes: readonly Outcome[],
  approval?: Approval | undefined,
): Receipt {
  return {
    apiVersion: 'stagegate/v1',
    kind: 'Receipt',
    origin,
    manifest: digestOf(manifest),
    release: manifest.release,
    ...(approval && { approval: { by: approval.by, approvedAt: approval.approvedAt } }),
    outcomes: [...outcomes],
  }
}

/** @throws {UsageError} a missing repository, or one that cannot take the artifact */
export function deliveryOf(sealed: SealedArtifact, version: string, options: PublishOptions): ArtifactDelivery {
  const { target, artifact, destinations, tags } = sealed
  const staging = stagingNamed(options, artifact.repository)
  const { coordinates, content } = artifact
  if (coordinates.format === 'image') {
    return {
      is: 'image',
      target,
      item: { coordinates, content },
      source: imageRepository(artifact.repository, staging),
      from: staging.host ?? artifact.repository,
      version,
      destinations: destinations.map((plan) => ({
        plan,
        repository: imageRepository(plan.repository, destinationOf(plan, coordinates, options)),
        at: imageAt(coordinates, plan, tags),
        tags,
      })),
    }
  }
  return {
    is: 'package',
    target,
    item: { coordinates: artifact.coordinates, content: artifact.content },
    from: staging.host ?? artifact.repository,
    fromName: staging.nameOnHost?.(artifact.location),
    open: (call) => staging.read(artifact.location, call),
    destinations: destinations.map((plan) => ({
      plan,
      repository: destinationOf(plan, artifact.coordinates, options),
      item: { coordinates: coordinatesAt(artifact.coordinates, plan), content: artifact.content },
    })),
  }
}

function destinationOf({ repository: name }: PlannedDestination, at: Coordinates, options: Ports): PublicRepository {
  const repository = repositoryNamed(options, name, 'create')
  expectFormat(name, repository, at)
  return onlyPublic(repository)
}
