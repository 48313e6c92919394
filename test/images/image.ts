import { createCipheriv } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Layout, type Made } from '../tasks/layout.mjs'
import { copy } from './skopeo.js'

/** Bytes that are the same for the same seed, and differ everywhere. */
export function bytesOf(size: number, seed: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(size))
}

/** skopeo's name of an image in a registry. */
export function docker(url: string, image: string): string {
  return `docker://${new URL(url).host}/${image}`
}

export interface Pushed {
  readonly index: Made
  /** Both platforms share the first of three. */
  readonly layers: readonly Made[]
  /** Every manifest: of the platforms, the index, and what is about them. */
  readonly manifests: readonly Made[]
  /** How many blobs there are, configurations included. */
  readonly blobs: number
  /** Tags with what is about it: cosign's, and the one that lists referrers. */
  readonly tags: readonly string[]
}

/**
 * An index of two platforms with cosign's signature, and with an SBOM and an attestation that name it as their subject, made
 * anew by `seed` and pushed by skopeo to `NAME:staged` (and `NAME:sha256-…`).
 */
export async function pushImage(folder: string, url: string, name: string, seed: number, size = 200_000): Promise<Pushed> {
  const path = join(folder, `layout-${seed}`)
  const layout = new Layout(path)
  const layers = [layout.blob(bytesOf(size, seed)), layout.blob(bytesOf(3000, seed + 1)), layout.blob(bytesOf(70_000, seed + 2))]
  const [shared, one, two] = layers as [Made, Made, Made]
  const amd64 = layout.manifest([shared, one])
  const arm64 = layout.manifest([shared, two], { architecture: 'arm64' })
  const index = layout.index([amd64, arm64])
  const subject = { mediaType: index.mediaType, digest: index.digest, size: index.size }
  const about = (type: string, text: string) =>
    layout.manifest([layout.blob(Buffer.from(text), type)], { subject, artifactType: type, architecture: text })
  const sbom = about('application/spdx+json', `{"sbom":${seed}}`)
  const attestation = about('application/vnd.in-toto+json', `{"attestation":${seed}}`)
  const signature = layout.manifest([layout.blob(Buffer.from(`signature ${seed}`), 'application/vnd.dev.cosign.simplesigning.v1+json')])
  const list = layout.index([sbom, attestation].map((made) => ({ ...made, artifactType: 'application/x' })))
  const hex = index.digest.replace(':', '-')
  const tagged = { staged: index, [`${hex}.sig`]: signature, sbom, attestation }
  for (const [tag, made] of Object.entries(tagged)) {
    layout.tag(tag, made)
    await copy(`oci:${path}:${tag}`, docker(url, `${name}:${tag}`))
  }
  // As oras does it; skopeo 1.9 copies no list whose entries say more than it knows of.
  const put = await fetch(`${url}/v2/${name}/manifests/${hex}`, {
    method: 'PUT',
    headers: { 'content-type': list.mediaType },
    body: readFileSync(layout.path(list.digest)),
  })
  if (put.status !== 201) throw new Error(`The list of referrers was answered with ${put.status}`)
  return { index, layers, manifests: [amd64, arm64, index, sbom, attestation, signature], blobs: 3 + 2 + 3 * 2, tags: [hex, `${hex}.sig`] }
}
