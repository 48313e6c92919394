import { bytes, type JsonObject, type JsonValue, StagegateError, sha256 } from '@stagegate/schema'
import type { Descriptor } from '../repository/capabilities.js'
import { shown } from '../shown.js'

/** The image is one that cannot be copied whole, or is none: a person must look. */
export class ImageRefused extends StagegateError {
  constructor(what: string, where?: string) {
    super({ code: 'content/image-refused', what, where, next: 'Build it again without it, under a new version.' })
  }
}

/** The most that a manifest may have: what registries must accept (OCI distribution specification 1.1, "Pushing manifests"). */
export const manifestLimit = 4 * 1024 * 1024

/** No image that somebody builds comes near these; a hostile registry would go on for ever. */
export const mostManifests = 2000
export const mostBlobs = 20_000
export const deepest = 8

/** What a manifest refers to. */
export interface Manifest {
  readonly mediaType: string
  /** Of an index: one for each platform. */
  readonly manifests: readonly Descriptor[]
  /** The configuration and the layers. */
  readonly blobs: readonly Descriptor[]
}

const index = 'application/vnd.oci.image.index.v1+json'
const image = 'application/vnd.oci.image.manifest.v1+json'
const indexes = [index, 'application/vnd.docker.distribution.manifest.list.v2+json']
const images = [image, 'application/vnd.docker.distribution.manifest.v2+json']
/** What a registry is asked for. */
export const manifestTypes: readonly string[] = [...indexes, ...images]

/**
 * Reads a manifest, which is never written again: its bytes are what has the digest.
 * @param claimed the media type that whoever refers to it says
 * @throws {ImageRefused} what is no manifest, is of a kind that is not known, or has parts that may not be copied
 */
export function parseManifest(data: Buffer, claimed?: string): Manifest {
  const json = parse(data)
  const own = json['mediaType']
  const mediaType = typeof own === 'string' ? own : 'manifests' in json ? index : image
  if (claimed !== undefined && claimed !== mediaType)
    throw new ImageRefused(`a manifest is said to be ${claimed}, and says that it is ${shown(mediaType)}`)
  if (json['schemaVersion'] !== 2) throw new ImageRefused('a manifest has another schema version than 2')
  const isIndex = indexes.includes(mediaType)
  // Who reads it as the other one would get another image (CVE-2021-41190).
  if ((isIndex ? ['config', 'layers', 'fsLayers'] : ['manifests', 'fsLayers']).some((key) => key in json))
    throw new ImageRefused('a manifest can be read as an image and as an index')
  if (isIndex) return { mediaType, manifests: descriptors(json['manifests'], 'manifests'), blobs: [] }
  if (images.includes(mediaType)) {
    const blobs = [...descriptors([json['config'] ?? null], 'config'), ...descriptors(json['layers'], 'layers')]
    for (const blob of blobs) refuseForeign(blob)
    return { mediaType, manifests: [], blobs }
  }
  throw new ImageRefused(`a manifest is of the type ${shown(mediaType)}, which is not known`)
}

function parse(data: Buffer): JsonObject {
  try {
    const json: JsonValue = JSON.parse(data.toString('utf8'))
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json
  } catch {
    // Said below.
  }
  throw new ImageRefused('a manifest is no JSON object')
}

function descriptors(value: JsonValue | undefined, where: string): readonly Descriptor[] {
  if (!Array.isArray(value)) throw new ImageRefused(`a manifest has no list of ${where}`)
  if (value.length > mostBlobs) throw new ImageRefused(`a manifest has ${value.length} ${where}`)
  return value.map((one) => {
    const descriptor = parseDescriptor(one)
    if (descriptor === undefined) throw new ImageRefused(`one of its ${where} is no descriptor with a sha256 digest and a size`)
    return descriptor
  })
}

/** @throws {ImageRefused} what could not be copied with the image that it is about */
export function parseReferrers(list: readonly JsonValue[]): readonly Descriptor[] {
  return descriptors([...list], 'referrers')
}

/** `undefined` for what is none, or has a digest of another algorithm. */
export function parseDescriptor(value: JsonValue): Descriptor | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { mediaType, digest, size } = value
  const hex = typeof digest === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] : undefined
  const sound = typeof mediaType === 'string' && /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+$/.test(mediaType) && mediaType.length <= 255
  if (hex === undefined || !sound || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined
  return { mediaType, digest: sha256(hex), size: bytes(size), json: value }
}

/** Layers that may not be distributed lie elsewhere, and their licence keeps them there. */
function refuseForeign({ mediaType, digest, json }: Descriptor): void {
  const urls = Array.isArray(json['urls']) && json['urls'].length > 0
  if (/nondistributable|\.foreign\./.test(mediaType) || urls)
    throw new ImageRefused(`the layer sha256:${digest} (${mediaType}) is one that may not be distributed`)
}

/** `linux/arm64/v8`; `undefined` where the descriptor names none, or says that it is for none. */
export function platformOf({ json }: Descriptor): string | undefined {
  const { platform } = json
  if (typeof platform !== 'object' || platform === null || Array.isArray(platform)) return undefined
  const { os, architecture, variant } = platform
  if (typeof os !== 'string' || typeof architecture !== 'string' || os === 'unknown') return undefined
  return [os, architecture, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join('/')
}
