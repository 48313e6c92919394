import type { Sha256 } from '@stagegate/schema'
import { subjectOf } from '../repository/oci/manifest.js'
import type { Graph, GraphManifest } from './graph.js'

/**
 * Manifests in the order in which they can be sent: those of a wave refer only to earlier waves. A manifest comes after its subject: the
 * specification does not require that, but GitLab's registry does (https://gitlab.com/gitlab-org/container-registry, `dbPutManifestV2` in
 * registry/handlers/manifests.go).
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

/** A cycle would need two digests that contain each other. */
function before({ manifest, data }: GraphManifest): readonly Sha256[] {
  return [...manifest.manifests.map(({ digest }) => digest), ...[subjectOf(data) ?? []].flat()]
}
