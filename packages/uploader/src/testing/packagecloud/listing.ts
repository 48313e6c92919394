import type { Answer, Asked } from '../server/respond.js'
import { fragment, type StoredPackage, type View } from './stored-package.js'

const defaultPerPage = 30

/** Pages through packages, with the headers that say how. A `per_page` that is too large is cut to the most there can be. */
export function listed(packages: readonly StoredPackage[], { url }: Asked, view: View, maxPerPage: number): Answer {
  const asked = Number(url.searchParams.get('per_page') ?? defaultPerPage)
  const perPage = Math.min(Math.max(1, Number.isInteger(asked) ? asked : defaultPerPage), maxPerPage)
  const page = Math.max(1, Math.trunc(Number(url.searchParams.get('page') ?? 1)) || 1)
  const last = Math.max(1, Math.ceil(packages.length / perPage))
  const rows = packages.slice((page - 1) * perPage, page * perPage)
  const to = (number: number, rel: string) => {
    const target = new URL(url.pathname + url.search, view.origin)
    target.searchParams.set('page', String(number))
    return `<${target.href}>; rel="${rel}"`
  }
  const links = [
    ...(page > 1 ? [to(1, 'first'), to(page - 1, 'prev')] : []),
    ...(page < last ? [to(last, 'last'), to(page + 1, 'next')] : []),
  ]
  return {
    status: 200,
    headers: {
      total: String(packages.length),
      'per-page': String(perPage),
      'max-per-page': String(maxPerPage),
      ...(links.length === 0 ? {} : { link: links.join(', ') }),
    },
    json: rows.map((stored) => fragment(stored, view)),
  }
}

/** What `search.json` looks for. `dist` makes `filter` not count. */
export function matching(packages: readonly StoredPackage[], query: URLSearchParams): readonly StoredPackage[] {
  const part = (name: string) => query.get(name) ?? ''
  const types: Readonly<Record<string, string>> = { debs: 'deb', rpms: 'rpm' }
  return packages.filter(({ file, distribution, identity }) => {
    const dist = part('dist')
    const kind = part('filter')
    return (
      file.includes(part('q')) &&
      (dist === ''
        ? kind === '' || kind === 'all' || types[kind] === identity.format
        : distribution === dist || distribution.startsWith(`${dist}/`)) &&
      (part('arch') === '' || part('arch') === identity.architecture)
    )
  })
}
