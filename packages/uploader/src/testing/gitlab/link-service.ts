import type { Answer } from '../server/respond.js'
import { forbidden, invalid, notFound, refusal } from './answers.js'
import { may } from './asker.js'
import { isRead } from './entrance.js'
import { type Fields, jsonBody, textOf } from './json-body.js'
import { paged } from './paged.js'
import { isLinkType, linkOf, problemsOf, type ReleaseLink, type ReleaseLinkOptions } from './release-links.js'
import type { GitlabRelease } from './release-rows.js'
import { type Admitted, mayChange, type ReleasePorts } from './release-service.js'
import { shownLink } from './release-shown.js'
import type { GitlabAsked } from './start.js'

/** `…/releases/:tag/assets/links(/:id)`: lib/api/release/links.rb. */
export async function answerLinks(
  asked: GitlabAsked,
  admitted: Admitted,
  { tag, id }: { readonly tag: string; readonly id: string | undefined },
  ports: ReleasePorts,
): Promise<Answer | undefined> {
  const { asker, project } = admitted
  const release = ports.rows.find(project.id, tag)
  const shown = (link: ReleaseLink, of: GitlabRelease) => shownLink(link, of, project, asked.instance)
  const link = release?.links.find((one) => String(one.id) === id)
  const isThere = release !== undefined && (id === undefined || link !== undefined)
  if (isRead(asked.request)) {
    if (!isThere) return notFound()
    if (!may(asker, project, 'read_release')) return forbidden()
    if (link !== undefined) return { status: 200, json: shown(link, release) }
    return paged(release.links.map((one) => shown(one, release)).reverse(), asked)
  }
  const { method } = asked.request
  if (method === 'POST' ? id !== undefined : id === undefined || !['PUT', 'DELETE'].includes(method ?? '')) return undefined
  const body = method === 'DELETE' ? { found: {} } : await jsonBody(asked)
  if (body === undefined || 'refused' in body) return body?.refused
  const wrong = method === 'DELETE' ? undefined : wrongFields(body.found, link === undefined)
  if (wrong !== undefined) return wrong
  if (!isThere) return notFound()
  if (!mayChange(admitted, tag, ports)) return forbidden()
  const saved = method === 'DELETE' ? removeLink(release, link, ports) : saveLink(release, link, body.found, ports)
  return Array.isArray(saved) ? refusal(400, saved) : { status: method === 'POST' ? 201 : 200, json: shown(saved, release) }
}

function wrongFields(fields: Fields, isNew: boolean): Answer | undefined {
  const { type } = linkOf(fields)
  const missing = ['name', 'url'].filter((field) => textOf(fields[field]) === undefined)
  if (isNew && missing.length > 0) return invalid(...missing.map((field) => `${field} is missing`))
  if (missing.length === 2) return invalid('name, url are missing, at least one parameter must be provided')
  return type === undefined || isLinkType(type) ? undefined : invalid('link_type does not have a valid value')
}

/** A `PUT` that names no type makes it `other`: the parameter has a default. */
function saveLink(release: GitlabRelease, link: ReleaseLink | undefined, fields: Fields, ports: ReleasePorts): ReleaseLink | string[] {
  const { name = link?.name ?? '', url = link?.url ?? '', directAssetPath = link?.directAssetPath, type } = linkOf(fields)
  const wanted: ReleaseLinkOptions = { name, url, directAssetPath, type: type !== undefined && isLinkType(type) ? type : 'other' }
  const others = release.links.filter((one) => one !== link)
  const problems = problemsOf(wanted, others, ports.pathPattern)
  if (problems.length > 0) return [...problems]
  const saved = link === undefined ? ports.rows.newLink(wanted) : { ...link, ...wanted, type: wanted.type ?? 'other' }
  ports.rows.replace(release, { links: link === undefined ? [...others, saved] : release.links.map((one) => (one === link ? saved : one)) })
  return saved
}

function removeLink(release: GitlabRelease, link: ReleaseLink | undefined, { rows }: ReleasePorts): ReleaseLink | string[] {
  if (link === undefined) return ['is missing']
  rows.replace(release, { links: release.links.filter((one) => one !== link) })
  return link
}
