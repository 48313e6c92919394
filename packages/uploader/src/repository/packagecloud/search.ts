import { type PackageCoordinates, StagegateError } from '@stagegate/schema'
import type { Call } from '../../contract/capabilities.js'
import { nextPage } from '../next-page.js'
import { fileNames, occupies } from './identity.js'
import { searchPath } from './paths.js'
import type { Site } from './site.js'
import { type PackageRow, PackageRows, parseAnswer } from './wire.js'

const mostPages = 50

/**
 * The package in the place of these coordinates.
 *
 * @throws {StagegateError} whenever the state is unknown
 */
export function findPackage(site: Site, repository: string, at: PackageCoordinates, call: Call): Promise<PackageRow | undefined> {
  const { distribution } = at
  return find(site, { repository, distribution, names: fileNames(at), matches: (row) => occupies(row, at) }, call)
}

/**
 * The package with this file name.
 *
 * @throws {StagegateError} whenever the state is unknown
 */
export function findFile(
  site: Site,
  repository: string,
  { distribution, file }: Pick<PackageCoordinates, 'distribution' | 'file'>,
  call: Call,
): Promise<PackageRow | undefined> {
  const matches = (row: PackageRow) => row.filename === file && row.distro_version === distribution
  return find(site, { repository, distribution, names: [file], matches }, call)
}

/** A search, and the rows that it looks for. */
interface Sought {
  readonly repository: string
  readonly distribution: string
  /** Any of these, as far as the server can tell. */
  readonly names: readonly string[]
  readonly matches: (row: PackageRow) => boolean
}

/**
 * The API does not specify what `q` matches, so it only narrows the result and rows are compared here. A file name with characters that a
 * search engine may split is also searched by the part before them.
 */
async function find(site: Site, { repository, distribution, names, matches }: Sought, call: Call): Promise<PackageRow | undefined> {
  const starts = names.map((name) => /^[A-Za-z0-9._-]+/.exec(name)?.[0] ?? name)
  for (const query of new Set([...names, ...starts])) {
    const found = await search(site, searchPath(repository, query, distribution), call, matches)
    if (found !== undefined) return found
  }
  return undefined
}

async function search(site: Site, first: string, call: Call, matches: (row: PackageRow) => boolean): Promise<PackageRow | undefined> {
  const doubtful = (what: string) => new StagegateError({ code: 'repository/unexpected-answer', what, where: site.where(first) })
  const found = new Map<string, PackageRow>()
  let path: string | undefined = first
  let seen = 0
  for (let page = 1; path !== undefined; page++) {
    if (page > mostPages) throw doubtful(`more than ${mostPages} pages of search results`)
    const { text, headers } = await site.get(path, call)
    const rows: PackageRow[] = parseAnswer(PackageRows, text, site.where(path))
    seen += rows.length
    for (const row of rows.filter(matches)) found.set(row.filename, row)
    path = rows.length === 0 ? undefined : nextPage(headers['link'], site.client.origin, path)
    // Fewer than announced: the list changed while it was read, and the package may have been missed.
    if (path === undefined && found.size === 0 && seen < Number(headers['total'] ?? 0))
      throw doubtful(`the server announced ${headers['total']} search results, but returned ${seen}`)
  }
  const [row, ...others] = found.values()
  if (others.length > 0) throw doubtful(`several packages match: ${site.client.quote([...found.keys()].join(', '))}`)
  return row
}
