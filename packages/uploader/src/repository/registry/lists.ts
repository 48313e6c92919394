import { type JsonObject, type JsonValue, type Sha256, StagegateError } from '@stagegate/schema'
import type { HttpAnswer } from '../../http/client.js'
import type { Call } from '../capabilities.js'
import { nextPage } from '../next-page.js'
import { fetchManifest } from './manifests.js'
import type { Site } from './site.js'

export const indexType = 'application/vnd.oci.image.index.v1+json'

/** More pages than this of any list are a mistake, or malice. */
const mostPages = 200

/** All tags of an image; none where the registry does not know it. */
export async function tagsOf(site: Site, image: string, call: Call): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { tags } of pages(site, image, 'tags/list?n=1000', (answer) => site.answers.saysAbsent(answer), call)) {
    // The specification allows null for an image without tags.
    if (Array.isArray(tags)) found.push(...tags.filter((tag) => typeof tag === 'string'))
  }
  return found
}

/** What the referrers API lists, as it stands there; `undefined` where there is no such API ("Listing Referrers": 404). */
export async function listedReferrers(site: Site, image: string, subject: Sha256, call: Call): Promise<readonly JsonValue[] | undefined> {
  const found: JsonValue[] = []
  let any = false
  for await (const page of pages(site, image, `referrers/sha256:${subject}`, ({ status }) => [404, 405, 501].includes(status), call)) {
    any = true
    found.push(...manifestsIn(page))
  }
  return any ? found : undefined
}

/** OCI distribution specification 1.1, "Referrers Tag Schema". */
export function referrersTag(subject: Sha256): string {
  return `sha256-${subject}`
}

/** What the index under that tag lists. */
export async function taggedReferrers(site: Site, image: string, subject: Sha256, call: Call): Promise<readonly JsonValue[]> {
  const found = await fetchManifest(site, image, referrersTag(subject), call)
  return found === undefined ? [] : manifestsIn(jsonOf(found.data.toString('utf8'), site))
}

/** A list and its further pages. Nothing, when the answer to the first is one that says so. */
async function* pages(
  site: Site,
  image: string,
  rest: string,
  nothing: (answer: HttpAnswer) => boolean,
  call: Call,
): AsyncGenerator<JsonObject> {
  const { client, answers } = site
  const headers = { accept: `${indexType}, application/json` }
  let path: string | undefined = site.path(image, rest)
  for (let page = 0; path !== undefined; page++) {
    if (page === mostPages) throw unexpected(`a list of more than ${mostPages} pages`, site)
    const answer: HttpAnswer = await client.send({ method: 'GET', path, headers, scopes: [site.pull(image)] }, call)
    if (page === 0 && nothing(answer)) return
    if (answer.status !== 200) throw answers.unexpected(answer, path)
    yield jsonOf(answer.text, site)
    path = nextPage(answer.headers['link'], client.origin, path)
  }
}

function manifestsIn({ manifests = [] }: JsonObject): readonly JsonValue[] {
  return Array.isArray(manifests) ? manifests : []
}

function jsonOf(text: string, site: Site): JsonObject {
  try {
    const json: JsonValue = JSON.parse(text)
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json
  } catch {
    // Said below.
  }
  throw unexpected('expected a JSON object', site)
}

function unexpected(what: string, { client }: Site): StagegateError {
  return new StagegateError({ code: 'repository/unexpected-answer', what, where: client.origin })
}
