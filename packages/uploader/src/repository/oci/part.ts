import { type ImageCoordinates, type PartCoordinates, type Sha256, sha256, UsageError } from '@stagegate/schema'
import { shown } from '../../contract/shown.js'

/** The location of an image's part in a registry: `acme/hello/blobs/sha256:…`, as in its URLs. */
export function partLocation({ format, image, digest }: Pick<PartCoordinates, 'format' | 'image' | 'digest'>): string {
  return `${image}/${format}s/sha256:${digest}`
}

/** @throws {UsageError} if it is not such a location */
export function parsePartLocation(location: string): Pick<PartCoordinates, 'format' | 'image' | 'digest'> {
  const [, image, format, digest] = /^(.+)\/(blob|manifest)s\/sha256:([0-9a-f]{64})$/.exec(location) ?? []
  if (image === undefined || digest === undefined)
    throw new UsageError({
      code: 'usage/location',
      what: `expected a part of an image, got ${shown(location)}`,
      next: 'The location belongs to another repository. Check that the plan is the one that the stage job used.',
    })
  return { format: format === 'blob' ? 'blob' : 'manifest', image, digest: sha256(digest) }
}

/** The location of an image's manifest. */
export function manifestLocation({ image }: Pick<ImageCoordinates, 'image'>, digest: Sha256): string {
  return partLocation({ format: 'manifest', image, digest })
}
