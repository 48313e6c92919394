import { type JsonValue, StagegateError } from '@stagegate/schema'
import type { Call, Descriptor } from '../../contract/capabilities.js'
import { digestOf } from '../../contract/content-of.js'
import { jsonObjectIn } from '../../contract/json-object.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { attachedAdvice } from '../oci/attachment.js'
import { digestIn } from '../oci/descriptor.js'
import { indexType, listedReferrers, type Subject } from './lists.js'
import { bodyOf, putManifest } from './manifests.js'
import type { Site } from './site.js'
import { fetchTagged } from './tagged.js'

/** The attachments that a registry lists for a manifest, by its API or in an index under a tag, unchanged. */
export async function referrersOf(site: Site, subject: Subject, call: Call): Promise<readonly JsonValue[]> {
  const listed = await listedReferrers(site, subject, call)
  // "If the tag schema does not return a valid Image Index, the client SHOULD assume there are no Referrers."
  return listed ?? (await underTag(site, subject, call)) ?? []
}

/**
 * Makes sure that these are listed. A registry with the API lists them itself; otherwise an index under a tag does, in which entries of
 * others are kept. It is read back, since somebody else may write it at the same time.
 * @throws {RepositoryRefusal} there is no place for the list
 */
export async function attachReferrers(site: Site, subject: Subject, referrers: readonly Descriptor[], call: Call): Promise<void> {
  const listed = await listedReferrers(site, subject, call)
  const there = listed ?? (await underTag(site, subject, call))
  if (there === undefined) throw noPlace(site, subject)
  const missing = missingIn(there, referrers)
  if (missing.length === 0) return
  if (listed !== undefined) throw notListed(site, subject)
  const manifests = [...there, ...missing.map(({ json }) => json)]
  const data = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }))
  const body = bodyOf({ data, digest: digestOf(data) })
  const place = { image: subject.image, reference: referrersTag(subject), mediaType: indexType }
  const written = await putManifest(site, place, body, call)
  if (written.outcome === 'refused')
    throw new RepositoryRefusal({ code: written.because.code, what: written.because.message, where: site.client.origin })
  const after = await underTag(site, subject, call)
  if (after === undefined || missingIn(after, referrers).length > 0) throw notListed(site, subject)
}

/** OCI distribution specification 1.1, "Referrers Tag Schema". */
function referrersTag({ digest }: Pick<Subject, 'digest'>): string {
  return `sha256-${digest}`
}

/** The entries of the index under that tag; none if there is no index. `undefined` if the tag holds something else. */
async function underTag(site: Site, subject: Subject, call: Call): Promise<readonly JsonValue[] | undefined> {
  const found = await fetchTagged(site, subject.image, referrersTag(subject), call)
  if (found === undefined) return []
  // GitLab's registry takes the tag for the digest, and returns the subject itself (https://github.com/oras-project/oras-go/issues/1396).
  if (found.digest === subject.digest) return undefined
  const { mediaType = indexType, manifests } = jsonObjectIn(found.data.toString('utf8')) ?? {}
  return mediaType === indexType && Array.isArray(manifests) ? manifests : undefined
}

function missingIn(list: readonly JsonValue[], referrers: readonly Descriptor[]): readonly Descriptor[] {
  const digests = new Set(list.map(digestIn))
  return referrers.filter(({ digest }) => !digests.has(digest))
}

function notListed({ client }: Site, { digest }: Subject): StagegateError {
  return new StagegateError({
    code: 'repository/not-listed',
    what: `the registry does not list a referrer of sha256:${digest} yet`,
    where: client.origin,
  })
}

function noPlace({ client }: Site, { digest }: Subject): RepositoryRefusal {
  return new RepositoryRefusal({
    code: 'repository/no-referrers',
    what: `what is attached to sha256:${digest} cannot be listed: the registry has no API for that, and the tag ${referrersTag({ digest })}, which should be the list, is another manifest`,
    where: client.origin,
    next: attachedAdvice(digest),
  })
}
