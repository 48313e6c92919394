import { bytes, type Content, sha256 } from '@stagegate/schema'
import { digestOf } from '../../contract/content-of.js'
import { sampleBytes } from '../fixtures.js'
import type { StoredImage } from '../registry/index.js'

const media = (name: string) => `application/vnd.oci.image.${name}`

export interface StoredRelease {
  /** Of the top manifest. */
  readonly content: Content
  /** With their algorithm. */
  readonly blobs: readonly string[]
  /** Those that are no part of what is attached to it. */
  readonly own: readonly string[]
}

/** `attested`: as buildx pushes it, with a manifest about each platform beside it in the index. */
export type Shape = 'of one platform' | 'of two platforms' | 'attested'

interface Making {
  /** With an SBOM that names it as its subject, and a signature under cosign's tag. */
  readonly signed: boolean
  /** @default of one platform */
  readonly shape?: Shape
}

/** Puts an image into the registry of the tests, without asking it. Images of any seed share the configuration. */
export function storeImage(image: StoredImage, seed: number, size: number, { signed, shape = 'of one platform' }: Making): StoredRelease {
  const blobs: string[] = []
  const blob = (data: Buffer, mediaType: string) => {
    const digest = `sha256:${digestOf(data)}`
    image.blobs.set(digest, data)
    blobs.push(digest)
    return { mediaType, digest, size: data.length }
  }
  const config = blob(Buffer.from('{}'), media('config.v1+json'))
  const put = (mediaType: string, json: object, ...tags: readonly string[]) => {
    const data = Buffer.from(`${JSON.stringify({ schemaVersion: 2, mediaType, ...json }, undefined, 1)}\n`)
    return { mediaType, digest: image.add(mediaType, data, ...tags), size: data.length }
  }
  const manifest = (layers: readonly object[], more: object, ...tags: readonly string[]) =>
    put(media('manifest.v1+json'), { config, layers, ...more }, ...tags)
  const platform = (number: number) => manifest([blob(sampleBytes(size, seed + 1000 * number), media('layer.v1.tar+gzip'))], {})
  const index = () => {
    const platforms = ['amd64', 'arm64'].map((architecture, number) => ({ ...platform(number), platform: { os: 'linux', architecture } }))
    const about = shape === 'attested' ? platforms : []
    const attestations = about.map(({ platform: _, ...subject }, number) => ({
      ...manifest([blob(Buffer.from(`provenance ${seed} ${number}`), 'application/vnd.in-toto+json')], { subject }),
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': subject.digest },
    }))
    return put(media('index.v1+json'), { manifests: [...platforms, ...attestations] })
  }
  const top = shape === 'of one platform' ? platform(0) : index()
  const own = [...new Set(blobs)]
  if (signed) {
    manifest([blob(Buffer.from(`sbom ${seed}`), 'application/spdx+json')], { subject: top })
    manifest([blob(Buffer.from(`signature ${seed}`), 'application/octet-stream')], {}, `${top.digest.replace(':', '-')}.sig`)
  }
  return { content: { sha256: sha256(top.digest.slice(7)), size: bytes(top.size) }, blobs: [...new Set(blobs)], own }
}

/** What is wrong with an image of the registry: a tag, or what is about another, that leads to what is not there or is something else. */
export function wrongIn(image: StoredImage): readonly string[] {
  const wrong: string[] = []
  const walk = (from: string, digest: string, data: Buffer | undefined, isManifest: boolean): void => {
    if (data === undefined || `sha256:${digestOf(data)}` !== digest) {
      wrong.push(`${from} leads to ${digest}, which ${data === undefined ? 'is not there' : 'has other bytes'}`)
      return
    }
    if (!isManifest) return
    const { manifests, config, layers, blobs } = JSON.parse(data.toString())
    for (const child of manifests ?? []) walk(from, child.digest, image.manifests.get(child.digest)?.data, true)
    for (const part of [config ?? [], layers ?? [], blobs ?? []].flat()) walk(from, part.digest, image.blobs.get(part.digest), false)
  }
  for (const [tag, digest] of image.tags) walk(tag, digest, image.manifests.get(digest)?.data, true)
  for (const [digest, { data }] of image.manifests) walk('a manifest', digest, data, true)
  return wrong
}
