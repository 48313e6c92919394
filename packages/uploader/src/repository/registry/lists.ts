import { type JsonObject, type JsonValue, type PartCoordinates, StagegateError } from '@stagegate/schema'
import type { Call } from '../../contract/capabilities.js'
import { jsonObjectIn } from '../../contract/json-object.js'
import type { HttpAnswer } from '../../http/client.js'
import { nextPage } from '../next-page.js'
import { isPage } from './answers.js'
import type { Site } from './site.js'

export const indexType = 'application/vnd.oci.image.index.v1+json'

/** A manifest to which others are attached. */
export type Subject = Pick<PartCoordinates, 'image' | 'digest'>

/** More pages than this, for any list, are a mistake or an attack. */
const mostPages = 200

/** All tags of an image; empty if the registry does not know it. */
export async function tagsOf(site: Site, image: string, call: Call): Promise<readonly string[]> {
  const found: string[] = []
  for await (const page of pagesOfTags(site, image, 1000, call)) found.push(...tagsIn(page, site))
  return found
}

/**
 * Requests the beginning of the list of an image's tags. An empty list and an unknown image are answers, too.
 * @throws {RepositoryRefusal} the account may not see it
 * @throws {StagegateError} the answer does not say
 */
export async function expectTagsShown(site: Site, image: string, call: Call): Promise<void> {
  for await (const page of pagesOfTags(site, image, 1, call)) {
    tagsIn(page, site)
    return
  }
}

function pagesOfTags(site: Site, image: string, most: number, call: Call): AsyncGenerator<JsonObject> {
  return pages(site, { image, path: `tags/list?n=${most}`, isNone: (answer) => site.answers.saysAbsent(answer) }, call)
}

function tagsIn({ name, tags }: JsonObject, site: Site): readonly string[] {
  if (Array.isArray(tags)) return tags.filter((tag) => typeof tag === 'string')
  // For an image without tags it is null or missing.
  if (tags !== null && (tags !== undefined || typeof name !== 'string')) throw unexpected('expected a list of tags', site)
  return []
}

/**
 * The entries of the referrers API, unchanged; `undefined` if there is no such API. The specification says 404 ("Listing Referrers").
 * Registries that do not know the path also send other statuses, and some send an HTML page. A 403 is reported, since there may be a list.
 */
export async function listedReferrers(site: Site, { image, digest }: Subject, call: Call): Promise<readonly JsonValue[] | undefined> {
  const found: JsonValue[] = []
  let any = false
  const isNone = (answer: HttpAnswer) => [400, 404, 405, 406, 501].includes(answer.status) || (answer.status === 200 && isPage(answer))
  for await (const { manifests = [] } of pages(site, { image, path: `referrers/sha256:${digest}`, isNone }, call)) {
    any = true
    if (!Array.isArray(manifests) && manifests !== null) throw unexpected('expected a list of manifests', site)
    found.push(...(manifests ?? []))
  }
  return any ? found : undefined
}

interface List {
  readonly image: string
  /** Relative to the image. */
  readonly path: string
  /** Whether the answer for the first page says that there is no such list. */
  readonly isNone: (answer: HttpAnswer) => boolean
}

/** A list and its further pages; nothing if there is none. */
async function* pages(site: Site, list: List, call: Call): AsyncGenerator<JsonObject> {
  const { client, answers } = site
  const headers = { accept: `${indexType}, application/json` }
  let path: string | undefined = site.path(list.image, list.path)
  for (let page = 0; path !== undefined; page++) {
    if (page === mostPages) throw unexpected(`a list of more than ${mostPages} pages`, site)
    const answer: HttpAnswer = await client.send({ method: 'GET', path, headers, scopes: [site.pull(list.image)] }, call)
    if (page === 0 && list.isNone(answer)) return
    if (answer.status !== 200) throw answers.unexpected(answer, path)
    yield jsonOf(answer.text, site)
    path = nextPage(answer.headers['link'], client.origin, path)
  }
}

function jsonOf(text: string, site: Site): JsonObject {
  const json = jsonObjectIn(text)
  if (json === undefined) throw unexpected('expected a JSON object', site)
  return json
}

function unexpected(what: string, { client }: Site): StagegateError {
  return new StagegateError({ code: 'repository/unexpected-answer', what, where: client.origin })
}
