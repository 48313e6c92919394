import type { Answer, Asked } from '../server/respond.js'
import { bodyIn } from './body.js'
import { refusal } from './errors.js'
import { digestOf, type StoredImage } from './image.js'

const most = 4 * 1024 * 1024

/** "Pulling manifests". */
export function getManifest(image: StoredImage, reference: string): Answer {
  const found = image.manifest(reference)
  if (found === undefined) return refusal(404, 'MANIFEST_UNKNOWN')
  return { status: 200, headers: { 'content-type': found.mediaType, 'docker-content-digest': digestOf(found.data) }, data: found.data }
}

/** "Pushing manifests": of its type, under its digest, and with all that it refers to there before. */
export async function putManifest(
  asked: Asked,
  image: StoredImage,
  name: string,
  reference: string,
  referrers: boolean,
): Promise<Answer | undefined> {
  const { request, fault } = asked
  const data = await bodyIn(asked)
  if (data === undefined) return undefined
  if (data.length > most) return refusal(413, 'SIZE_INVALID')
  const digest = digestOf(data)
  const isDigest = reference.includes(':')
  if (isDigest && reference !== digest) return refusal(400, 'DIGEST_INVALID')
  const mediaType = request.headers['content-type'] ?? ''
  const json = JSON.parse(data.toString())
  if ((json.mediaType ?? mediaType) !== mediaType) return refusal(400, 'MANIFEST_INVALID')
  const lacks = [
    ...[json.config ?? [], json.layers ?? []].flat().filter((one) => !image.blobs.has(one.digest)),
    ...(json.manifests ?? []).filter((one: { digest: string }) => !image.manifests.has(one.digest)),
  ]
  if (lacks.length > 0) return refusal(404, 'MANIFEST_BLOB_UNKNOWN')
  if (!fault.acceptAndForget) image.add(mediaType, data, ...(isDigest ? [] : [reference]))
  const subject: Record<string, string> = referrers && json.subject !== undefined ? { 'oci-subject': json.subject.digest } : {}
  return { status: 201, headers: { location: `/v2/${name}/manifests/${digest}`, 'docker-content-digest': digest, ...subject } }
}
