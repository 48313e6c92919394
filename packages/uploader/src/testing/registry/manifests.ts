import type { IncomingMessage } from 'node:http'
import { bodyIn } from '../server/body.js'
import type { Answer, Asked } from '../server/respond.js'
import { refusal } from './errors.js'
import type { Guard } from './guard.js'
import { digestOf, type StoredImage } from './image.js'

const most = 4 * 1024 * 1024

/** Tags that a registry does not move, and its answer. */
export interface Immutable {
  /** The tags that match. */
  readonly tags: RegExp
  /** The status of the refusal: 403, 409. */
  readonly status: number
  /** @default DENIED */
  readonly code?: string | undefined
}

interface Ways {
  /** Whether it lists referrers. */
  readonly referrers: boolean
  readonly immutable: Immutable | undefined
  /** Whether it refuses manifests of the type that release candidates of the image specification had for attachments. */
  readonly refusesArtifacts: boolean
  /** Whether it refuses a manifest whose subject is not there. */
  readonly subjectsFirst: boolean
  readonly guard: Guard | undefined
}

/** "Pulling manifests". One of a type that the client does not name is none for it. */
export function getManifest(image: StoredImage, reference: string, { headers: { accept = '*/*' } }: IncomingMessage): Answer {
  const found = image.manifest(reference)
  const takes = accept.split(',').map((type) => type.trim())
  if (found === undefined || !(takes.includes('*/*') || takes.includes(found.mediaType))) return refusal(404, 'MANIFEST_UNKNOWN')
  return { status: 200, headers: { 'content-type': found.mediaType, 'docker-content-digest': digestOf(found.data) }, data: found.data }
}

/** "Pushing manifests": of its type, under its digest, and with all that it refers to there before. */
export async function putManifest(
  asked: Asked,
  image: StoredImage,
  name: string,
  reference: string,
  { referrers, immutable, refusesArtifacts, subjectsFirst, guard }: Ways,
): Promise<Answer | undefined> {
  const { request, fault } = asked
  const isDigest = reference.includes(':')
  // Said before anything of the body is read.
  if (immutable?.tags.test(reference) && !isDigest && image.tags.has(reference))
    return refusal(immutable.status, immutable.code ?? 'DENIED')
  const tagging = { name, tag: reference, isThere: image.tags.has(reference) }
  const denied = isDigest ? undefined : guard?.refuseTag(request, tagging, 'before')
  if (denied !== undefined) return denied
  const data = await bodyIn(asked)
  if (data === undefined) return undefined
  if (data.length > most) return refusal(413, 'SIZE_INVALID')
  const digest = digestOf(data)
  if (isDigest && reference !== digest) return refusal(400, 'DIGEST_INVALID')
  const mediaType = request.headers['content-type'] ?? ''
  const json = JSON.parse(data.toString())
  if (refusesArtifacts && mediaType.includes('artifact')) return refusal(400, 'MANIFEST_INVALID')
  if ((json.mediaType ?? mediaType) !== mediaType) return refusal(400, 'MANIFEST_INVALID')
  const lacks = [
    ...[json.config ?? [], json.layers ?? [], json.blobs ?? []].flat().filter((one) => !image.blobs.has(one.digest)),
    ...(json.manifests ?? []).filter((one: { digest: string }) => !image.manifests.has(one.digest)),
    ...(subjectsFirst ? [json.subject ?? []].flat() : []).filter((one: { digest: string }) => !image.manifests.has(one.digest)),
  ]
  if (lacks.length > 0) return refusal(404, 'MANIFEST_BLOB_UNKNOWN')
  const kept = isDigest ? undefined : guard?.refuseTag(request, tagging, 'stored')
  if (!fault.acceptAndForget) image.add(mediaType, data, ...(isDigest || kept !== undefined ? [] : [reference]))
  if (kept !== undefined) return kept
  const subject: Record<string, string> = referrers && json.subject !== undefined ? { 'oci-subject': json.subject.digest } : {}
  return { status: 201, headers: { location: `/v2/${name}/manifests/${digest}`, 'docker-content-digest': digest, ...subject } }
}
