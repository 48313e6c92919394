import type { Answer } from '../server/respond.js'

/** The most that a page holds, whatever is asked for. */
const most = 100

/**
 * One page of a list, with the headers of GitLab's offset pagination.
 * @see https://docs.gitlab.com/api/rest/#offset-based-pagination
 */
export function paged(all: readonly unknown[], url: URL, maxPerPage = most): Answer {
  const perPage = Math.min(maxPerPage, most, Number(url.searchParams.get('per_page') ?? 20))
  const page = Number(url.searchParams.get('page') ?? 1)
  if (!(perPage >= 1 && page >= 1)) return { status: 400, json: { error: 'page does not have a valid value' } }
  const pages = Math.max(1, Math.ceil(all.length / perPage))
  const next = page < pages ? page + 1 : undefined
  const places = { ...(page > 1 && { prev: page - 1 }), ...(next !== undefined && { next }), first: 1, last: pages }
  const links = Object.entries(places).map(([rel, number]) => `<${address(url, number, perPage)}>; rel="${rel}"`)
  const headers = {
    link: links.join(', '),
    'x-page': String(page),
    'x-per-page': String(perPage),
    'x-next-page': next === undefined ? '' : String(next),
    'x-total': String(all.length),
    'x-total-pages': String(pages),
  }
  return { status: 200, headers, json: all.slice((page - 1) * perPage, page * perPage) }
}

function address(url: URL, page: number, perPage: number): string {
  const { pathname, searchParams } = url
  const query = new URLSearchParams(searchParams)
  query.set('page', String(page))
  query.set('per_page', String(perPage))
  return `https://gitlab.example${pathname}?${query}`
}
