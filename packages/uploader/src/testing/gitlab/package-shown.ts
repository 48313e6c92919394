import type { Answer } from '../server/respond.js'
import { invalid } from './answers.js'
import { shownPipeline } from './jobs.js'
import type { FileRow, PackageRow, PackageStatus } from './package-rows.js'
import { type PageOptions, paged } from './paged.js'
import { someTime } from './shown.js'
import type { GitlabAsked } from './start.js'

/** app/models/packages/package.rb */
const statuses: readonly string[] = ['default', 'hidden', 'processing', 'error', 'pending_destruction', 'deprecated']
/** The packages that a list has where no status is asked for, and that are found by their number: `displayable`. */
const displayable: readonly PackageStatus[] = ['default', 'error', 'deprecated']
/** The packages that can be installed: `installable`. */
export const installable: readonly PackageStatus[] = ['default', 'hidden', 'deprecated']

/** lib/api/entities/package.rb. The pipeline is the last one that sent something: `last_build_info` of app/models/packages/package.rb. */
function shownPackage({ id, name, version, status, by }: PackageRow, named: 'first' | 'last'): Record<string, unknown> {
  const created = { id, name, version, package_type: 'generic', status, created_at: someTime }
  const pipeline = by.at(named === 'last' ? -1 : 0)
  return pipeline === undefined ? created : { ...created, pipeline: shownPipeline(pipeline) }
}

/** lib/api/entities/package_file.rb */
export function shownFile(packageId: number, { id, name, size, sha256, by }: FileRow): Record<string, unknown> {
  return {
    ...(by !== undefined && { pipelines: [shownPipeline(by)] }),
    id,
    package_id: packageId,
    created_at: someTime,
    file_name: name,
    size,
    file_md5: null,
    file_sha1: null,
    file_sha256: sha256,
  }
}

/** Found by its number: what is hidden is not found, as if there were none (app/finders/packages/package_finder.rb). */
export function packageByNumber(rows: readonly PackageRow[], id: number): PackageRow | undefined {
  return rows.find((row) => row.id === id && displayable.includes(row.status))
}

/** How a list of packages is given. */
export interface ListOptions extends PageOptions {
  readonly namedPipeline: 'first' | 'last'
}

/** `package_name` is looked for anywhere in the names, `package_version` is the whole version: app/finders/packages/packages_finder.rb */
export function listPackages(rows: readonly PackageRow[], asked: GitlabAsked, pages: ListOptions): Answer {
  const parameter = (name: string) => asked.url.searchParams.get(name) ?? ''
  const [status, sort] = [parameter('status'), parameter('sort')]
  const orders = ['', 'created_at', 'name', 'version', 'type', ...(pages.keyset ? ['id'] : [])]
  if (status !== '' && !statuses.includes(status)) return invalid('status does not have a valid value')
  if (!['', 'asc', 'desc'].includes(sort)) return invalid('sort does not have a valid value')
  if (!orders.includes(parameter('order_by'))) return invalid('order_by does not have a valid value')
  const fits = (row: PackageRow) =>
    ['', 'generic'].includes(parameter('package_type')) &&
    ['', row.version].includes(parameter('package_version')) &&
    row.name.toLowerCase().includes(parameter('package_name').toLowerCase()) &&
    (status === '' ? displayable.includes(row.status) : row.status === status)
  const listed = rows.filter((row) => fits(row) && row.unseen-- <= 0)
  const order = parameter('order_by')
  if (order === 'name' || order === 'version') listed.sort((one, other) => compare(one[order], other[order]))
  if (sort === 'desc') listed.reverse()
  const shown = listed.map((row) => shownPackage(row, pages.namedPipeline))
  return paged(shown, asked, pages)
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
