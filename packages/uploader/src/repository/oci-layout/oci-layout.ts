import { lstat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { addAbortSignal, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { bytes, type Coordinates, type JsonObject, type Sha256, StagegateError } from '@stagegate/schema'
import {
  type Body,
  type Call,
  type Descriptor,
  type ImageRepository,
  type Item,
  type ListedReferrer,
  NotThere,
  type Observation,
  type Served,
  type TagPlace,
  type Written,
} from '../../contract/capabilities.js'
import { digestOf } from '../../contract/content-of.js'
import { jsonObjectIn } from '../../contract/json-object.js'
import { readDigest } from '../../contract/read-digest.js'
import { below, isMissing } from '../../store/directory/below.js'
import { createFile } from '../../store/directory/create-file.js'
import { openRegular } from '../../store/directory/open-regular.js'
import { parseReferrers } from '../oci/attachment.js'
import { manifestLimit, parseManifest, subjectOf } from '../oci/manifest.js'
import { manifestLocation, parsePartLocation, partLocation } from '../oci/part.js'
import { expectWhole, missing, otherBytes } from '../oci/served-image.js'
import { unsupported } from '../unsupported.js'
import { blobPath, type Entry, IndexFile } from './index-file.js'

/**
 * Images in directories (OCI image specification 1.1, "Image Layout"), as skopeo and others read them: one layout for each image. The bytes
 * of a part are read to know what it is; its name is not believed.
 */
export class OciLayout implements ImageRepository, Served {
  readonly #root: string
  readonly #folderOf: (image: string) => string

  /** `folderOf`: the folder of an image's layout below the root. */
  constructor(root: string, folderOf: (image: string) => string) {
    this.#root = root
    this.#folderOf = folderOf
  }

  async observe(at: Coordinates, { signal }: Call): Promise<Observation> {
    if (at.format === 'image') {
      const digest = await this.resolve(at)
      const data = digest === undefined ? undefined : await this.#manifest(at.image, digest, signal)
      if (digest !== undefined && data === undefined)
        throw new StagegateError({
          code: 'layout/broken',
          what: `the tag ${at.tag} points to a manifest that does not exist`,
          where: this.#root,
        })
      if (data === undefined) return { saw: 'absent' }
      const seen = digestOf(data)
      return { saw: 'present', sha256: seen, size: bytes(data.length), location: manifestLocation(at, seen) }
    }
    if (at.format !== 'blob' && at.format !== 'manifest') throw imagesAlone()
    const stream = await this.#open(at.image, at.digest, signal)
    return stream === undefined ? { saw: 'absent' } : { saw: 'present', ...(await readDigest(stream)), location: partLocation(at) }
  }

  async read(location: string, { signal }: Call): Promise<Readable> {
    const { image, digest } = parsePartLocation(location)
    const stream = await this.#open(image, digest, signal)
    if (stream === undefined) throw new NotThere(`${location} is no longer in ${this.#root}`)
    return stream
  }

  async create({ coordinates }: Item, body: Body, { signal }: Call): Promise<Written> {
    if (coordinates.format !== 'blob' && coordinates.format !== 'manifest') throw imagesAlone()
    const path = await this.#path(coordinates.image, blobPath(coordinates.digest))
    return (await createFile(path, addAbortSignal(signal, body.stream()))) ? { outcome: 'accepted' } : { outcome: 'exists' }
  }

  async resolve({ image, tag }: TagPlace): Promise<Sha256 | undefined> {
    return (await (await this.#index(image)).entries()).find((entry) => entry.tag === tag)?.descriptor.digest
  }

  async point({ image, tag }: TagPlace, to: Sha256, expected: Sha256 | undefined, { signal }: Call): Promise<Written> {
    const data = await this.#manifest(image, to, signal)
    if (data === undefined) throw new NotThere(`the manifest sha256:${to} of ${image} is not in ${this.#root}`)
    const { mediaType } = parseManifest(data)
    const json: JsonObject = { mediaType, digest: `sha256:${to}`, size: data.length }
    const descriptor: Descriptor = { mediaType, digest: to, size: bytes(data.length), json }
    const index = await this.#index(image)
    const moved = await index.change((entries) => {
      const seen = entries.find((entry) => entry.tag === tag)?.descriptor.digest
      return seen === expected ? [...entries.filter((entry) => entry.tag !== tag), { descriptor, tag }] : undefined
    })
    return moved ? { outcome: 'accepted' } : { outcome: 'exists' }
  }

  async tags(image: string): Promise<readonly string[]> {
    return (await (await this.#index(image)).entries()).flatMap(({ tag }) => tag ?? [])
  }

  /** Its entries that name the manifest as their subject, and those of the index under the referrers tag. */
  async referrers(image: string, subject: Sha256, { signal }: Call): Promise<readonly ListedReferrer[]> {
    const entries = await (await this.#index(image)).entries()
    const own = await Promise.all(
      entries.map(async ({ descriptor }) => {
        const data = await this.#manifest(image, descriptor.digest, signal)
        return data !== undefined && subjectOf(data) === subject ? [descriptor] : []
      }),
    )
    const tagged = entries.find(({ tag }) => tag === `sha256-${subject}`)
    const list = tagged && (await this.#manifest(image, tagged.descriptor.digest, signal))
    const { manifests = [] } = jsonObjectIn(list?.toString('utf8') ?? '') ?? {}
    const listed = parseReferrers(Array.isArray(manifests) ? manifests : [], image, subject)
    return [...new Map([...own.flat(), ...listed].map((descriptor) => [descriptor.digest, descriptor])).values()]
  }

  async attach(image: string, _subject: Sha256, referrers: readonly Descriptor[]): Promise<void> {
    const index = await this.#index(image)
    await index.change((entries) => {
      const missing = referrers.filter(({ digest }) => !entries.some(({ descriptor }) => descriptor.digest === digest))
      return missing.length === 0 ? undefined : [...entries, ...missing.map((descriptor): Entry => ({ descriptor, tag: undefined }))]
    })
  }

  async served(at: Coordinates, call: Call): Promise<Readable | undefined> {
    if (at.format === 'blob' || at.format === 'manifest') return this.#open(at.image, at.digest, call.signal)
    if (at.format !== 'image') return undefined
    const digest = await this.resolve(at)
    const data = digest === undefined ? undefined : await this.#manifest(at.image, digest, call.signal)
    if (data === undefined) return undefined
    await expectWhole(data, {
      manifest: async (child) => {
        const found = await this.#manifest(at.image, child, call.signal)
        return found !== undefined && digestOf(found) === child ? found : undefined
      },
      expectLayer: (layer) => this.#expectLayer(at.image, layer),
    })
    return Readable.from([data])
  }

  async #expectLayer(image: string, layer: Descriptor): Promise<void> {
    const size = await this.#size(image, layer.digest)
    if (size === undefined) throw missing(`the layer sha256:${layer.digest}`)
    if (size !== layer.size) throw otherBytes(layer, size)
  }

  async #size(image: string, digest: Sha256): Promise<number | undefined> {
    try {
      return (await lstat(await this.#path(image, blobPath(digest)))).size
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async #index(image: string): Promise<IndexFile> {
    return new IndexFile(dirname(await this.#path(image, 'index.json')))
  }

  #path(image: string, path: string): Promise<string> {
    return below(this.#root, join(this.#folderOf(image), path))
  }

  async #manifest(image: string, digest: Sha256, signal: AbortSignal): Promise<Buffer | undefined> {
    const stream = await this.#open(image, digest, signal, manifestLimit)
    return stream === undefined ? undefined : buffer(stream)
  }

  async #open(image: string, digest: Sha256, signal: AbortSignal, most = Number.POSITIVE_INFINITY): Promise<Readable | undefined> {
    const path = await this.#path(image, blobPath(digest))
    return openRegular(path, signal, (found) => {
      if (!found.isFile()) throw new StagegateError({ code: 'directory/not-a-file', what: 'expected a regular file', where: path })
      if (found.size > most)
        throw new StagegateError({ code: 'layout/broken', what: `expected a manifest of at most ${most} bytes`, where: path })
    })
  }
}

function imagesAlone(): StagegateError {
  return unsupported('an OCI layout accepts only images', 'Publish it to another repository.')
}
