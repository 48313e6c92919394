import { type Bytes, bytes, type PartCoordinates } from '@stagegate/schema'
import type { Call, Observation } from '../../contract/capabilities.js'
import type { HttpDownload } from '../../http/client.js'
import { partLocation } from '../oci/part.js'
import { isPage } from './answers.js'
import { collected } from './manifests.js'
import type { Site } from './site.js'

type Answer = Pick<HttpDownload, 'status' | 'headers' | 'origin'> & { readonly text?: string | undefined }

/** Whether a blob is there. Registries that store their blobs elsewhere redirect this request, too. */
export async function observeBlob(site: Site, at: PartCoordinates, call: Call): Promise<Observation> {
  const path = site.path(at.image, `blobs/sha256:${at.digest}`)
  const answer = await ask(site, path, at, call)
  const { status, headers, origin } = answer
  // A HEAD has no codes. A blob wrongly considered absent is sent once more under its own digest, which changes nothing.
  if (status === 404) return { saw: 'absent' }
  const size = sizeIn(answer)
  const isThere = status === 200 || status === 206 || (status === 416 && size === 0)
  if (!isThere) throw origin === site.client.origin ? site.answers.unexpected(answer, path) : site.answers.elsewhere(status, origin)
  if (isPage(answer)) throw site.answers.strange(answer, path, 'a layer')
  const claimed = headers['docker-content-digest']
  return {
    saw: 'present',
    // A store to which it redirects can only have bytes that were stored under this digest.
    sha256: claimed === undefined || claimed === `sha256:${at.digest}` ? at.digest : undefined,
    size,
    location: partLocation(at),
  }
}

/**
 * Statuses with which a server may refuse the method HEAD: some do not support it, and an address signed for a GET is valid only for that.
 */
const perhapsTheMethod = [400, 403, 405, 501]

/** A HEAD; if it is refused, or has no length, a GET of the first byte. */
async function ask(site: Site, path: string, at: PartCoordinates, call: Call): Promise<Answer> {
  const scopes = [site.pull(at.image)]
  const head = await site.client.download(path, call, { method: 'HEAD', scopes })
  await collected(head.stream)
  const hasSize = head.status !== 200 || sizeIn(head) !== undefined
  if (hasSize && !perhapsTheMethod.includes(head.status)) return head
  const get = await site.client.download(path, call, { headers: { range: 'bytes=0-0' }, scopes })
  // The answer may be the whole blob.
  if (get.status === 200) get.stream.destroy()
  const text = get.status === 200 ? undefined : (await collected(get.stream)).toString('utf8')
  return head.status === 200 && get.status >= 400 && sizeIn(get) === undefined ? head : { ...get, text }
}

/** The length of the whole blob (RFC 9110, section 14.4: `bytes 0-0/1234`; with a star for the range if there is no first byte). */
function sizeIn({ status, headers }: Answer): Bytes | undefined {
  const text = status === 200 ? headers['content-length'] : /^bytes (?:0-0|\*)\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1]
  const size = text === undefined || !/^\d+$/.test(text) ? Number.NaN : Number(text)
  return Number.isSafeInteger(size) ? bytes(size) : undefined
}
