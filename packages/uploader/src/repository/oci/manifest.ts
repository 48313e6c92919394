import { type JsonObject, type JsonValue, type Sha256, StagegateError } from '@stagegate/schema'
import type { Descriptor } from '../../contract/capabilities.js'
import { jsonObjectIn } from '../../contract/json-object.js'
import { shown } from '../../contract/shown.js'
import { digestIn, readDescriptor } from './descriptor.js'

/** The image cannot be copied whole, or is not an image: a person must investigate. */
export class ImageRefused extends StagegateError {
  constructor(what: string, where?: string, next = 'Build it again without it, under a new version.') {
    super({ code: 'content/image-refused', what, where, next })
  }
}

/** The largest manifest: the size that registries must accept (OCI distribution specification 1.1, "Pushing manifests"). */
export const manifestLimit = 4 * 1024 * 1024

/** No real image comes near these limits; a hostile registry could go on forever. */
export const mostManifests = 2000
export const mostBlobs = 20_000
export const deepest = 8

/** The contents of a manifest. */
export interface Manifest {
  readonly mediaType: string
  /** In an index: one for each platform. */
  readonly manifests: readonly Descriptor[]
  /** The configuration and the layers. */
  readonly blobs: readonly Descriptor[]
}

const index = 'application/vnd.oci.image.index.v1+json'
const image = 'application/vnd.oci.image.manifest.v1+json'
/** The artifact manifest of the image specification's 1.1 release candidates. It names its blobs and no schema version. */
const artifact = 'application/vnd.oci.artifact.manifest.v1+json'
const indexes = [index, 'application/vnd.docker.distribution.manifest.list.v2+json']
const images = [image, 'application/vnd.docker.distribution.manifest.v2+json']
/** The media types that a registry is asked for. */
export const manifestTypes: readonly string[] = [...indexes, ...images, artifact]

/** Whether this can be a manifest at all, of any kind. The answer of a portal or a proxy instead of the registry cannot. */
export function isManifest(data: Buffer): boolean {
  const json = jsonObjectIn(data.toString('utf8'))
  return json !== undefined && (json['schemaVersion'] !== undefined || json['mediaType'] === artifact)
}

/** The subject of a manifest. */
export function subjectOf(data: Buffer): Sha256 | undefined {
  return digestIn(jsonObjectIn(data.toString('utf8'))?.['subject'])
}

/**
 * Reads a manifest, which is never written again, since its digest covers the exact bytes.
 * @param claimed the media type in the reference to it
 * @throws {ImageRefused} if it is not a manifest, has an unknown kind, or has parts that may not be copied
 */
export function parseManifest(data: Buffer, claimed?: string): Manifest {
  const json = jsonObjectIn(data.toString('utf8'))
  if (json === undefined) throw new ImageRefused('a manifest is not a JSON object')
  const own = json['mediaType']
  const mediaType = typeof own === 'string' ? own : isGiven(json['manifests']) ? index : image
  if (claimed !== undefined && claimed !== mediaType)
    throw new ImageRefused(`a manifest is referred to as ${shown(claimed)}, but its own media type is ${shown(mediaType)}`)
  if (mediaType !== artifact && json['schemaVersion'] !== 2) throw new ImageRefused('a manifest does not have the schema version 2')
  const { manifests, blobs } = partsOf(json, mediaType)
  for (const blob of blobs) refuseForeign(blob)
  return { mediaType, manifests, blobs }
}

function partsOf(json: JsonObject, mediaType: string): Pick<Manifest, 'manifests' | 'blobs'> {
  // A client that reads it as the other kind would get a different image (CVE-2021-41190).
  const refuseOthers = (...keys: readonly string[]) => {
    if (keys.some((key) => isGiven(json[key]))) throw new ImageRefused('a manifest is both an image and an index')
  }
  if (indexes.includes(mediaType)) {
    refuseOthers('config', 'layers', 'fsLayers')
    return { manifests: descriptors(json['manifests'], 'manifests'), blobs: [] }
  }
  refuseOthers('manifests', 'fsLayers')
  if (images.includes(mediaType))
    return { manifests: [], blobs: [...descriptors([json['config'] ?? null], 'config'), ...descriptors(json['layers'], 'layers')] }
  if (mediaType === artifact) return { manifests: [], blobs: descriptors(json['blobs'], 'blobs') }
  throw new ImageRefused(`a manifest has the unknown type ${shown(mediaType)}`)
}

function isGiven(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null
}

/** A missing or null list is an empty one: programs in Go write it like that, and registries accept it. */
function descriptors(value: JsonValue | undefined, where: string): readonly Descriptor[] {
  const list = value ?? []
  if (!Array.isArray(list)) throw new ImageRefused(`a manifest has no list of ${where}`)
  if (list.length > mostBlobs) throw new ImageRefused(`a manifest has ${list.length} ${where}`)
  return list.map((one) => {
    const read = readDescriptor(one)
    if ('wrong' in read) throw new ImageRefused(`one of its ${where} ${read.wrong}`)
    return read
  })
}

/** Layers that must not be distributed are stored elsewhere, and their licence requires that. */
function refuseForeign({ mediaType, digest, json }: Descriptor): void {
  const urls = Array.isArray(json['urls']) && json['urls'].length > 0
  if (/nondistributable|\.foreign\./.test(mediaType) || urls)
    throw new ImageRefused(`the layer sha256:${digest} (${mediaType}) must not be distributed`)
}
