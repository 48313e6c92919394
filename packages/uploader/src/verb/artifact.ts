import {
  type Coordinates,
  type ImageCoordinates,
  isPackage,
  type PlannedDestination,
  type ReleaseManifest,
  type SealedTag,
  type StagedArtifact,
  UsageError,
} from '@stagegate/schema'
import { named } from '../contract/shown.js'

export interface SealedArtifact {
  readonly target: string
  readonly artifact: StagedArtifact
  readonly destinations: readonly PlannedDestination[]
  /** For an image: the tags that it gets. */
  readonly tags: readonly SealedTag[]
}

/**
 * The manifest's artifacts for these targets; all of them if no target is named.
 * @throws {UsageError} the manifest lacks a target, or has no artifacts
 */
export function artifactsOf(manifest: ReleaseManifest, targets?: readonly string[]): readonly SealedArtifact[] {
  for (const wanted of targets ?? []) {
    if (manifest.targets.some(({ target }) => target === wanted)) continue
    const known = manifest.targets.map(({ target }) => target).join(', ')
    throw new UsageError({ code: 'usage/target', what: `the manifest has no target ${named(wanted)}`, next: `It has: ${known}.` })
  }
  const found = manifest.targets
    .filter(({ target }) => targets === undefined || targets.includes(target))
    .flatMap(({ target, artifacts, destinations, tags = [] }) => artifacts.map((artifact) => ({ target, artifact, destinations, tags })))
  if (found.length === 0) throw new UsageError({ code: 'usage/nothing', what: 'no target was named' })
  return found
}

/**
 * The artifacts to publish: those of all targets that have a destination.
 * @throws {UsageError} as `artifactsOf`; a named target that is not published anywhere; nothing to publish at all
 */
export function destinedArtifactsOf(manifest: ReleaseManifest, targets?: readonly string[]): readonly SealedArtifact[] {
  const artifacts = artifactsOf(manifest, targets)
  const destined = artifacts.filter(({ destinations }) => destinations.length > 0)
  const idle = artifacts.find(({ destinations }) => destinations.length === 0)
  if (idle !== undefined && (targets !== undefined || destined.length === 0)) {
    throw new UsageError({
      code: 'usage/route',
      what: `${idle.target} is not published in this kind`,
      next: 'Give the target a destination, or leave it out.',
    })
  }
  return destined
}

export function imageAt(at: ImageCoordinates, { image }: Pick<PlannedDestination, 'image'>, tags: readonly SealedTag[]): ImageCoordinates {
  return { ...at, image: image ?? at.image, tag: tags.find(({ moves }) => !moves)?.tag ?? at.tag }
}

/**
 * The coordinates at a destination: the staged ones, in the destination's own distribution if it has one; for an image, its name there and
 * the tag that never moves.
 */
export function coordinatesAt(at: Coordinates, { distribution, image }: PlannedDestination, tags: readonly SealedTag[] = []): Coordinates {
  if (at.format === 'image') return imageAt(at, { ...(image !== undefined && { image }) }, tags)
  return isPackage(at) && distribution !== undefined ? { ...at, distribution } : at
}
