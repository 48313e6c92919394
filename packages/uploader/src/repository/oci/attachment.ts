import type { JsonValue, Sha256 } from '@stagegate/schema'
import type { ListedReferrer } from '../../contract/capabilities.js'
import { isJsonObject } from '../../contract/json-object.js'
import { digestIn, readDescriptor } from './descriptor.js'
import { ImageRefused, mostBlobs } from './manifest.js'

/** Advice for a signature, an SBOM or similar that cannot be copied and so keeps the whole image from being published. */
export function attachedAdvice(subject: Sha256): string {
  return `It is not part of the build: somebody attached it to sha256:${subject}. Delete it in staging and run the job again. It can be attached again later.`
}

/**
 * Reads what a list says is attached to a manifest.
 * @throws {ImageRefused} an attachment that could not be copied, since leaving it out silently is not allowed
 */
export function parseReferrers(list: readonly JsonValue[], image: string, subject: Sha256): readonly ListedReferrer[] {
  const refused = (what: string) => new ImageRefused(what, `${image}@sha256:${subject}`, attachedAdvice(subject))
  if (list.length > mostBlobs) throw refused(`${list.length} manifests are listed as attached to it`)
  return list.map((json) => {
    const digest = digestIn(json)
    if (digest !== undefined && isJsonObject(json)) return { digest, json }
    const read = readDescriptor(json)
    throw refused(`one of the manifests that are listed as attached to it ${'wrong' in read ? read.wrong : 'has no digest'}`)
  })
}
