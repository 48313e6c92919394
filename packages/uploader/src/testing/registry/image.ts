import { createHash } from 'node:crypto'

/** A manifest, as it was pushed. */
export interface StoredManifest {
  /** Its `Content-Type`. */
  readonly mediaType: string
  /** Its bytes. */
  readonly data: Buffer
}

/** One image's name, with all that is under it. Digests are written with their algorithm. */
export class StoredImage {
  /** Bytes by digest: `sha256:…`. */
  readonly blobs = new Map<string, Buffer>()
  /** Manifests by digest. */
  readonly manifests = new Map<string, StoredManifest>()
  /** Digests by tag. */
  readonly tags = new Map<string, string>()
  readonly #tagsAreDigests: boolean

  constructor(tagsAreDigests = false) {
    this.#tagsAreDigests = tagsAreDigests
  }

  /** Puts a manifest, as if it had been pushed. */
  add(mediaType: string, data: Buffer, ...tags: readonly string[]): string {
    const digest = digestOf(data)
    this.manifests.set(digest, { mediaType, data })
    for (const tag of tags) this.tags.set(tag, digest)
    return digest
  }

  /** The manifest of a tag or a digest. */
  manifest(reference: string): StoredManifest | undefined {
    const digest = this.#tagsAreDigests ? reference.replace(/^sha256-(?=[0-9a-f]{64}$)/, 'sha256:') : reference
    return this.manifests.get(digest.startsWith('sha256:') ? digest : (this.tags.get(reference) ?? ''))
  }

  /** Descriptors of the manifests that name this one as their subject. */
  referrers(subject: string): readonly object[] {
    return [...this.manifests].flatMap(([digest, { mediaType, data }]) => {
      // Tests put what is no manifest, too.
      const json = data.toString().startsWith('{') ? JSON.parse(data.toString()) : {}
      if (json.subject?.digest !== subject) return []
      return [{ mediaType, digest, size: data.length, artifactType: json.artifactType ?? json.config?.mediaType }]
    })
  }
}

export function digestOf(data: Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}
