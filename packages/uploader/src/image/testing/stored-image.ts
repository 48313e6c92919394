import { bytes, type Content, sha256 } from '@stagegate/schema'
import { sampleBytes } from '../../testing/fixtures.js'
import type { StoredImage } from '../../testing/registry/index.js'
import { digestOfBytes } from '../digest.js'

const media = (name: string) => `application/vnd.oci.image.${name}`

export interface StoredRelease {
  /** Of the top manifest. */
  readonly content: Content
  /** With their algorithm. */
  readonly blobs: readonly string[]
}

/**
 * Puts an image into the registry of the tests, without asking it: a manifest with a configuration and a layer. A signed one
 * has an SBOM that names it as its subject, and a signature under cosign's tag. Images of any seed share the configuration.
 */
export function storeImage(image: StoredImage, seed: number, size: number, { signed }: { readonly signed: boolean }): StoredRelease {
  const blobs: string[] = []
  const blob = (data: Buffer, mediaType: string) => {
    const digest = `sha256:${digestOfBytes(data)}`
    image.blobs.set(digest, data)
    blobs.push(digest)
    return { mediaType, digest, size: data.length }
  }
  const config = blob(Buffer.from('{}'), media('config.v1+json'))
  const manifest = (layers: readonly object[], more: object, ...tags: readonly string[]) => {
    const data = Buffer.from(
      `${JSON.stringify({ schemaVersion: 2, mediaType: media('manifest.v1+json'), config, layers, ...more }, undefined, 1)}\n`,
    )
    return { mediaType: media('manifest.v1+json'), digest: image.add(media('manifest.v1+json'), data, ...tags), size: data.length }
  }
  const top = manifest([blob(sampleBytes(size, seed), media('layer.v1.tar+gzip'))], {})
  if (signed) {
    manifest([blob(Buffer.from(`sbom ${seed}`), 'application/spdx+json')], { subject: top })
    manifest([blob(Buffer.from(`signature ${seed}`), 'application/octet-stream')], {}, `${top.digest.replace(':', '-')}.sig`)
  }
  return { content: { sha256: sha256(top.digest.slice(7)), size: bytes(top.size) }, blobs: [...new Set(blobs)] }
}

/** What is wrong with an image of the registry: a tag, or what is about another, that leads to what is not there or is something else. */
export function wrongIn(image: StoredImage): readonly string[] {
  const wrong: string[] = []
  const walk = (from: string, digest: string, data: Buffer | undefined, isManifest: boolean): void => {
    if (data === undefined || `sha256:${digestOfBytes(data)}` !== digest) {
      wrong.push(`${from} leads to ${digest}, which ${data === undefined ? 'is not there' : 'has other bytes'}`)
      return
    }
    if (!isManifest) return
    const { manifests = [], config = [], layers = [] } = JSON.parse(data.toString())
    for (const child of manifests) walk(from, child.digest, image.manifests.get(child.digest)?.data, true)
    for (const part of [config, layers].flat()) walk(from, part.digest, image.blobs.get(part.digest), false)
  }
  for (const [tag, digest] of image.tags) walk(tag, digest, image.manifests.get(digest)?.data, true)
  for (const [digest, { data }] of image.manifests) walk('a manifest', digest, data, true)
  return wrong
}
