import type { Readable } from 'node:stream'
import { type Content, type Sha256, StagegateError } from '@stagegate/schema'
import { type Call, type ImageRepository, NotThere } from '../contract/capabilities.js'
import { attachedAdvice } from '../repository/oci/attachment.js'
import { partLocation } from '../repository/oci/part.js'
import type { PartItem } from './graph.js'

/** The same part under the image's name in another repository. */
export function itemIn({ coordinates, content }: PartItem, image: string): PartItem {
  return { coordinates: { ...coordinates, image }, content }
}

/** A part that the destination lacks says nothing about staging. */
export async function readThere(repository: ImageRepository, image: string, { sha256 }: Content, call: Call): Promise<Readable> {
  try {
    return await repository.read(partLocation({ format: 'manifest', image, digest: sha256 }), call)
  } catch (error) {
    if (!(error instanceof NotThere)) throw error
    throw new StagegateError({
      code: 'repository/not-listed',
      what: `the manifest sha256:${sha256} of ${image} does not exist`,
      cause: error,
    })
  }
}

/** The bytes of a staged layer. `about`: the manifest that the layer is attached to, if the build did not make it. */
export async function readPart(
  source: ImageRepository | undefined,
  { coordinates, content }: PartItem,
  about: Sha256 | undefined,
  call: Call,
): Promise<Readable> {
  if (source === undefined) throw new NotThere(`the layer sha256:${content.sha256} is no longer in staging`)
  try {
    return await source.read(partLocation(coordinates), call)
  } catch (error) {
    throw error instanceof NotThere && about !== undefined ? new NotThere(error.what, attachedAdvice(about)) : error
  }
}
