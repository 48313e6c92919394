import * as v from 'valibot'
import type { Sha256 } from './atoms.js'
import * as image from './validator/image.js'

/** A container image. */
export interface ImageCoordinates {
  readonly format: 'image'
  /** Its name in the registry: `acme/hello`. */
  readonly image: string
  /** The tag that is never moved: `1.2.3`. */
  readonly tag: string
}

/** A part of an image, found by its digest. */
export interface PartCoordinates {
  /** A blob is a layer or a configuration; a manifest or an index lists such parts. */
  readonly format: 'blob' | 'manifest'
  /** The image's name in the registry: `acme/hello`. */
  readonly image: string
  /** As the manifest that refers to it says: `application/vnd.oci.image.manifest.v1+json`. */
  readonly mediaType: string
  /** The digest of its bytes, which names it. */
  readonly digest: Sha256
}

/**
 * The text around the version in the tags of one flavour of an image: `alpine-v` and `-fips`. The plain flavour has none. A digit next to
 * the version would become a part of it.
 */
export interface Flavour {
  /** The text before the version, at most 40 characters. @default none */
  readonly prefix?: string
  /** The text after the version, at most 40 characters. @default none */
  readonly suffix?: string
}

/** A tag that publishing sets. */
export type SealedTag = FixedTag | ForwardTag

/** A tag that is never moved. */
export interface FixedTag {
  /** The tag: `1.2.3`. */
  readonly tag: string
  readonly moves: false
}

/**
 * A tag that goes forward only: to the newest of the public versions that agree with ours in their first `scope` numbers. Versions are those
 * of our flavour; a tag can look like one and be of the `others`.
 */
export interface ForwardTag {
  /** The tag: `latest`, `1`, `1.2`. */
  readonly tag: string
  readonly moves: true
  /** How many numbers of the version must agree: 0 for `latest`, 1 for `1`, 2 for `1.2`. */
  readonly scope: 0 | 1 | 2
  /** Our flavour. @default the plain one */
  readonly flavour?: Flavour
  /** Flavours of the same name that others publish. @default none */
  readonly others?: readonly Flavour[]
}

/** A tag of the flavour. */
export function flavoured(text: string, { prefix = '', suffix = '' }: Flavour): string {
  return `${prefix}${text}${suffix}`
}

/** Whether a value is the text around a version: `{ prefix: 'alpine-' }`. */
export function isFlavour(value: unknown): boolean {
  return v.is(image.Flavour, value)
}

/** Whether a text is an image's name such as `acme/hello`, without registry and tag. */
export function isImageName(text: string): boolean {
  return v.is(image.ImageName, text)
}

/** Whether a text can be a tag of an image. */
export function isImageTag(text: string): boolean {
  return v.is(image.ImageTag, text)
}
