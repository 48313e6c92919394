import { bytes, type Content, type PartCoordinates, type Sha256 } from '@stagegate/schema'
import { type Descriptor, type ImageRepository, type Item, type ListedReferrer, NotThere } from '../contract/capabilities.js'
import { attachedAdvice } from '../repository/oci/attachment.js'
import { deepest, ImageRefused, type Manifest, mostBlobs, parseManifest, subjectOf } from '../repository/oci/manifest.js'
import { ContentMismatch } from '../transfer/content-mismatch.js'
import { ManifestReader } from './manifest-reader.js'
import type { Ask } from './persevere.js'

/** A blob or a manifest of an image. */
export interface PartItem extends Item {
  readonly coordinates: PartCoordinates
}

/** A manifest of the graph, with its bytes. */
export interface GraphManifest {
  readonly item: PartItem
  readonly data: Buffer
  readonly manifest: Manifest
}

/** The capabilities with which an image is read. */
export type ImageSource = Pick<ImageRepository, 'observe' | 'read' | 'referrers'>

/** Everything that an image consists of. */
export interface Graph {
  readonly top: GraphManifest
  /** The top is among them. */
  readonly manifests: ReadonlyMap<Sha256, GraphManifest>
  readonly blobs: readonly PartItem[]
  /** The attached manifests by their subject. */
  readonly referrers: readonly { readonly subject: Sha256; readonly descriptors: readonly Descriptor[] }[]
  /** Tags under which tools without referrers keep signatures: `sha256-….sig`. */
  readonly tags: readonly { readonly tag: string; readonly digest: Sha256 }[]
  /** Manifests and blobs that are not part of the build, with the manifest that they are attached to. */
  readonly attached: ReadonlyMap<Sha256, Sha256>
  /** Manifests that are listed as attached to another, but are gone. */
  readonly gone: readonly Sha256[]
}

/** The endings of cosign's tags: `sha256-….sig`. */
const suffixes = ['sig', 'att', 'sbom']

/**
 * Reads the manifests of an image, each verified by its digest: all platforms, and the referrers of each.
 *
 * @throws {ContentMismatch} other bytes than the digest says
 * @throws {NotThere} if a manifest is gone
 * @throws {ImageRefused} if a part may not or cannot be copied
 * @throws errors of `ask`
 */
export async function readGraph(ask: Ask, repository: ImageSource, image: string, top: Content): Promise<Graph> {
  const reading = new GraphReading(ask, repository, image)
  const found = await reading.top(top)
  await reading.attachments()
  return {
    top: found,
    manifests: reading.manifests,
    blobs: [...reading.blobs.values()],
    referrers: reading.referrers,
    tags: reading.tags,
    attached: reading.attached,
    gone: [...reading.gone],
  }
}

/** How a manifest was found. */
interface Wanted extends Pick<Descriptor, 'digest' | 'size'> {
  readonly mediaType?: string | undefined
  readonly depth: number
  /** The manifest that it is attached to, directly or indirectly. @default it is part of the build */
  readonly about?: Sha256 | undefined
}

class GraphReading {
  readonly manifests = new Map<Sha256, GraphManifest>()
  readonly blobs = new Map<Sha256, PartItem>()
  readonly referrers: { subject: Sha256; descriptors: readonly Descriptor[] }[] = []
  readonly tags: { tag: string; digest: Sha256 }[] = []
  readonly attached = new Map<Sha256, Sha256>()
  readonly gone = new Set<Sha256>()
  readonly #ask: Ask
  readonly #repository: ImageSource
  readonly #image: string
  readonly #reader: ManifestReader
  readonly #begun = new Map<Sha256, Promise<GraphManifest>>()

  constructor(ask: Ask, repository: ImageSource, image: string) {
    this.#ask = ask
    this.#repository = repository
    this.#image = image
    this.#reader = new ManifestReader(ask, repository, image)
  }

  async top({ sha256: digest, size }: Content): Promise<GraphManifest> {
    const data = await this.#reader.read(digest, size)
    // This size is our own, not the claim of a manifest that refers to it.
    if (data.length !== size) throw new ContentMismatch({ sha256: digest, size }, { sha256: digest, size: bytes(data.length) }, this.#image)
    return this.#manifest({ digest, size, depth: 0 })
  }

  /** Finds manifests attached to those that were found, and manifests attached to those. */
  async attachments(): Promise<void> {
    const seen = new Set<Sha256>()
    for (let round = 0; ; round++) {
      const subjects = [...this.manifests.keys()].filter((digest) => !seen.has(digest))
      const [first] = subjects
      if (first === undefined) return
      if (round > deepest) throw this.#refused(`its referrers are nested more than ${deepest} deep`, first)
      for (const subject of subjects) seen.add(subject)
      await together(subjects.flatMap((subject) => [this.#referring(subject), ...suffixes.map((suffix) => this.#tagged(subject, suffix))]))
    }
  }

  /** A manifest, after everything that it refers to was read as well. */
  async #manifest(wanted: Wanted): Promise<GraphManifest> {
    const begun = this.#begun.get(wanted.digest) ?? this.#begin(wanted)
    this.#begun.set(wanted.digest, begun)
    return begun
  }

  async #begin({ digest, size, mediaType, depth, about }: Wanted): Promise<GraphManifest> {
    if (depth > deepest) throw this.#refused(`its manifests are nested more than ${deepest} deep`, digest, about)
    const data = await this.#bytes(digest, size, about)
    if (data.length !== size)
      throw this.#refused(`it has ${data.length} bytes, but the descriptor that refers to it gives ${size}`, digest, about)
    const manifest = this.#parsed(data, digest, mediaType, about)
    for (const blob of manifest.blobs) this.#blob(blob, digest, about)
    await together(manifest.manifests.map((child) => this.#manifest({ ...child, depth: depth + 1, about })))
    const found = { item: this.#item('manifest', { digest, size, mediaType: manifest.mediaType }), data, manifest }
    this.manifests.set(digest, found)
    if (about !== undefined) this.attached.set(digest, about)
    return found
  }

  #blob(blob: Descriptor, of: Sha256, about: Sha256 | undefined): void {
    const known = this.blobs.get(blob.digest)?.content.size
    if (known !== undefined && known !== blob.size)
      throw this.#refused(`its layer sha256:${blob.digest} has two sizes in the image: ${blob.size} bytes and ${known} bytes`, of, about)
    if (known !== undefined) return
    this.blobs.set(blob.digest, this.#item('blob', blob))
    if (this.blobs.size > mostBlobs) throw this.#refused(`the image has more than ${mostBlobs} layers`, of, about)
    if (about !== undefined) this.attached.set(blob.digest, about)
  }

  /** The manifests that the repository lists as attached to another. */
  async #referring(subject: Sha256): Promise<void> {
    const listed = await this.#ask('referrers', (call) => this.#repository.referrers(this.#image, subject, call))
    const found = await together(listed.map((one) => this.#referrer(one, subject)))
    const descriptors = found.flatMap((descriptor) => descriptor ?? [])
    if (descriptors.length > 0) this.referrers.push({ subject, descriptors })
  }

  /**
   * A listed manifest, if its own subject is the right one. A list may contain anything: GitLab's registry has no referrers API and takes
   * the tag of a list for the subject's digest, so the platforms of the image look like a list.
   * @see https://github.com/oras-project/oras-go/issues/1396
   */
  async #referrer({ digest, json }: ListedReferrer, subject: Sha256): Promise<Descriptor | undefined> {
    let data: Buffer
    try {
      data = await this.#bytes(digest, undefined, subject)
    } catch (error) {
      if (!(error instanceof NotThere)) throw error
      // Lists outlive deleted manifests: nobody can get such a manifest any more, here or anywhere.
      this.gone.add(digest)
      return undefined
    }
    if (subjectOf(data) !== subject) return undefined
    const size = bytes(data.length)
    const { manifest } = await this.#manifest({ digest, size, depth: 0, about: subject })
    // Manifests that the image itself refers to, such as buildx's attestations, need no list.
    if (!this.attached.has(digest)) return undefined
    return { digest, size, mediaType: manifest.mediaType, json: { ...json, mediaType: manifest.mediaType, size } }
  }

  async #tagged(subject: Sha256, suffix: string): Promise<void> {
    const tag = `sha256-${subject}.${suffix}`
    const seen = await this.#ask('observe', (call) => this.#repository.observe({ format: 'image', image: this.#image, tag }, call))
    if (seen.saw === 'absent') return
    if (seen.sha256 === undefined || seen.size === undefined)
      throw new ImageRefused(`the registry does not report which manifest the tag ${tag} points to`, this.#image, attachedAdvice(subject))
    await this.#manifest({ digest: seen.sha256, size: seen.size, depth: 0, about: subject })
    this.tags.push({ tag, digest: seen.sha256 })
  }

  async #bytes(digest: Sha256, size: number | undefined, about: Sha256 | undefined): Promise<Buffer> {
    try {
      return await this.#reader.read(digest, size)
    } catch (error) {
      throw error instanceof ImageRefused && about !== undefined ? this.#refused(error.what, digest, about) : error
    }
  }

  #parsed(data: Buffer, digest: Sha256, claimed: string | undefined, about: Sha256 | undefined): Manifest {
    try {
      return parseManifest(data, claimed)
    } catch (error) {
      throw error instanceof ImageRefused ? this.#refused(error.what, digest, about) : error
    }
  }

  #refused(what: string, digest: Sha256, about?: Sha256): ImageRefused {
    return new ImageRefused(what, `${this.#image}@sha256:${digest}`, about && attachedAdvice(about))
  }

  #item(format: 'blob' | 'manifest', { digest, size, mediaType }: Pick<Descriptor, 'digest' | 'size' | 'mediaType'>): PartItem {
    return { coordinates: { format, image: this.#image, mediaType, digest }, content: { sha256: digest, size } }
  }
}

/** Waits for all of them, even if one failed, so that nothing is still running when the reading is over. */
async function together<T>(tasks: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(tasks)
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}
