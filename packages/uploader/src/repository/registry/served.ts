import type { ImageCoordinates, Sha256 } from '@stagegate/schema'
import { deepest, type Manifest, mostBlobs, mostManifests, parseManifest } from '../../image/manifest.js'
import { readDigest } from '../../transfer/read-digest.js'
import { type Call, type Descriptor, IndexBroken } from '../capabilities.js'
import { observeBlob } from './blobs.js'
import { fetchManifest } from './manifests.js'
import { fetchPart } from './parts.js'
import type { Site } from './site.js'
import { fetchTagged } from './tagged.js'

/**
 * What a user gets who pulls the image: the manifest under the tag, of which every platform and every layer is there, as long as it
 * must be.
 * @throws {IndexBroken} what the manifest names is not
 */
export async function servedImage(site: Site, { image, tag }: ImageCoordinates, call: Call): Promise<Buffer | undefined> {
  const top = await fetchTagged(site, image, tag, call)
  if (top === undefined) return undefined
  await new Walk(site, image, call).through(top.data, 0)
  return top.data
}

class Walk {
  readonly #site: Site
  readonly #image: string
  readonly #call: Call
  readonly #seen = new Set<Sha256>()

  constructor(site: Site, image: string, call: Call) {
    this.#site = site
    this.#image = image
    this.#call = call
  }

  async through(data: Buffer, depth: number): Promise<void> {
    const manifest = readable(data)
    // What is none of ours is told by its digest.
    if (manifest === undefined || depth > deepest || this.#seen.size > mostManifests + mostBlobs) return
    for (const { digest } of manifest.manifests) {
      if (this.#isSeen(digest)) continue
      const child = await fetchManifest(this.#site, this.#image, `sha256:${digest}`, this.#call)
      if (child?.digest !== digest) throw broken(`the manifest sha256:${digest}`)
      await this.through(child.data, depth + 1)
    }
    for (const layer of manifest.blobs) if (!this.#isSeen(layer.digest)) await this.#expectLayer(layer)
  }

  /** A layer whose digest or length is in doubt is read. */
  async #expectLayer({ digest, size, mediaType }: Descriptor): Promise<void> {
    const at = { format: 'blob', image: this.#image, mediaType, digest } as const
    const seen = await observeBlob(this.#site, at, this.#call)
    if (seen.saw === 'absent') throw broken(`the layer sha256:${digest}`)
    if (seen.sha256 === digest && (seen.size ?? size) === size) return
    const stream = await fetchPart(this.#site, at, this.#call)
    if (stream === undefined) throw broken(`the layer sha256:${digest}`)
    const read = await readDigest(stream)
    if (read.sha256 !== digest || read.size !== size)
      throw new IndexBroken(
        `the layer sha256:${digest}, which the image names, has other bytes: ${read.size} of them, where there must be ${size}`,
        'The registry has lost or changed it. Have it repaired there: nothing public is overwritten.',
      )
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

function broken(what: string): IndexBroken {
  return new IndexBroken(`${what}, which the image names, is not there`, 'Publish it again: what is missing is sent.')
}
