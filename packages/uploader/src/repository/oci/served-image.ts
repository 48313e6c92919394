import type { Sha256 } from '@stagegate/schema'
import { type Descriptor, IndexBroken } from '../../contract/capabilities.js'
import { deepest, type Manifest, mostBlobs, mostManifests, parseManifest } from './manifest.js'

/** The parts of an image as users see them. */
export interface ServedParts {
  /** A manifest that is verified by its digest; `undefined` if there is none. */
  manifest(digest: Sha256): Promise<Buffer | undefined>
  /**
   * Checks that a layer is there with the right length, without reading it.
   * @throws {IndexBroken} if it is not
   */
  expectLayer(layer: Descriptor): Promise<void>
}

/**
 * Checks that everything named by a tag's manifest is there: every platform, and every layer.
 * @throws {IndexBroken} if a user who pulls the image would not get it
 */
export function expectWhole(top: Buffer, shelf: ServedParts): Promise<void> {
  return new Walk(shelf).through(top, 0)
}

class Walk {
  readonly #shelf: ServedParts
  readonly #seen = new Set<Sha256>()

  constructor(shelf: ServedParts) {
    this.#shelf = shelf
  }

  async through(data: Buffer, depth: number): Promise<void> {
    const manifest = readable(data)
    // Other manifests are identified by their digest.
    if (manifest === undefined || depth > deepest || this.#seen.size > mostManifests + mostBlobs) return
    for (const { digest } of manifest.manifests) {
      if (this.#isSeen(digest)) continue
      const child = await this.#shelf.manifest(digest)
      if (child === undefined) throw missing(`the manifest sha256:${digest}`)
      await this.through(child, depth + 1)
    }
    for (const layer of manifest.blobs) if (!this.#isSeen(layer.digest)) await this.#shelf.expectLayer(layer)
  }

  #isSeen(digest: Sha256): boolean {
    const seen = this.#seen.has(digest)
    this.#seen.add(digest)
    return seen
  }
}

function readable(data: Buffer): Manifest | undefined {
  try {
    return parseManifest(data)
  } catch {
    return undefined
  }
}

export function missing(what: string): IndexBroken {
  return new IndexBroken(`${what}, which the image names, does not exist`, 'Publish it again: this sends only what is missing.')
}

/** `has`: how many bytes are there. */
export function otherBytes({ digest, size }: Descriptor, has: number): IndexBroken {
  return new IndexBroken(
    `the layer sha256:${digest}, which the image names, has different bytes: ${has} of them, but there must be ${size}`,
    'The registry lost or changed them. Let its administrator repair it: Stagegate overwrites nothing public.',
  )
}
