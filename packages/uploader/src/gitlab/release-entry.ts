import { GateError, UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Call } from '../contract/capabilities.js'
import { named } from '../contract/shown.js'
import type { GitlabApi } from './gitlab-api.js'
import { type Patience, patiently } from './patiently.js'
import { GitlabRefusal, refusalWith } from './refusal.js'
import type { Resources } from './resource.js'

/** An asset of a release entry: GitLab keeps a name and an address of it, and knows nothing of its bytes. */
export interface ReleaseAsset {
  /** The name that the page shows; unique in the entry. */
  readonly name: string
  /** The address that it leads to: http or https; unique in the entry. */
  readonly url: string
  /** @default other */
  readonly type?: 'package' | 'image' | 'runbook' | 'other' | undefined
  /** A lasting address below the entry's own: `/hello.tar.gz`. Letters, digits and `_-./`, up to 128. @default none */
  readonly path?: string | undefined
}

/** The entry of a release on a project's page of releases. */
export interface ReleaseEntry {
  /** The tag, which must be there. */
  readonly tag: string
  /** The commit that the tag must have, by its complete hash. */
  readonly commit: string
  /** @default the tag */
  readonly name?: string | undefined
  /** Markdown. @default empty */
  readonly description?: string | undefined
  /** All of its assets. */
  readonly assets: readonly ReleaseAsset[]
}

/** The release entry as it is now. */
export interface EnsuredEntry {
  /** `completed`: it lacked assets; `there`: it had all of them, and perhaps more. */
  readonly outcome: 'created' | 'completed' | 'there'
  /** The page. */
  readonly url: string
}

/** The options of `ensureReleaseEntry`. */
export interface EnsureEntryOptions extends Patience {
  /** GitLab's API. A job's own token may create entries in its project, if the person who started it may create the tag. */
  readonly api: GitlabApi
  /** The project's number or path. */
  readonly project: number | string
}

const Link = v.object({ name: v.string(), url: v.string(), direct_asset_url: v.string(), link_type: v.string() })
const Shown = v.object({
  commit: v.object({ id: v.string() }),
  assets: v.object({ links: v.array(Link) }),
  _links: v.object({ self: v.string() }),
})
type Shown = v.InferOutput<typeof Shown>

/**
 * Makes sure that a tag has a release entry with these assets. A new one is created in one call with everything, and read back. One that is
 * there is compared: assets that it lacks are added, and nothing of it is changed or removed; name and description are people's.
 *
 * @see https://docs.gitlab.com/api/releases/
 * @throws {GateError} an asset or the tag's commit is another one than it should be
 * @throws {UsageError} an asset with a path that GitLab does not take
 * @throws {GitlabRefusal} the token may not, the tag is not there or protected, or GitLab does not take an asset
 * @example
 * await ensureReleaseEntry({ tag: 'v1.2.3', commit, assets: [{ name: 'hello.tar.gz', url, type: 'package' }] }, { api, project: 7, clock })
 */
export async function ensureReleaseEntry(entry: ReleaseEntry, options: EnsureEntryOptions): Promise<EnsuredEntry> {
  for (const { name, path } of entry.assets) if (path !== undefined) expectPath(name, path)
  let outcome: EnsuredEntry['outcome'] = 'there'
  return patiently(options, async (call) => {
    const found = (await look(entry, options, call)) ?? (await create(entry, options, call, () => (outcome = 'created')))
    const missing = missingIn(found, entry, options)
    for (const asset of missing) await add(asset, entry, options, call)
    if (missing.length > 0) outcome = 'completed'
    const read = missing.length > 0 || outcome === 'created' ? await look(entry, options, call) : found
    if (read === undefined || missingIn(read, entry, options).length > 0) throw notListed(entry, options)
    return { outcome, url: read._links.self }
  })
}

async function look({ tag }: ReleaseEntry, { api, project }: EnsureEntryOptions, call: Call): Promise<Shown | undefined> {
  try {
    return await api.ask('ProjectReleases', (releases) => releases.show(project, tag), Shown, call)
  } catch (error) {
    refusalWith([404], error)
    return undefined
  }
}

/** Somebody else may be faster: then theirs is compared like any other. */
async function create(entry: ReleaseEntry, options: EnsureEntryOptions, call: Call, onCreated: () => void): Promise<Shown> {
  const { tag, name = tag, description = '', assets } = entry
  const links = assets.map((asset) => ({ name: asset.name, url: asset.url, ...of(asset) }))
  const question = (releases: Resources['ProjectReleases']) =>
    releases.create(options.project, { tagName: tag, name, description, assets: { links } })
  try {
    const created = await options.api.ask('ProjectReleases', question, Shown, call)
    onCreated()
    return created
  } catch (error) {
    refusalWith([409], error)
    const found = await look(entry, options, call)
    if (found === undefined) throw error
    return found
  }
}

async function add(asset: ReleaseAsset, { tag }: ReleaseEntry, { api, project }: EnsureEntryOptions, call: Call): Promise<void> {
  const question = (links: Resources['ReleaseLinks']) => links.create(project, tag, asset.name, asset.url, of(asset))
  try {
    await api.ask('ReleaseLinks', question, Link, call)
  } catch (error) {
    // Another job may have added it; the look afterwards tells.
    if (!(error instanceof GitlabRefusal && error.status === 400 && /already been taken/.test(error.said ?? ''))) throw error
  }
}

function of({ type = 'other', path }: ReleaseAsset) {
  return { linkType: type, ...(path !== undefined && { directAssetPath: path }) }
}

/** The assets that an entry lacks. @throws {GateError} one of them, or the tag, is another one there */
function missingIn({ commit, assets: { links } }: Shown, entry: ReleaseEntry, options: EnsureEntryOptions): readonly ReleaseAsset[] {
  if (commit.id !== entry.commit) throw other(`the tag is at the commit ${named(commit.id)}, and not at ${entry.commit}`, entry, options)
  return entry.assets.filter((asset) => {
    const found = links.find(({ name, url }) => name === asset.name || url === asset.url)
    if (found === undefined) return true
    const isSame = found.name === asset.name && found.url === asset.url && found.link_type === (asset.type ?? 'other')
    if (isSame && (asset.path === undefined || found.direct_asset_url.endsWith(`/downloads${asset.path}`))) return false
    throw other(`the asset ${named(found.name)} leads to ${named(found.url)}, and not ${asset.name} to ${asset.url}`, entry, options)
  })
}

function other(what: string, { tag }: ReleaseEntry, { project }: EnsureEntryOptions): GateError {
  return new GateError({
    code: 'gate/release-entry',
    where: `the release ${tag} of the project ${project}`,
    what,
    next: 'Nothing of it was changed. Find out who made it; a maintainer corrects or deletes it. Then run the job again.',
  })
}

function notListed({ tag }: ReleaseEntry, { project }: EnsureEntryOptions): GateError {
  return new GateError({
    code: 'gate/release-entry',
    where: `the release ${tag} of the project ${project}`,
    what: 'GitLab accepted an asset and does not list it',
    next: 'Look at the page of the release; then run the job again.',
  })
}

/** app/models/releases/link.rb */
function expectPath(name: string, path: string): void {
  if (/^\/[A-Za-z0-9_\-./]*[A-Za-z0-9]$/.test(path) && path.length <= 128 && !path.includes('//')) return
  throw new UsageError({
    code: 'usage/asset-path',
    where: name,
    what: `GitLab takes no asset at the path ${JSON.stringify(path)}`,
    next: 'Give it a path of letters, digits and _-./ with up to 128 characters, or none.',
  })
}
