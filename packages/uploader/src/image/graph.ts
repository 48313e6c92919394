import { bytes, type Content, type Sha256 } from '@stagegate/schema'
import type { Call, Descriptor, ImageRepository, Item } from '../repository/capabilities.js'
import { partLocation } from '../repository/part.js'
import { streamOf } from '../transfer/call.js'
import { ContentMismatch } from '../transfer/content-mismatch.js'
import { digestOfBytes } from './digest.js'
import { deepest, ImageRefused, type Manifest, manifestLimit, mostBlobs, mostManifests, parseManifest } from './manifest.js'
import type { Ask } from './persevere.js'

/** A manifest of the graph, with its bytes. */
export interface GraphManifest {
  readonly item: Item
  readonly data: Buffer
  readonly manifest: Manifest
}

/** What an image is read from. */
export type Readable = Pick<ImageRepository, 'observe' | 'read' | 'referrers'>

/** Everything that an image consists of. */
export interface Graph {
  readonly top: GraphManifest
  /** The top is among them. */
  readonly manifests: ReadonlyMap<Sha256, GraphManifest>
  readonly blobs: readonly Item[]
  /** Which manifests are about which. */
  readonly referrers: readonly { readonly subject: Sha256; readonly descriptors: readonly Descriptor[] }[]
  /** Tags under which tools that know no referrers keep signatures: `sha256-….sig`. */
  readonly tags: readonly { readonly tag: string; readonly digest: Sha256 }[]
}

/** All manifests of an image are kept in memory, and have no more than this together. */
const mostBytes = 32 * 1024 * 1024

/** What cosign's tags end with: `sha256-….sig`. */
const attached = ['sig', 'att', 'sbom']

/**
 * Reads the manifests of an image, each verified by its digest: all platforms, and the referrers of each.
 *
 * @throws {ContentMismatch} other bytes than the digest says
 * @throws {NotThere} a manifest is gone
 * @throws {ImageRefused} what may not or cannot be copied
 * @throws whatever `ask` throws
 */
export async function readGraph(ask: Ask, repository: Readable, image: string, top: Content): Promise<Graph> {
  const reading = new GraphReading(ask, repository, image)
  const found = await reading.manifest({ digest: top.sha256, size: top.size }, 0)
  await reading.attachments()
  return {
    top: found,
    manifests: reading.manifests,
    blobs: [...reading.blobs.values()],
    referrers: reading.referrers,
    tags: reading.tags,
  }
}

class GraphReading {
  readonly manifests = new Map<Sha256, GraphManifest>()
  readonly blobs = new Map<Sha256, Item>()
  readonly referrers: { subject: Sha256; descriptors: readonly Descriptor[] }[] = []
  readonly tags: { tag: string; digest: Sha256 }[] = []
  readonly #ask: Ask
  readonly #repository: Readable
  readonly #image: string
  readonly #begun = new Map<Sha256, Promise<GraphManifest>>()
  #bytes = 0

  constructor(ask: Ask, repository: Readable, image: string) {
    this.#ask = ask
    this.#repository = repository
    this.#image = image
  }

  /** A manifest, once all that it refers to was read as well. */
  async manifest(wanted: Pick<Descriptor, 'digest' | 'size'> & { mediaType?: string }, depth: number): Promise<GraphManifest> {
    const begun = this.#begun.get(wanted.digest) ?? this.#begin(wanted, depth)
    this.#begun.set(wanted.digest, begun)
    return begun
  }

  /** What is about the manifests that were found, and what is about that. */
  async attachments(): Promise<void> {
    const seen = new Set<Sha256>()
    for (let round = 0; ; round++) {
      const subjects = [...this.manifests.keys()].filter((digest) => !seen.has(digest))
      if (subjects.length === 0) return
      if (round > deepest) throw new ImageRefused(`its referrers are nested more than ${deepest} deep`, this.#image)
      for (const subject of subjects) seen.add(subject)
      await together(
        subjects.flatMap((subject) => [this.#referring(subject), ...attached.map((kind) => this.#tagged(`sha256-${subject}.${kind}`))]),
      )
    }
  }

  async #begin({ digest, size, mediaType }: Parameters<GraphReading['manifest']>[0], depth: number): Promise<GraphManifest> {
    if (depth > deepest) throw new ImageRefused(`its manifests are nested more than ${deepest} deep`, this.#image)
    if (size > manifestLimit) throw new ImageRefused(`a manifest has ${size} bytes, and registries take ${manifestLimit}`, this.#image)
    this.#bytes += size
    if (this.#begun.size >= mostManifests || this.#bytes > mostBytes)
      throw new ImageRefused(`it has more than ${mostManifests} manifests, or more than ${mostBytes} bytes of them`, this.#image)
    const data = await this.#ask((call) => this.#read(digest, size, call))
    const manifest = parseManifest(data, mediaType)
    for (const blob of manifest.blobs) this.blobs.set(blob.digest, this.#item('blob', blob))
    if (this.blobs.size > mostBlobs) throw new ImageRefused(`it has more than ${mostBlobs} layers`, this.#image)
    await together(manifest.manifests.map((child) => this.manifest(child, depth + 1)))
    const found = { item: this.#item('manifest', { digest, size, mediaType: manifest.mediaType }), data, manifest }
    this.manifests.set(digest, found)
    return found
  }

  async #referring(subject: Sha256): Promise<void> {
    const descriptors = await this.#ask((call) => this.#repository.referrers(this.#image, subject, call))
    if (descriptors.length === 0) return
    this.referrers.push({ subject, descriptors })
    await together(descriptors.map((descriptor) => this.manifest(descriptor, 0)))
  }

  async #tagged(tag: string): Promise<void> {
    const seen = await this.#ask((call) => this.#repository.observe({ format: 'image', image: this.#image, tag }, call))
    if (seen.saw === 'absent') return
    if (seen.sha256 === undefined || seen.size === undefined)
      throw new ImageRefused(`the registry does not say which manifest the tag ${tag} has`, this.#image)
    await this.manifest({ digest: seen.sha256, size: seen.size }, 0)
    this.tags.push({ tag, digest: seen.sha256 })
  }

  async #read(digest: Sha256, size: number, call: Call): Promise<Buffer> {
    const location = partLocation({ format: 'manifest', image: this.#image, digest })
    const stream = await streamOf(call, this.#repository.read(location, call))
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > size) break
      chunks.push(chunk)
    }
    const data = Buffer.concat(chunks)
    const expected = { sha256: digest, size: bytes(size) }
    const seen = length > size ? undefined : digestOfBytes(data)
    if (seen !== digest) throw new ContentMismatch(expected, { sha256: seen, size: bytes(length) }, location)
    return data
  }

  #item(format: 'blob' | 'manifest', { digest, size, mediaType }: Pick<Descriptor, 'digest' | 'size' | 'mediaType'>): Item {
    return { coordinates: { format, image: this.#image, mediaType, digest }, content: { sha256: digest, size } }
  }
}

/** Waits for all of them, also where one has failed: nothing goes on when the reading is over. */
async function together(tasks: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(tasks)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
