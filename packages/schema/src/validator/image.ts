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

export const ImageCoordinates = v.strictObject({ format: v.literal('image'), image: ImageName, tag: ImageTag })

export const PartCoordinates = v.strictObject({
  format: v.picklist(['blob', 'manifest']),
  image: ImageName,
  mediaType: MediaType,
  digest: Sha256,
})

export const Flavour = v.strictObject({
  prefix: v.exactOptional(v.pipe(v.string(), v.regex(/^(?=.{1,40}$)(?![.-])[A-Za-z0-9._-]*[A-Za-z_-]$/, 'a prefix such as alpine-'))),
  suffix: v.exactOptional(v.pipe(v.string(), v.regex(/^(?=.{1,40}$)[A-Za-z_-][A-Za-z0-9._-]*$/, 'a suffix such as -fips'))),
})

export const SealedTag = v.variant('moves', [
  v.strictObject({ tag: ImageTag, moves: v.literal(false) }),
  v.strictObject({
    tag: ImageTag,
    moves: v.literal(true),
    scope: v.picklist([0, 1, 2]),
    flavour: v.exactOptional(Flavour),
    others: v.exactOptional(v.array(Flavour)),
  }),
])
