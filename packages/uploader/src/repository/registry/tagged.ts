import type { Call } from '../../contract/capabilities.js'
import { UnexpectedAnswer } from '../../contract/unexpected-answer.js'
import { tagsOf } from './lists.js'
import { type Fetched, fetchManifest } from './manifests.js'
import type { Site } from './site.js'

/**
 * The manifest that a tag has. "A 4XX response code from the registry MAY return a body in any format" (OCI distribution
 * specification 1.1, "Error Codes"): where a 404 says nothing by its code, as that of any proxy would not, the list of the tags is
 * the registry's second word on it.
 */
export async function fetchTagged(site: Site, image: string, tag: string, call: Call): Promise<Fetched | undefined> {
  try {
    return await fetchManifest(site, { image, reference: tag }, call)
  } catch (error) {
    if (!(error instanceof UnexpectedAnswer && error.status === 404)) throw error
    if ((await tagsOf(site, image, call)).includes(tag)) throw error
    return undefined
  }
}
