import type { Answer } from '../server/respond.js'
import { invalid, refusal } from './answers.js'
import type { GitlabAsked } from './start.js'

/** The most that a page holds, whatever is asked for. */
const most = 100

/** How a list is divided. */
export interface PageOptions {
  /** The most that a page holds. @default 100 */
  readonly maxPerPage?: number | undefined
  /** Whether `pagination=keyset` is known for this list; where it is not, the parameter is ignored. @default false */
  readonly keyset?: boolean | undefined
}

/** One page of a list, with the headers of GitLab's pagination. Links have the address that the instance is configured with. */
export function paged(all: readonly object[], asked: GitlabAsked, { maxPerPage = most, keyset = false }: PageOptions = {}): Answer {
  const { searchParams } = asked.url
  const perPage = Math.min(maxPerPage, most, Number(searchParams.get('per_page') ?? 20))
  if (!(Number.isInteger(perPage) && perPage >= 1)) return invalid('per_page does not have a valid value')
  return keyset && searchParams.get('pagination') === 'keyset' ? byKeyset(all, asked, perPage) : byOffset(all, asked, perPage)
}

/** @see https://docs.gitlab.com/api/rest/#offset-based-pagination */
function byOffset(all: readonly object[], asked: GitlabAsked, perPage: number): Answer {
  const page = Number(asked.url.searchParams.get('page') ?? 1)
  if (!(Number.isInteger(page) && page >= 1)) return invalid('page does not have a valid value')
  const pages = Math.max(1, Math.ceil(all.length / perPage))
  const next = page < pages ? page + 1 : undefined
  const places = { ...(page > 1 && { prev: page - 1 }), ...(next !== undefined && { next }), first: 1, last: pages }
  const links = Object.entries(places).map(([rel, number]) => linkTo(asked, { page: String(number), per_page: String(perPage) }, rel))
  const headers = {
    link: links.join(', '),
    'x-page': String(page),
    'x-per-page': String(perPage),
    'x-prev-page': page > 1 ? String(page - 1) : '',
    'x-next-page': next === undefined ? '' : String(next),
    'x-total': String(all.length),
    'x-total-pages': String(pages),
  }
  return { status: 200, headers, json: all.slice((page - 1) * perPage, page * perPage) }
}

/**
 * By `id` alone, with nothing but a link to the next page: no totals, and no numbers of pages.
 * @see https://docs.gitlab.com/api/rest/#keyset-based-pagination
 */
function byKeyset(all: readonly object[], asked: GitlabAsked, perPage: number): Answer {
  const { searchParams } = asked.url
  const [order, sort] = [searchParams.get('order_by') ?? 'id', searchParams.get('sort') ?? 'desc']
  if (order !== 'id') return refusal(405, 'Keyset pagination is not yet available for this type of request')
  const cursor = searchParams.get('cursor')
  const after =
    cursor === null ? (sort === 'asc' ? -1 : Number.POSITIVE_INFINITY) : Number(Buffer.from(cursor, 'base64url').toString() || 'none')
  if (Number.isNaN(after)) return invalid('cursor is invalid')
  const rows = all.map((row) => ({ row, id: 'id' in row ? Number(row.id) : Number.NaN })).sort((one, other) => one.id - other.id)
  if (sort !== 'asc') rows.reverse()
  const left = rows.filter(({ id }) => (sort === 'asc' ? id > after : id < after))
  const page = left.slice(0, perPage)
  const last = page.at(-1)
  const hasMore = left.length > page.length && last !== undefined
  const next = Buffer.from(String(last?.id)).toString('base64url')
  const headers = hasMore ? { link: linkTo(asked, { cursor: next, per_page: String(perPage) }, 'next') } : {}
  return { status: 200, headers, json: page.map(({ row }) => row) }
}

function linkTo({ url, instance }: GitlabAsked, parameters: Readonly<Record<string, string>>, rel: string): string {
  const query = new URLSearchParams(url.searchParams)
  for (const [name, value] of Object.entries(parameters)) query.set(name, value)
  return `<${instance}${url.pathname}?${query}>; rel="${rel}"`
}
