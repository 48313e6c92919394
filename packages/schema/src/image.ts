import * as v from 'valibot'
import { Sha256 } from './atoms.js'

// The grammars of the OCI distribution specification 1.1 ("Pulling manifests").
export const ImageName = v.pipe(
  v.string(),
  v.maxLength(255, 'an image name of at most 255 characters'),
  v.regex(/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/, 'an image name such as acme/hello'),
)
export const ImageTag = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, 'a tag of letters, digits and ._-'))
// Compared, and never taken apart: some have parameters.
const MediaType = v.pipe(v.string(), v.regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/, 'a media type'))

/** A container image: its name in a registry, and the tag that is never moved. */
export const ImageCoordinates = v.strictObject({ format: v.literal('image'), image: ImageName, tag: ImageTag })
export type ImageCoordinates = v.InferOutput<typeof ImageCoordinates>

/** A part of an image, found by its digest. */
export const PartCoordinates = v.strictObject({
  format: v.picklist(['blob', 'manifest']),
  image: ImageName,
  mediaType: MediaType,
  digest: Sha256,
})
export type PartCoordinates = v.InferOutput<typeof PartCoordinates>

/**
 * A tag that publishing sets. One that moves goes forward only: to the newest of the public versions that agree with
 * ours in their first `scope` numbers.
 */
export const SealedTag = v.variant('moves', [
  v.strictObject({ tag: ImageTag, moves: v.literal(false) }),
  v.strictObject({ tag: ImageTag, moves: v.literal(true), scope: v.picklist([0, 1, 2]) }),
])
export type SealedTag = v.InferOutput<typeof SealedTag>

export function isImageName(text: string): boolean {
  return v.is(ImageName, text)
}
export function isImageTag(text: string): boolean {
  return v.is(ImageTag, text)
}
