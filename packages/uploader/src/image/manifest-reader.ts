import { bytes, type Sha256 } from '@stagegate/schema'
import { streamOf } from '../contract/call.js'
import type { Call, ImageRepository } from '../contract/capabilities.js'
import { digestOf } from '../contract/content-of.js'
import { ImageRefused, manifestLimit, mostManifests } from '../repository/oci/manifest.js'
import { partLocation } from '../repository/oci/part.js'
import { ContentMismatch } from '../transfer/content-mismatch.js'
import type { Ask } from './persevere.js'

/** All manifests of an image are kept in memory; this limits their total size. */
const mostBytes = 32 * 1024 * 1024

/** Reads the manifests of one image by their digests: each once, and not more than an image can have. */
export class ManifestReader {
  readonly #ask: Ask
  readonly #repository: Pick<ImageRepository, 'read'>
  readonly #image: string
  readonly #read = new Map<Sha256, Promise<Buffer>>()
  #bytes = 0

  constructor(ask: Ask, repository: Pick<ImageRepository, 'read'>, image: string) {
    this.#ask = ask
    this.#repository = repository
    this.#image = image
  }

  /**
   * @param size the claimed length, if known
   * @throws {ContentMismatch} different bytes than the digest says
   * @throws {NotThere} if it is gone
   * @throws {ImageRefused} if they are too many or too long
   */
  async read(digest: Sha256, size = 0): Promise<Buffer> {
    const begun = this.#read.get(digest) ?? this.#begin(digest, size)
    this.#read.set(digest, begun)
    return begun
  }

  async #begin(digest: Sha256, size: number): Promise<Buffer> {
    if (size > manifestLimit)
      throw new ImageRefused(`a manifest has ${size} bytes, but registries accept at most ${manifestLimit}`, this.#image)
    if (this.#read.size >= mostManifests) throw this.#tooMany()
    this.#reserve(size)
    const data = await this.#ask('read', (call) => this.#fetch(digest, size, call))
    this.#reserve(data.length - size)
    return data
  }

  #reserve(size: number): void {
    this.#bytes += size
    if (this.#bytes > mostBytes) throw this.#tooMany()
  }

  #tooMany(): ImageRefused {
    return new ImageRefused(`it has more than ${mostManifests} manifests, or more than ${mostBytes} bytes of them`, this.#image)
  }

  async #fetch(digest: Sha256, said: number, call: Call): Promise<Buffer> {
    const location = partLocation({ format: 'manifest', image: this.#image, digest })
    const stream = await streamOf(call, this.#repository.read(location, call))
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > manifestLimit) break
      chunks.push(chunk)
    }
    const data = Buffer.concat(chunks)
    const seen = length > manifestLimit ? undefined : digestOf(data)
    const expected = { sha256: digest, size: bytes(said === 0 ? length : said) }
    if (seen !== digest) throw new ContentMismatch(expected, { sha256: seen, size: bytes(length) }, location)
    return data
  }
}
