import type { ImageCoordinates } from '@stagegate/schema'
import type { Call, Descriptor } from '../../contract/capabilities.js'
import { readDigest } from '../../contract/read-digest.js'
import { expectWhole, missing, otherBytes } from '../oci/served-image.js'
import { observeBlob } from './blobs.js'
import { fetchManifest } from './manifests.js'
import { fetchPart } from './parts.js'
import type { Site } from './site.js'
import { fetchTagged } from './tagged.js'

/**
 * The image as a user pulls it: the manifest under the tag, with every platform and every layer.
 * @throws {IndexBroken} if a part that the manifest names is missing
 */
export async function servedImage(site: Site, { image, tag }: ImageCoordinates, call: Call): Promise<Buffer | undefined> {
  const top = await fetchTagged(site, image, tag, call)
  if (top === undefined) return undefined
  await expectWhole(top.data, {
    async manifest(digest) {
      const found = await fetchManifest(site, { image, reference: `sha256:${digest}` }, call)
      return found?.digest === digest ? found.data : undefined
    },
    expectLayer: (layer) => expectLayer(site, image, layer, call),
  })
  return top.data
}

/** A layer is read if its digest or length is in doubt. */
async function expectLayer(site: Site, image: string, layer: Descriptor, call: Call): Promise<void> {
  const { digest, size, mediaType } = layer
  const at = { format: 'blob', image, mediaType, digest } as const
  const seen = await observeBlob(site, at, call)
  if (seen.saw === 'absent') throw missing(`the layer sha256:${digest}`)
  if (seen.sha256 === digest && (seen.size ?? size) === size) return
  const stream = await fetchPart(site, at, call)
  if (stream === undefined) throw missing(`the layer sha256:${digest}`)
  const read = await readDigest(stream)
  if (read.sha256 !== digest || read.size !== size) throw otherBytes(layer, read.size)
}
