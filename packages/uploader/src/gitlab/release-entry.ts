import { GateError, type Instant, instant, UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Call } from '../contract/capabilities.js'
import { named } from '../contract/shown.js'
import type { GitlabApi } from './gitlab-api.js'
import { type Patience, patiently } from './patiently.js'
import { GitlabRefusal, refusalWith } from './refusal.js'
import { entryRefusal } from './release-refusal.js'
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
  /** The tag. */
  readonly tag: string
  /** The commit that the tag must have, by its complete hash. @default it is not compared */
  readonly commit?: string | undefined
  /** The branch or the commit where a new entry makes the tag, if it is not there. @default the tag must be there */
  readonly ref?: string | undefined
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
  /** GitLab shows the entry as upcoming until then. @default it does not */
  readonly upcomingUntil?: Instant | undefined
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
  commit: v.nullish(v.object({ id: v.string() })),
  // Older versions do not tell whether it is upcoming.
  upcoming_release: v.nullish(v.boolean()),
  released_at: v.nullish(
    v.pipe(
      v.string(),
      v.check((text) => !Number.isNaN(Date.parse(text)), 'a time'),
    ),
  ),
  assets: v.object({ links: v.array(Link) }),
  _links: v.object({ self: v.string() }),
})
type Shown = v.InferOutput<typeof Shown>

/**
 * Makes sure that a tag has a release entry with these assets. A new one is created in one call with everything, and read back. One that is
 * there is compared: assets that it lacks are added, and nothing of it is changed or removed; name and description are people's.
 *
 * @see https://docs.gitlab.com/api/releases/
 * @throws {GateError} an asset or the tag's commit is another one than it should be; the token may not, the tag is not there or protected, or
 *   GitLab does not take an asset
 * @throws {UsageError} an asset with a path that GitLab does not take
 * @example
 * await ensureReleaseEntry({ tag: 'v1.2.3', commit, assets: [{ name: 'hello.tar.gz', url, type: 'package' }] }, { api, project: 7, clock })
 */
export async function ensureReleaseEntry(entry: ReleaseEntry, options: EnsureEntryOptions): Promise<EnsuredEntry> {
  for (const { name, path } of entry.assets) if (path !== undefined) expectPath(name, path)
  // Each request has the patience of its own: a hundred assets, one by one, take longer than one of them may.
  const ask = <T>(request: (call: Call) => Promise<T>) =>
    patiently(options, request).catch((error: unknown) => {
      throw entryRefusal(error, entry, options)
    })
  const made = { byUs: false }
  const found =
    (await ask((call) => look(entry, options, call))) ?? (await ask((call) => create(entry, options, call, () => (made.byUs = true))))
  const missing = await ask((call) => missingFrom(found, entry, options, call))
  for (const asset of missing) await ask((call) => add(asset, entry, options, call))
  const outcome = missing.length > 0 ? 'completed' : made.byUs ? 'created' : 'there'
  const {
    upcoming_release: isUpcoming,
    released_at: at,
    _links,
  } = outcome === 'there' ? found : await ask((call) => confirm(entry, options, call))
  return { outcome, url: _links.self, ...(isUpcoming === true && typeof at === 'string' && { upcomingUntil: instant(new Date(at)) }) }
}

/** The entry as it can be read back. @throws {GateError} it is gone, or lacks an asset */
async function confirm(entry: ReleaseEntry, options: EnsureEntryOptions, call: Call): Promise<Shown> {
  const shown = await look(entry, options, call)
  if (shown === undefined || (await missingFrom(shown, entry, options, call)).length > 0) throw notListed(entry, options)
  return shown
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
  const { tag, ref, name = tag, description = '', assets } = entry
  const links = assets.map((asset) => ({ name: asset.name, url: asset.url, ...of(asset) }))
  const question = (releases: Resources['ProjectReleases']) =>
    releases.create(options.project, { tagName: tag, ...(ref !== undefined && { ref }), name, description, assets: { links } })
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

/**
 * The assets that an entry lacks. Its own answer has all of its links, as far as is known; where one is missing, their list is asked, too,
 * which has pages.
 */
async function missingFrom(shown: Shown, entry: ReleaseEntry, options: EnsureEntryOptions, call: Call): Promise<readonly ReleaseAsset[]> {
  const missing = missingIn(shown, entry, options)
  if (missing.length === 0) return missing
  const question = (links: Resources['ReleaseLinks']) => links.all(options.project, entry.tag, { perPage: 100 })
  const links = await options.api.ask('ReleaseLinks', question, v.array(Link), call)
  return missingIn({ ...shown, assets: { links } }, entry, options)
}

/** @throws {GateError} one of them, or the tag, is another one there */
function missingIn({ commit, assets: { links } }: Shown, entry: ReleaseEntry, options: EnsureEntryOptions): readonly ReleaseAsset[] {
  const at = commit?.id ?? 'none that GitLab shows'
  if (entry.commit !== undefined && at !== entry.commit)
    throw other(`the tag is at the commit ${named(at)}, not at ${entry.commit}`, entry, options)
  return entry.assets.filter((asset) => {
    const found = links.find(({ name, url }) => name === asset.name || url === asset.url)
    if (found === undefined) return true
    const isSame = found.name === asset.name && found.url === asset.url && found.link_type === (asset.type ?? 'other')
    if (isSame && (asset.path === undefined || found.direct_asset_url.endsWith(`/downloads${asset.path}`))) return false
    throw other(
      `the asset ${named(found.name)} points to ${named(found.url)}, but ${asset.name} at ${asset.url} was expected`,
      entry,
      options,
    )
  })
}

function other(what: string, { tag }: ReleaseEntry, { project }: EnsureEntryOptions): GateError {
  return new GateError({
    code: 'gate/release-entry',
    where: `the release ${tag} of the project ${project}`,
    what,
    next: 'It was not changed. Find out who created it, and let a maintainer correct or delete it. Then run the job again.',
  })
}

function notListed({ tag }: ReleaseEntry, { project }: EnsureEntryOptions): GateError {
  return new GateError({
    code: 'gate/release-entry',
    where: `the release ${tag} of the project ${project}`,
    what: 'GitLab accepted an asset but does not list it',
    next: 'Check the page of the release, then run the job again.',
  })
}

/** Whether GitLab takes a path for an asset: app/models/releases/link.rb */
export function isAssetPath(path: string): boolean {
  return /^\/[A-Za-z0-9_\-./]*[A-Za-z0-9]$/.test(path) && path.length <= 128 && !path.includes('//')
}

/** @throws {UsageError} another one */
function expectPath(name: string, path: string): void {
  if (isAssetPath(path)) return
  throw new UsageError({
    code: 'usage/asset-path',
    where: name,
    what: `GitLab does not accept an asset at the path ${JSON.stringify(path)}`,
    next: 'Use a path of up to 128 letters, digits and _-./ or leave it out.',
  })
}
