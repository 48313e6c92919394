import { Readable } from 'node:stream'
import { bytes, type PartCoordinates, type Sha256, StagegateError } from '@stagegate/schema'
import type { Body, Call, Written } from '../../contract/capabilities.js'
import { digestOf } from '../../contract/content-of.js'
import { isManifest, manifestLimit, manifestTypes } from '../oci/manifest.js'
import { isPage } from './answers.js'
import type { Site } from './site.js'

/** A manifest by its tag, or as `sha256:…`. */
export interface ManifestPlace {
  readonly image: string
  readonly reference: string
}

export interface Fetched {
  readonly data: Buffer
  readonly digest: Sha256
}

/** With any other type too: some registries answer 404 for an existing manifest whose type the client does not name. */
export const accept = [...manifestTypes, '*/*'].join(', ')

/**
 * A manifest's bytes, and their real digest. `undefined` only if the registry says that it does not exist: with a code, or, if `absent`
 * allows it, for a digest with a 404 alone. If that was wrong, the manifest is sent once more, which changes nothing.
 */
export async function fetchManifest(
  site: Site,
  { image, reference }: ManifestPlace,
  call: Call,
  absent: 'by its code' | 'by a 404' = 'by its code',
): Promise<Fetched | undefined> {
  const { client, answers } = site
  const path = site.path(image, `manifests/${reference}`)
  const answer = await client.download(path, call, { headers: { accept }, scopes: [site.pull(image)] })
  const data = await collected(answer.stream)
  const text = answer.status === 200 ? undefined : data.toString('utf8')
  if (answers.saysAbsent({ ...answer, text }) || (answer.status === 404 && absent === 'by a 404')) return undefined
  if (answer.status !== 200) throw answers.unexpected({ ...answer, text }, path)
  // Any other bytes would be a different image under its name.
  if (isPage(answer) || !isManifest(data)) throw answers.strange(answer, path, 'a manifest')
  return { data, digest: digestOf(data) }
}

export async function putManifest(
  site: Site,
  { image, reference, mediaType }: ManifestPlace & Pick<PartCoordinates, 'mediaType'>,
  body: Body,
  call: Call,
): Promise<Written> {
  const { client, answers } = site
  const path = site.path(image, `manifests/${reference}`)
  const headers = { 'content-type': mediaType }
  const answer = await client.send({ method: 'PUT', path, headers, body, scopes: [site.push(image)] }, call)
  if (answer.status === 201 || answer.status === 200) return { outcome: 'accepted' }
  const because = answers.refusal(answer, reference.includes(':') ? 'content' : 'tag')
  if (because !== undefined) return { outcome: 'refused', because }
  throw answers.unexpected(answer, path)
}

export function bodyOf({ data, digest }: Fetched): Body {
  return { content: { sha256: digest, size: bytes(data.length) }, stream: () => Readable.from([data]) }
}

/** The body of an answer other than a layer: it is no longer than a manifest may be. */
export async function collected(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > manifestLimit)
      throw new StagegateError({
        code: 'repository/unexpected-answer',
        what: `expected a manifest of at most ${manifestLimit} bytes, got more`,
      })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
