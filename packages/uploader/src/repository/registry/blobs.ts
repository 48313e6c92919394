import { bytes, type PartCoordinates } from '@stagegate/schema'
import type { Call, Observation } from '../capabilities.js'
import { partLocation } from '../part.js'
import { collected } from './manifests.js'
import type { Site } from './site.js'

/** Whether a blob is there. Registries that keep their blobs elsewhere redirect there, for this as well. */
export async function observeBlob(site: Site, at: PartCoordinates, call: Call): Promise<Observation> {
  const path = site.path(at.image, `blobs/sha256:${at.digest}`)
  const { status, headers, origin, stream } = await site.client.download(path, call, { method: 'HEAD', scopes: [site.pull(at.image)] })
  await collected(stream)
  // A HEAD has no codes. Taken for absent wrongly, a blob is sent once more under its own digest, which changes nothing.
  if (status === 404) return { saw: 'absent' }
  if (status !== 200)
    throw origin === site.client.origin ? site.answers.unexpected({ status, headers }, path) : site.answers.elsewhere(status, origin)
  const claimed = headers['docker-content-digest']
  const length = Number(headers['content-length'] ?? Number.NaN)
  return {
    saw: 'present',
    // A store to which it redirects has nothing but what was put there under this digest.
    sha256: claimed === undefined || claimed === `sha256:${at.digest}` ? at.digest : undefined,
    size: Number.isSafeInteger(length) ? bytes(length) : undefined,
    location: partLocation(at),
  }
}
