import { createHash } from 'node:crypto'

export interface StoredManifest {
  readonly mediaType: string
  readonly data: Buffer
}

/** One image's name, with all that is under it. Digests are written with their algorithm. */
export class StoredImage {
  readonly blobs = new Map<string, Buffer>()
  readonly manifests = new Map<string, StoredManifest>()
  readonly tags = new Map<string, string>()

  /** Puts a manifest, as if it had been pushed. */
  add(mediaType: string, data: Buffer, ...tags: readonly string[]): string {
    const digest = digestOf(data)
    this.manifests.set(digest, { mediaType, data })
    for (const tag of tags) this.tags.set(tag, digest)
    return digest
  }

  manifest(reference: string): StoredManifest | undefined {
    return this.manifests.get(reference.startsWith('sha256:') ? reference : (this.tags.get(reference) ?? ''))
  }

  /** Descriptors of the manifests that name this one as their subject. */
  referrers(subject: string): readonly object[] {
    return [...this.manifests].flatMap(([digest, { mediaType, data }]) => {
      const json = JSON.parse(data.toString())
      if (json.subject?.digest !== subject) return []
      return [{ mediaType, digest, size: data.length, artifactType: json.artifactType ?? json.config?.mediaType }]
    })
  }
}

export function digestOf(data: Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}
