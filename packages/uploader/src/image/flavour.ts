import type { Flavour, PlannedImage, SealedTag } from '@stagegate/schema'
import { parseVersion } from './versions.js'

/** The versions that a moving tag is compared with. */
export type Line = Omit<Extract<SealedTag, { readonly moves: true }>, 'tag' | 'moves'>

/** The text before and after the version in the image's own tag, which never moves. */
export function flavourOf({ tags }: Pick<PlannedImage, 'tags'>): Flavour {
  const { prefix, suffix } = tags.find(({ name }) => name === 'version') ?? {}
  return { ...(prefix !== undefined && { prefix }), ...(suffix !== undefined && { suffix }) }
}

/** A public tag as a version of this flavour; `undefined` if the tag belongs to another one. */
export function versionIn(tag: string, { flavour = {}, others = [] }: Pick<Line, 'flavour' | 'others'>): string | undefined {
  const version = between(tag, flavour)
  // `16.2.0-fips-jmx` also ends with `-jmx`: it belongs to the flavour that matches more of it.
  const closer = others.filter((other) => lengthOf(other) > lengthOf(flavour))
  return closer.some((other) => parseVersion(between(tag, other) ?? '') !== undefined) ? undefined : version
}

function between(tag: string, { prefix = '', suffix = '' }: Flavour): string | undefined {
  const fits = tag.length > prefix.length + suffix.length && tag.startsWith(prefix) && tag.endsWith(suffix)
  return fits ? tag.slice(prefix.length, tag.length - suffix.length) : undefined
}

function lengthOf({ prefix = '', suffix = '' }: Flavour): number {
  return prefix.length + suffix.length
}
