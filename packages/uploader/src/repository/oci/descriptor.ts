import { bytes, type JsonValue, type Sha256, sha256 } from '@stagegate/schema'
import type { Descriptor } from '../../contract/capabilities.js'
import { isJsonObject } from '../../contract/json-object.js'
import { shown } from '../../contract/shown.js'

/** Any text that is valid in a header. Media types are compared and never parsed: some have parameters (RFC 6838). */
const mediaTypes = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/

/** Reads a descriptor (OCI image specification 1.1, "Content Descriptors"). `wrong`: why it cannot be followed. */
export function readDescriptor(value: JsonValue | undefined): Descriptor | { readonly wrong: string } {
  if (!isJsonObject(value)) return { wrong: 'is not an object' }
  const { mediaType, size } = value
  const digest = digestIn(value)
  if (digest === undefined) return { wrong: typeof value['digest'] === 'string' ? foreign(value['digest']) : 'has no digest' }
  if (typeof mediaType !== 'string' || !mediaTypes.test(mediaType)) return { wrong: 'has no media type' }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return { wrong: 'has no size' }
  return { mediaType, digest, size: bytes(size), json: value }
}

/** `undefined` if it is not a descriptor, or has a digest of another algorithm. */
export function parseDescriptor(value: JsonValue | undefined): Descriptor | undefined {
  const read = readDescriptor(value)
  return 'wrong' in read ? undefined : read
}

/** The digest of a descriptor, if it is a sha256. */
export function digestIn(value: JsonValue | undefined): Sha256 | undefined {
  const digest = isJsonObject(value) ? value['digest'] : undefined
  const hex = typeof digest === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] : undefined
  return hex === undefined ? undefined : sha256(hex)
}

/** Registries may accept others (OCI image specification 1.1, "Registered Algorithms"), but copies are found only by sha256. */
function foreign(digest: string): string {
  return `has the digest ${shown(digest)}, but only sha256 is supported`
}

/** `linux/arm64/v8`; `undefined` if the descriptor names none, or says that it is for none. */
export function platformOf({ json }: Descriptor): string | undefined {
  const { platform } = json
  if (!isJsonObject(platform)) return undefined
  const { os, architecture, variant } = platform
  if (typeof os !== 'string' || typeof architecture !== 'string' || os === 'unknown') return undefined
  return [os, architecture, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join('/')
}
