import { canonical, type JsonObject, type JsonValue } from '@stagegate/schema'
import { isTexts } from '../form/form.js'
import { isObject, type JobDocument, type PipelineDocument } from '../gitlab/document.js'
import { fewJobs, groupOf } from './group.js'
import { renderBody } from './yaml.js'

/** Parts have names that no author chooses by chance, since GitLab merges jobs with the same name. */
export const partPrefix = '.stagegate:'

/** A job that can extend a part. */
interface Member {
  readonly name: string
  readonly job: JobDocument
  /** The entries that the author lets it extend. */
  readonly bases: readonly string[]
}

/** A hidden job, and the jobs that extend it. */
interface Part {
  readonly name: string
  readonly body: JsonObject
  readonly users: readonly Member[]
}

// A reviewer looks for these in the job itself, whatever other jobs have: the work, the order, and the credentials.
const shownInJobs = new Set([
  'extends',
  'script',
  'run',
  'trigger',
  'needs',
  'dependencies',
  'environment',
  'resource_group',
  'secrets',
  'id_tokens',
])

/**
 * The document as it is written: keywords that the jobs of a large group share are written once, in hidden jobs that these jobs extend. One
 * hidden job has the keywords that most jobs of the group have, one the `rules` of most, and further ones the rules of some, each named
 * after the first of its jobs. So a part keeps its name and its contents when other jobs are added or removed.
 *
 * A document with a header stays whole: others may include it twice with different inputs, and GitLab would merge the parts of both.
 */
export function withSharedParts(document: PipelineDocument): PipelineDocument {
  if (document.spec !== undefined) return document
  const groups = groupsIn(document)
  const free = freeNames(document)
  const parts = groups.map((members) => partsOf(members, free))
  const before = new Map(groups.map(([first], index) => [first?.name, parts[index] ?? []]))
  const own = new Map(parts.flatMap(writtenJobs))
  const jobs = Object.entries(document.jobs).flatMap(([name, job]) => [
    ...(before.get(name) ?? []).map((part) => [part.name, part.body] as const),
    [name, own.get(name) ?? job] as const,
  ])
  return { ...document, jobs: Object.fromEntries(jobs) }
}

/** The members of each group with more than a few jobs, in their order. */
function groupsIn({ jobs }: PipelineDocument): readonly (readonly Member[])[] {
  const groups = new Map<string, Member[]>()
  // A job that others extend stays whole: GitLab follows `extends` for eleven steps, and a part is one more.
  const extended = new Set(Object.values(jobs).flatMap((job) => basesOf(job) ?? []))
  for (const [name, job] of Object.entries(jobs)) {
    const [group, bases] = [groupOf(name), basesOf(job)]
    if (group === name || name.startsWith('.') || extended.has(name) || bases === undefined) continue
    groups.set(group, [...(groups.get(group) ?? []), { name, job, bases }])
  }
  return [...groups.values()].filter((members) => members.length > fewJobs)
}

/** The entries that a job extends; `undefined` if they are unknown. */
export function basesOf({ extends: bases = [] }: JobDocument): readonly string[] | undefined {
  if (typeof bases === 'string') return [bases]
  return isTexts(bases) ? bases : undefined
}

/** Returns each name once, and none that a job has or extends. */
function freeNames({ jobs }: PipelineDocument): (wanted: string) => string {
  const taken = new Set([...Object.keys(jobs), ...Object.values(jobs).flatMap((job) => basesOf(job) ?? [])])
  return (wanted) => {
    let name = wanted
    for (let count = 2; taken.has(name); count++) name = `${wanted}:${count}`
    taken.add(name)
    return name
  }
}

/** The parts of a group that save more lines than they cost. */
function partsOf(members: readonly Member[], free: (wanted: string) => string): readonly Part[] {
  const group = groupOf(members[0]?.name ?? '')
  const base = `${partPrefix}${group.slice(0, -': '.length)}`
  const common = commonOf(members)
  const settings = { body: common, users: members.filter((member) => canExtend(member, common)) }
  const known = isWorthwhile(settings, () => false) ? [{ ...settings, name: free(base) }] : []
  const extending = new Set(known.flatMap(({ users }) => users))
  const rules = [...byText(members, ({ job }) => memberOf(job, 'rules')).values()].flatMap(({ value, having }) => {
    const part = { body: { rules: value }, users: having }
    const name = isCommon(having, members) ? `${base}:rules` : `${base}:rules-of-${having[0]?.name.slice(group.length + 1, -1)}`
    return isWorthwhile(part, (user) => extending.has(user)) ? [{ ...part, name: free(name) }] : []
  })
  return [...known, ...rules]
}

/** The keywords with the same value in more than half of the jobs. An odd job among them changes nothing for the others. */
function commonOf(members: readonly Member[]): JsonObject {
  const keywords = new Set(members.flatMap(({ job }) => Object.keys(job)))
  const common = [...keywords].flatMap((keyword) => {
    if (shownInJobs.has(keyword) || keyword === 'rules') return []
    const values = byText(members, ({ job }) => memberOf(job, keyword)).values()
    return [...values].flatMap(({ value, having }) => (isCommon(having, members) ? [[keyword, value] as const] : []))
  })
  return Object.fromEntries(common)
}

function isCommon(having: readonly Member[], all: readonly Member[]): boolean {
  return having.length * 2 > all.length
}

interface Shared {
  readonly value: JsonValue
  readonly having: readonly Member[]
}

/** The members by their value of a keyword, whatever the order of its keys, without members that lack it. */
function byText(members: readonly Member[], read: (member: Member) => JsonValue | undefined): ReadonlyMap<string, Shared> {
  const found = new Map<string, Shared & { readonly having: Member[] }>()
  for (const member of members) {
    const value = read(member)
    if (value === undefined) continue
    const text = canonical(value)
    const shared = found.get(text) ?? { value, having: [] }
    shared.having.push(member)
    found.set(text, shared)
  }
  return found
}

function memberOf(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Whether the job stays the same with the part below it: it has the same value, or one that replaces the part's. */
function canExtend({ job, bases }: Member, part: JsonObject): boolean {
  return Object.entries(part).every(([keyword, value]) => {
    const mine = memberOf(job, keyword)
    if (mine === undefined) return false
    // The mapping of another entry below the part would no longer be merged with the job's.
    return canonical(mine) === canonical(value) || (bases.length === 0 && replaces(mine, value))
  })
}

/** Whether GitLab's deep merge of the two returns the later one: mappings merge, and anything else is replaced. */
function replaces(later: JsonValue, earlier: JsonValue): boolean {
  if (!isObject(later) || !isObject(earlier)) return true
  return Object.entries(earlier).every(([key, value]) => {
    const own = memberOf(later, key)
    return own !== undefined && replaces(own, value)
  })
}

/** A part costs its lines, its name, an empty line, and a line in each job that extends nothing else. */
function isWorthwhile({ body, users }: Omit<Part, 'name'>, extendsMore: (user: Member) => boolean): boolean {
  const cost = renderBody(body).length + 2 + users.filter((user) => !extendsMore(user)).length
  return users.reduce((saved, { job }) => saved + renderBody(sharedBy(job, body)).length, 0) > cost
}

/** The keywords of a part that the job need not repeat. */
function sharedBy(job: JobDocument, part: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(part).filter(([keyword, value]) => canonical(memberOf(job, keyword) ?? null) === canonical(value)),
  )
}

/** The jobs without the keywords that parts have. Parts come after the author's own bases, which are therefore below them. */
function writtenJobs(parts: readonly Part[]): readonly (readonly [name: string, job: JobDocument])[] {
  const users = new Set(parts.flatMap((part) => part.users))
  return [...users].map(({ name, job, bases }) => {
    const used = parts.filter((part) => part.users.some((user) => user.name === name))
    const shared = new Set(used.flatMap(({ body }) => Object.keys(sharedBy(job, body))))
    const [first, ...others] = [...bases, ...used.map((part) => part.name)]
    const own = Object.entries(job).filter(([keyword]) => keyword !== 'extends' && !shared.has(keyword))
    return [name, Object.fromEntries([['extends', others.length === 0 ? (first ?? '') : [first ?? '', ...others]], ...own])]
  })
}
