import type { Sha256 } from '@stagegate/schema'
import type { Graph, GraphManifest } from './graph.js'

/** Manifests in the order in which they can be put: in each wave those that refer to none of it or of the later ones. */
export function waves(manifests: Graph['manifests']): readonly (readonly GraphManifest[])[] {
  const heights = new Map<Sha256, number>()
  const heightOf = (digest: Sha256): number => {
    const children = manifests.get(digest)?.manifest.manifests ?? []
    const height = heights.get(digest) ?? Math.max(0, ...children.map((child) => heightOf(child.digest) + 1))
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
