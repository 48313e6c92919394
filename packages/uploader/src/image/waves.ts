import type { Sha256 } from '@stagegate/schema'
import { subjectOf } from '../repository/oci/manifest.js'
import type { Graph, GraphManifest } from './graph.js'

/**
 * Manifests in the order in which they can be put: in each wave those that refer to none of it or of the later ones. A manifest comes after
 * the one that it is about: by the specification that need not be there, and GitLab's registry wants it to be
 * (https://gitlab.com/gitlab-org/container-registry, `dbPutManifestV2` in registry/handlers/manifests.go).
 */
export function waves(manifests: Graph['manifests']): readonly (readonly GraphManifest[])[] {
  const heights = new Map<Sha256, number>()
  const heightOf = (digest: Sha256): number => {
    const found = manifests.get(digest)
    const height = heights.get(digest) ?? Math.max(0, ...(found === undefined ? [] : before(found)).map((one) => heightOf(one) + 1))
    heights.set(digest, height)
    return height
  }
  const result: GraphManifest[][] = []
  for (const [digest, found] of manifests) {
    const height = heightOf(digest)
    const wave = result[height] ?? []
    wave.push(found)
    result[height] = wave
  }
  return result
}

/** A cycle would need two digests that contain one another. */
function before({ manifest, data }: GraphManifest): readonly Sha256[] {
  return [...manifest.manifests.map(({ digest }) => digest), ...[subjectOf(data) ?? []].flat()]
}
