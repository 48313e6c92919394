import type { Call } from '../../contract/capabilities.js'
import { UnexpectedAnswer } from '../../contract/unexpected-answer.js'
import { tagsOf } from './lists.js'
import { type Fetched, fetchManifest } from './manifests.js'
import type { Site } from './site.js'

/**
 * The manifest under a tag. "A 4XX response code from the registry MAY return a body in any format" (OCI distribution specification 1.1,
 * "Error Codes"): if a 404 has no code, as a proxy's has none, the list of tags is the registry's second answer.
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
