import { addAbortSignal, Readable } from 'node:stream'
import { bytes, type Coordinates, type Sha256 } from '@stagegate/schema'
import { type Descriptor, type ImageRepository, NotThere } from '../../contract/capabilities.js'
import { digestOf } from '../../contract/content-of.js'
import { parseDescriptor } from '../../repository/oci/descriptor.js'
import { parseManifest } from '../../repository/oci/manifest.js'
import { manifestLocation, parsePartLocation, partLocation } from '../../repository/oci/part.js'
import { bytesOf } from '../fixtures.js'

/** A registry in memory that does all as it should. Tests spread it and put their fault in its place. */
export interface MemoryRegistry extends ImageRepository {
  /** By location. */
  readonly parts: Map<string, Buffer>
  /** By `image:tag`. */
  readonly pointers: Map<string, Sha256>
  /** What was asked of it that changes something, in order. */
  readonly writes: string[]
}

export function memoryRegistry(host: string): MemoryRegistry {
  const parts = new Map<string, Buffer>()
  const pointers = new Map<string, Sha256>()
  const attached = new Map<string, readonly Descriptor[]>()
  const writes: string[] = []
  const read = (location: string) => {
    const data = parts.get(location)
    if (data === undefined) throw new NotThere(`${location} is gone`)
    return data
  }
  const present = (location: string, sha256: Sha256) => {
    const data = parts.get(location)
    return data === undefined ? ({ saw: 'absent' } as const) : ({ saw: 'present', sha256, size: bytes(data.length), location } as const)
  }
  return {
    host,
    parts,
    pointers,
    writes,
    async observe(at: Coordinates) {
      if (at.format === 'image') {
        const digest = pointers.get(`${at.image}:${at.tag}`)
        return digest === undefined ? { saw: 'absent' } : present(manifestLocation(at, digest), digest)
      }
      if (at.format !== 'blob' && at.format !== 'manifest') throw new Error('Expected a part of an image')
      return present(partLocation(at), at.digest)
    },
    read: async (location) => Readable.from([read(location)]),
    async create({ coordinates, content }, body, { signal }) {
      signal.throwIfAborted()
      if (coordinates.format !== 'blob' && coordinates.format !== 'manifest') throw new Error('Expected a part of an image')
      const data = await bytesOf(addAbortSignal(signal, body.stream()))
      if (digestOf(data) !== content.sha256) return { outcome: 'refused', because: { code: 'DIGEST_INVALID', message: 'DIGEST_INVALID' } }
      if (coordinates.format === 'manifest') {
        const { blobs, manifests } = parseManifest(data, coordinates.mediaType)
        const lacks = [
          ...blobs.map(({ digest }) => partLocation({ ...coordinates, format: 'blob', digest })),
          ...manifests.map(({ digest }) => partLocation({ ...coordinates, digest })),
        ].find((location) => !parts.has(location))
        if (lacks !== undefined) return { outcome: 'refused', because: { code: 'MANIFEST_BLOB_UNKNOWN', message: lacks } }
      }
      writes.push(`put ${coordinates.format} ${coordinates.digest.slice(0, 6)}`)
      parts.set(partLocation(coordinates), data)
      return { outcome: 'accepted' }
    },
    nameOnHost: (image) => image,
    async copy({ coordinates }, fromImage) {
      if (coordinates.format !== 'blob') return { outcome: 'unsupported' }
      const data = parts.get(partLocation({ ...coordinates, image: fromImage }))
      if (data === undefined) return { outcome: 'unsupported' }
      writes.push(`mount ${coordinates.digest.slice(0, 6)}`)
      parts.set(partLocation(coordinates), data)
      return { outcome: 'accepted' }
    },
    resolve: async ({ image, tag }) => pointers.get(`${image}:${tag}`),
    async point({ image, tag }, to, expected) {
      read(manifestLocation({ image }, to))
      if (pointers.get(`${image}:${tag}`) !== expected) return { outcome: 'exists' }
      writes.push(`tag ${tag}`)
      pointers.set(`${image}:${tag}`, to)
      return { outcome: 'accepted' }
    },
    tags: async (image) => [...pointers.keys()].flatMap((key) => (key.startsWith(`${image}:`) ? [key.slice(image.length + 1)] : [])),
    async referrers(image, subject) {
      const own = [...parts].flatMap(([location, data]) => {
        const { format, digest, image: of } = parsePartLocation(location)
        if (format !== 'manifest' || of !== image) return []
        const json = JSON.parse(data.toString())
        if (json.subject?.digest !== `sha256:${subject}`) return []
        return [parseDescriptor({ mediaType: json.mediaType, digest: `sha256:${digest}`, size: data.length }) ?? []].flat()
      })
      return own.length > 0 ? own : (attached.get(`${image}@${subject}`) ?? [])
    },
    async attach(image, subject, referrers) {
      writes.push(`attach ${referrers.length}`)
      attached.set(`${image}@${subject}`, referrers)
    },
  }
}

export interface MadeImage {
  readonly digest: Sha256
  readonly size: number
  readonly mediaType: string
}

/** Builds images into a registry, part by part. */
export class Builder {
  readonly #registry: MemoryRegistry
  readonly #image: string

  constructor(registry: MemoryRegistry, image: string) {
    this.#registry = registry
    this.#image = image
  }

  blob(data: Buffer, mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'): MadeImage {
    const digest = digestOf(data)
    this.#registry.parts.set(partLocation({ format: 'blob', image: this.#image, digest }), data)
    return { digest, size: data.length, mediaType }
  }

  manifest(layers: readonly MadeImage[], more: object = {}): MadeImage {
    const config = this.blob(
      Buffer.from(JSON.stringify({ architecture: 'amd64', layers: layers.length })),
      'application/vnd.oci.image.config.v1+json',
    )
    return this.#put('application/vnd.oci.image.manifest.v1+json', { config: json(config), layers: layers.map(json), ...more })
  }

  index(manifests: readonly (MadeImage & { readonly platform?: string })[], more: object = {}): MadeImage {
    const list = manifests.map(({ platform, ...made }) => {
      const [os, architecture] = platform?.split('/') ?? []
      return { ...json(made), ...(platform !== undefined && { platform: { os, architecture } }) }
    })
    return this.#put('application/vnd.oci.image.index.v1+json', { manifests: list, ...more })
  }

  tag(tag: string, { digest }: MadeImage): void {
    this.#registry.pointers.set(`${this.#image}:${tag}`, digest)
  }

  #put(mediaType: string, value: object): MadeImage {
    // The newline is there on purpose: whoever writes the manifest again loses it, and with it the digest.
    const data = Buffer.from(`${JSON.stringify({ schemaVersion: 2, mediaType, ...value }, undefined, 1)}\n`)
    const digest = digestOf(data)
    this.#registry.parts.set(partLocation({ format: 'manifest', image: this.#image, digest }), data)
    return { digest, size: data.length, mediaType }
  }
}

export function json({ digest, size, mediaType }: MadeImage): object {
  return { mediaType, digest: `sha256:${digest}`, size }
}
