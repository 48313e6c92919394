import { type Found, forbidden, invalid, refusal } from './answers.js'
import { type Asker, may } from './asker.js'
import type { Entrance } from './entrance.js'
import { type Fields, textOf } from './json-body.js'
import type { Project } from './project.js'
import { duplicatesIn, isLinkType, linkOf, linksOf, problemsOf, type ReleaseLinkOptions } from './release-links.js'
import type { GitlabRelease, ReleaseRows } from './release-rows.js'

/** Things that making and changing a release needs. */
export interface ReleasePorts {
  readonly entrance: Entrance
  readonly rows: ReleaseRows
  readonly now: () => string
  /** @default GitLab's own */
  readonly pathPattern: RegExp | undefined
}

/** A request about releases that was let in. */
export interface Admitted {
  readonly asker: Asker
  readonly project: Project
}

/**
 * `POST` of a release with all of its links. GitLab asks in this order: app/services/releases/create_service.rb. The tag is made before the
 * release is saved, and stays where that fails; a `ref` is not looked at where the tag is there.
 */
export function createRelease({ asker, project }: Admitted, fields: Fields, ports: ReleasePorts): Found<GitlabRelease> {
  const { entrance, rows, now } = ports
  const tag = textOf(fields['tag_name'])
  if (tag === undefined) return { refused: invalid('tag_name is missing') }
  const common = commonFields(fields)
  if ('refused' in common) return common
  const given = linksOf(fields['assets'])
  if ('refused' in given) return given
  if (!may(asker, project, 'create_release')) return { refused: forbidden() }
  if (!entrance.mayCreateTag(asker, project, tag))
    return { refused: refusal(403, 'You are not allowed to create this tag as it is protected.') }
  if (rows.find(project.id, tag) !== undefined) return { refused: refusal(409, 'Release already exists') }
  const milestones = milestonesOf(project, fields)
  if ('refused' in milestones) return milestones
  const commit = ensureTag(entrance, project, tag, textOf(fields['ref']))
  if ('refused' in commit) return commit
  const links = validLinks(given.found, ports.pathPattern)
  if ('refused' in links) return links
  const { releasedAt, ...texts } = common.found
  const options = { ...texts, tag, project: project.id, commit: commit.found, milestones: milestones.found ?? [], author: nameOf(asker) }
  return { found: rows.add({ ...options, links: links.found, ...(releasedAt !== undefined && { releasedAt }) }, now()) }
}

/** `PUT` of a release: everything but its links, which it ignores. */
export function updateRelease(admitted: Admitted, release: GitlabRelease, fields: Fields, ports: ReleasePorts): Found<GitlabRelease> {
  const common = commonFields(fields)
  if ('refused' in common) return common
  if (!mayChange(admitted, release.tag, ports)) return { refused: forbidden() }
  if (!ports.entrance.tagsOf(admitted.project).has(release.tag)) return { refused: refusal(404, 'Tag does not exist') }
  const milestones = milestonesOf(admitted.project, fields)
  if ('refused' in milestones) return milestones
  const changed = { ...common.found, ...(milestones.found !== undefined && { milestones: milestones.found }) }
  if (Object.keys(changed).length === 0) return { refused: refusal(400, 'params is empty') }
  return { found: ports.rows.replace(release, changed) }
}

/** A link is added or changed by those who may make releases: app/services/releases/links/. */
export function mayChange({ asker, project }: Admitted, tag: string, { entrance }: ReleasePorts): boolean {
  return may(asker, project, 'create_release') && entrance.mayCreateTag(asker, project, tag)
}

interface CommonFields {
  readonly name?: string
  readonly description?: string
  readonly releasedAt?: string
}

function commonFields(fields: Fields): Found<CommonFields> {
  const { milestones, milestone_ids: ids, released_at: at } = fields
  if (milestones !== undefined && ids !== undefined)
    return { refused: invalid('milestones, milestone_ids Cannot specify milestones and milestone_ids at the same time') }
  const releasedAt = textOf(at)
  if (at !== undefined && at !== null && (releasedAt === undefined || Number.isNaN(Date.parse(releasedAt))))
    return { refused: invalid('released_at is invalid') }
  const [name, description] = [textOf(fields['name']), textOf(fields['description'])]
  return {
    found: {
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      ...(releasedAt !== undefined && { releasedAt: new Date(releasedAt).toISOString() }),
    },
  }
}

function listOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'string' ? value.split(',').map((one) => one.trim()) : []
}

/** The titles of the milestones that a body names, by title or by number, which counts from 1; `undefined` where it names none. */
function milestonesOf({ milestones: known = [] }: Project, fields: Fields): Found<readonly string[] | undefined> {
  const { milestones, milestone_ids: ids } = fields
  if (milestones === undefined && ids === undefined) return { found: undefined }
  const wanted = listOf(milestones ?? ids).map((one) => ({ one, title: milestones === undefined ? known[Number(one) - 1] : one }))
  const missing = wanted.filter(({ title }) => title === undefined || !known.includes(title)).map(({ one }) => one)
  const what = milestones === undefined ? 'Milestone id(s) not found' : 'Milestone(s) not found'
  if (missing.length > 0) return { refused: refusal(400, `${what}: ${missing.join(', ')}`) }
  return { found: wanted.flatMap(({ title }) => title ?? []) }
}

function ensureTag(entrance: Entrance, project: Project, tag: string, ref: string | undefined): Found<string> {
  const tags = entrance.tagsOf(project)
  const existing = tags.get(tag)
  if (existing !== undefined) return { found: existing }
  if (ref === undefined || ref === '') return { refused: refusal(422, 'Ref is not specified') }
  // git check-ref-format, as far as tests come.
  if (tag === '' || /[\s~^:?*[\\]|\.\.|@\{|\/\/|\.lock$|^[./-]|[./]$/.test(tag)) return { refused: refusal(400, 'Tag name invalid') }
  const commit = entrance.commitOf(project, ref)
  if (commit === undefined) return { refused: refusal(400, `Target ${ref} is invalid`) }
  tags.set(tag, commit)
  return { found: commit }
}

/** The links as they are saved with their release, all or none. */
function validLinks(given: readonly Fields[], pattern: RegExp | undefined): Found<readonly ReleaseLinkOptions[]> {
  const links: ReleaseLinkOptions[] = []
  for (const fields of given) {
    const { name = '', url = '', directAssetPath, type = 'other' } = linkOf(fields)
    if (!isLinkType(type)) return { refused: refusal(400, `'${type}' is not a valid link_type`) }
    links.push({ name, url, directAssetPath, type })
  }
  const problems = links.flatMap((link) => problemsOf(link, [], pattern)).map((problem) => `Links ${problem.toLowerCase()}`)
  const duplicates = duplicatesIn(links)
  const all = problems.length > 0 || duplicates === undefined ? problems : [duplicates]
  return all.length === 0 ? { found: links } : { refused: refusal(400, `Validation failed: ${all.join(', ')}`) }
}

function nameOf(asker: Asker): string {
  if (asker.kind === 'job') return asker.job.user
  return asker.kind === 'personal' ? asker.user : `${asker.kind}_bot`
}
