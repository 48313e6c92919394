import {
  type ImageCoordinates,
  type Origin,
  type PlannedImage,
  type PlannedTarget,
  type StagedArtifact,
  shortCommitLength,
  stagingTag,
  UsageError,
} from '@stagegate/schema'
import type { ImageRepository } from '../contract/capabilities.js'
import { placed } from '../contract/repository-error.js'
import type { BuiltImage } from '../repository/oci/built-image.js'
import { platformOf } from '../repository/oci/descriptor.js'
import { partLocation } from '../repository/oci/part.js'
import type { Arrival, DeliveryPorts } from '../transfer/delivery.js'
import { lookTimeoutFor } from '../transfer/limits.js'
import { deliverImage, type ImageDelivery } from './deliver-image.js'
import { expectLayer } from './expect-layer.js'
import { flavourOf } from './flavour.js'
import { readGraph } from './graph.js'
import { type Ask, persevere } from './persevere.js'

export interface ImageStaging {
  readonly target: PlannedTarget
  readonly what: PlannedImage
  /** Where the image belongs in staging. */
  readonly coordinates: ImageCoordinates
  readonly staging: { readonly name: string; readonly repository: ImageRepository }
  /** @default the build pushed it to staging */
  readonly built?: BuiltImage | undefined
}

/** A staged image, or the arrival that says why it is missing. */
export type StagedImage =
  | { readonly is: 'staged'; readonly artifact: StagedArtifact }
  | { readonly is: 'failed'; readonly arrival: Arrival }

/** An image's place in staging. The tag is unique for each commit and pipeline, unless the caller gives another. */
export function stagingCoordinates(
  what: PlannedImage,
  { tag, origin }: { readonly tag?: string | undefined; readonly origin: Origin },
): ImageCoordinates {
  const own = stagingTag(origin.commit.slice(0, shortCommitLength), origin.pipeline, flavourOf(what))
  return { format: 'image', image: what.image, tag: tag ?? own }
}

/**
 * Brings a built image to staging, or finds the one that the build pushed there, and records the bytes under its tag. It records them only
 * if the image is complete and has exactly the planned platforms.
 *
 * @throws {UsageError} if the tag does not exist
 * @throws {ImageRefused} other platforms than planned, or parts that may not be copied
 * @throws {RepositoryError} a call to staging failed
 */
export async function imageToStaging(staging: ImageStaging, ports: DeliveryPorts): Promise<StagedImage> {
  const { target, coordinates: at, built } = staging
  const { name, repository } = staging.staging
  if (built !== undefined) {
    await expectComplete(built, staging, ports)
    const [arrival] = await deliverImage(deliveryOf(built, staging), ports).arrivals
    if (arrival === undefined) throw new Error('Expected an arrival')
    if (arrival.location === undefined) return { is: 'failed', arrival }
  }
  const there = { source: repository, from: repository.host ?? name }
  const seen = await askAt(there, staging, ports)('observe', (call) => repository.observe(at, call))
  if (seen.saw === 'absent' || seen.sha256 === undefined || seen.size === undefined) {
    throw new UsageError({
      code: 'usage/no-image',
      what: `there is no image ${at.image}:${at.tag} in ${name}`,
      next: `Nothing was staged. ${target.jobs.build} must push the image under this name, or leave it as an OCI layout.`,
    })
  }
  const content = { sha256: seen.sha256, size: seen.size }
  await expectComplete({ ...there, image: at.image, content }, staging, ports)
  const location = partLocation({ format: 'manifest', image: at.image, digest: content.sha256 })
  return { is: 'staged', artifact: { coordinates: at, content, repository: name, location } }
}

function deliveryOf(built: BuiltImage, { target, coordinates: at, staging }: ImageStaging): ImageDelivery {
  const destination = { plan: { repository: staging.name, advisory: false }, repository: staging.repository, at }
  return {
    target: target.id,
    item: { coordinates: { ...at, image: built.image }, content: built.content },
    source: built.source,
    from: built.from,
    version: at.tag,
    destinations: [{ ...destination, tags: [{ tag: at.tag, moves: false }] }],
  }
}

/** Asks staging, or the layout that the build left, which is not a repository of the plan. */
function askAt(
  { source, from }: Pick<BuiltImage, 'source' | 'from'>,
  { staging: { name, repository } }: ImageStaging,
  ports: DeliveryPorts,
  timeout = ports.limits.lookTimeout,
): Ask {
  const asked = { host: ports.hosts.of(from), destination: { repository: name, advisory: false }, timeout }
  return async (operation, run) => {
    try {
      return await persevere(asked, ports, run)
    } catch (error) {
      const isStaging = source === repository && !ports.signal.aborted
      throw isStaging ? placed(error, { side: 'staging', repository: name, operation }) : error
    }
  }
}

/** Reads the whole graph and looks for each of its blobs, since an incomplete image could not be released later. */
async function expectComplete(built: BuiltImage, staging: ImageStaging, ports: DeliveryPorts): Promise<void> {
  const { source, image, content } = built
  const { what, target } = staging
  const graph = await readGraph(askAt(built, staging, ports), source, image, content)
  const looks = graph.blobs.map((blob) => {
    const ask = askAt(built, staging, ports, lookTimeoutFor(blob.content, ports.limits))
    return expectLayer(ask, source, blob, graph.attached.get(blob.content.sha256))
  })
  const [wrong] = (await Promise.allSettled(looks)).filter((result) => result.status === 'rejected')
  if (wrong !== undefined) throw wrong.reason
  if (what.platforms === undefined) return
  const has = graph.top.manifest.manifests.flatMap((child) => platformOf(child) ?? [])
  const [wanted, found] = [[...what.platforms].sort().join(', '), [...new Set(has)].sort().join(', ')]
  if (wanted !== found)
    throw new UsageError({
      code: 'usage/platforms',
      what: `${target.id} is for ${wanted}, but the image has ${found === '' ? 'no list of platforms' : found}`,
      next: 'An image is released with all its platforms or not at all. Build the missing platforms, or correct the target.',
    })
}
