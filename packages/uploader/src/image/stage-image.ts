import {
  type Content,
  type ImageCoordinates,
  type Origin,
  type Outcome,
  type PlannedImage,
  type PlannedTarget,
  type StagedArtifact,
  shortCommitLength,
  stagingTag,
  UsageError,
} from '@stagegate/schema'
import type { ImageRepository } from '../repository/capabilities.js'
import { partLocation } from '../repository/part.js'
import type { DeliveryPorts } from '../transfer/deliver.js'
import { lookTimeoutFor } from '../transfer/limits.js'
import { deliverImage, type ImageDelivery } from './deliver-image.js'
import { platformOf } from './descriptor.js'
import { expectLayer } from './expect-layer.js'
import { readGraph } from './graph.js'
import { type Ask, persevere } from './persevere.js'

/** Where an image comes from that the build did not push to staging itself. */
export interface BuiltImage {
  readonly source: ImageRepository
  readonly from: string
  readonly image: string
  /** Of its top manifest. */
  readonly content: Content
}

export interface StageImageOptions {
  readonly target: PlannedTarget
  readonly what: PlannedImage
  readonly repository: string
  readonly staging: ImageRepository
  readonly origin: Origin
  /** @default the build has pushed it to staging */
  readonly built?: BuiltImage | undefined
  /** The tag in staging. @default `stagingTagOf` */
  readonly tag?: string | undefined
}

/** The tag that an image has in staging: one for each commit and pipeline. */
export function stagingTagOf({ commit, pipeline }: Origin): string {
  return stagingTag(commit.slice(0, shortCommitLength), pipeline)
}

/**
 * Brings a built image to staging, or finds the one that the build has pushed there; and records which bytes its tag has.
 * All of it is there, for exactly the planned platforms, or nothing is recorded.
 *
 * @throws {UsageError} the tag is not there
 * @throws {ImageRefused} other platforms than planned, parts that may not be copied
 * @returns the artifact; or, where it did not arrive, what happened
 */
export async function stageImage(options: StageImageOptions, ports: DeliveryPorts): Promise<StagedArtifact | Outcome> {
  const { what, repository, staging, built, target } = options
  const at: ImageCoordinates = { format: 'image', image: what.image, tag: options.tag ?? stagingTagOf(options.origin) }
  if (built !== undefined) {
    await expectPlatforms(built.source, built.image, built.content, built.from, options, ports)
    const delivery: ImageDelivery = {
      target: target.id,
      item: { coordinates: { ...at, image: built.image }, content: built.content },
      source: built.source,
      from: built.from,
      version: at.tag,
      destinations: [{ plan: { repository, advisory: false }, repository: staging, at, tags: [{ tag: at.tag, moves: false }] }],
    }
    const [arrival] = await deliverImage(delivery, ports).arrivals
    if (arrival === undefined) throw new Error('Expected an arrival')
    if (arrival.location === undefined) return arrival.outcome
  }
  const host = ports.hosts.of(staging.host ?? repository)
  const seen = await persevere(host, { repository, advisory: false }, ports, (call) => staging.observe(at, call))
  if (seen.saw === 'absent' || seen.sha256 === undefined || seen.size === undefined) {
    throw new UsageError({
      code: 'usage/no-image',
      what: `there is no image ${at.image}:${at.tag} in ${repository}`,
      next: `${target.jobs.build} must push it under this name, or leave it as an OCI layout; nothing was staged.`,
    })
  }
  const content = { sha256: seen.sha256, size: seen.size }
  await expectPlatforms(staging, at.image, content, staging.host ?? repository, options, ports)
  return { coordinates: at, content, repository, location: partLocation({ format: 'manifest', image: at.image, digest: content.sha256 }) }
}

/** Reads the whole graph, and looks for each of its blobs: what is incomplete cannot be released later. */
async function expectPlatforms(
  repository: ImageRepository,
  image: string,
  content: Content,
  from: string,
  { what, target, repository: destination }: StageImageOptions,
  ports: DeliveryPorts,
): Promise<void> {
  const askWithin =
    (milliseconds: number): Ask =>
    (run) =>
      persevere(ports.hosts.of(from), { repository: destination, advisory: false }, ports, run, milliseconds)
  const graph = await readGraph(askWithin(ports.limits.lookTimeout), repository, image, content)
  const looks = graph.blobs.map((blob) => {
    const ask = askWithin(lookTimeoutFor(blob.content, ports.limits))
    return expectLayer(ask, repository, image, blob, graph.attached.get(blob.content.sha256))
  })
  const [wrong] = (await Promise.allSettled(looks)).filter((result) => result.status === 'rejected')
  if (wrong !== undefined) throw wrong.reason
  if (what.platforms === undefined) return
  const has = graph.top.manifest.manifests.flatMap((child) => platformOf(child) ?? [])
  const [wanted, found] = [[...what.platforms].sort().join(', '), [...new Set(has)].sort().join(', ')]
  if (wanted !== found)
    throw new UsageError({
      code: 'usage/platforms',
      what: `${target.id} is for ${wanted}, and the image has ${found === '' ? 'no list of platforms' : found}`,
      next: 'An image is released with all its platforms, or not at all: build those that lack, or correct the target.',
    })
}
