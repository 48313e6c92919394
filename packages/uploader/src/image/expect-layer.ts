import type { Sha256 } from '@stagegate/schema'
import { streamOf } from '../contract/call.js'
import type { ImageRepository } from '../contract/capabilities.js'
import { readDigest } from '../contract/read-digest.js'
import { attachedAdvice } from '../repository/oci/attachment.js'
import { ImageRefused } from '../repository/oci/manifest.js'
import { partLocation } from '../repository/oci/part.js'
import type { PartItem } from './graph.js'
import type { Ask } from './persevere.js'

/**
 * Checks that the build's layer is there, complete, and has the size in the manifest. Registries accept a manifest with a wrong size, but
 * such an image cannot be copied. If its digest or size is in doubt, the layer is read.
 *
 * @param about the manifest that it is attached to, if it is not part of the build
 * @throws {ImageRefused} if it is missing or different
 */
export async function expectLayer(
  ask: Ask,
  repository: ImageRepository,
  { coordinates, content }: PartItem,
  about: Sha256 | undefined,
): Promise<void> {
  const refused = (what: string, next?: string) =>
    new ImageRefused(`its layer sha256:${content.sha256} ${what}`, coordinates.image, about === undefined ? next : attachedAdvice(about))
  const observed = await ask('observe', (call) => repository.observe(coordinates, call))
  if (observed.saw === 'absent') throw refused('is not there')
  const { sha256, size = content.size } = observed
  if (sha256 === content.sha256 && size === content.size) return
  const read = await ask('read', async (call) => readDigest(await streamOf(call, repository.read(partLocation(coordinates), call))))
  if (read.sha256 !== content.sha256)
    throw refused(
      `has different bytes: ${read.size} of them, but there must be ${content.size}`,
      'The registry lost or changed it. Nothing was staged. Delete the image there, and push it again.',
    )
  if (read.size !== content.size)
    throw refused(
      `has ${read.size} bytes, but the manifest gives ${content.size}`,
      'The build wrote a wrong size. Build the image again with another tool or tool version, under a new version.',
    )
}
