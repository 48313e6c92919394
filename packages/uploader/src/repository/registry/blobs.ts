import { type Bytes, bytes, type PartCoordinates } from '@stagegate/schema'
import type { Call, Observation } from '../../contract/capabilities.js'
import type { HttpDownload } from '../../http/client.js'
import { partLocation } from '../oci/part.js'
import { isPage } from './answers.js'
import { collected } from './manifests.js'
import type { Site } from './site.js'

type Answer = Pick<HttpDownload, 'status' | 'headers' | 'origin'> & { readonly text?: string | undefined }

/** Whether a blob is there. Registries that keep their blobs elsewhere redirect there, for this as well. */
export async function observeBlob(site: Site, at: PartCoordinates, call: Call): Promise<Observation> {
  const path = site.path(at.image, `blobs/sha256:${at.digest}`)
  const answer = await ask(site, path, at, call)
  const { status, headers, origin } = answer
  // A HEAD has no codes. Taken for absent wrongly, a blob is sent once more under its own digest, which changes nothing.
  if (status === 404) return { saw: 'absent' }
  const size = sizeIn(answer)
  const isThere = status === 200 || status === 206 || (status === 416 && size === 0)
  if (!isThere) throw origin === site.client.origin ? site.answers.unexpected(answer, path) : site.answers.elsewhere(status, origin)
  if (isPage(answer)) throw site.answers.strange(answer, path, 'a layer')
  const claimed = headers['docker-content-digest']
  return {
    saw: 'present',
    // A store to which it redirects has nothing but what was put there under this digest.
    sha256: claimed === undefined || claimed === `sha256:${at.digest}` ? at.digest : undefined,
    size,
    location: partLocation(at),
  }
}

/** Statuses of a HEAD by which a server may mean the method: some know none, and an address that was signed for a GET is good for that alone. */
const perhapsTheMethod = [400, 403, 405, 501]

/** A HEAD; where that is not answered, or without a length, a GET of the first byte. */
async function ask(site: Site, path: string, at: PartCoordinates, call: Call): Promise<Answer> {
  const scopes = [site.pull(at.image)]
  const head = await site.client.download(path, call, { method: 'HEAD', scopes })
  await collected(head.stream)
  const hasSize = head.status !== 200 || sizeIn(head) !== undefined
  if (hasSize && !perhapsTheMethod.includes(head.status)) return head
  const get = await site.client.download(path, call, { headers: { range: 'bytes=0-0' }, scopes })
  // It may be all of the blob.
  if (get.status === 200) get.stream.destroy()
  const text = get.status === 200 ? undefined : (await collected(get.stream)).toString('utf8')
  return head.status === 200 && get.status >= 400 && sizeIn(get) === undefined ? head : { ...get, text }
}

/** How long the whole blob is said to be (RFC 9110, section 14.4: `bytes 0-0/1234`; with a star for the range, where there is no first byte). */
function sizeIn({ status, headers }: Answer): Bytes | undefined {
  const text = status === 200 ? headers['content-length'] : /^bytes (?:0-0|\*)\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1]
  const size = text === undefined || !/^\d+$/.test(text) ? Number.NaN : Number(text)
  return Number.isSafeInteger(size) ? bytes(size) : undefined
}
