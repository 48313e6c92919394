import { parseUrl, StagegateError } from '@stagegate/schema'
import { parseLinks } from './links.js'

/**
 * Where the next page of a list is (RFC 8288); followed only to the same list, since the credential goes with it. `undefined`
 * is said of the last page alone: a header that is not understood to its end may well name a next one.
 * @throws {StagegateError} when it is said to be elsewhere, or nobody can tell where
 */
export function nextPage(link: string | undefined, origin: string, current: string): string | undefined {
  const doubtful = (what: string) =>
    new StagegateError({ code: 'repository/unexpected-answer', what, where: `${origin}${current.split('?', 1)[0]}` })
  const links = parseLinks(link ?? '')
  if (links === undefined) throw doubtful('cannot tell whether the results have a next page: the Link header does not follow RFC 8288')
  const here = new URL(current, origin)
  const pages = new Set(
    links
      .filter(({ relations }) => relations.includes('next'))
      .map(({ target, anchor = '' }) => {
        const next = parseUrl(target, here)
        // A later page differs by its query; an address without one is the first page of a wider list.
        const isLater = next !== undefined && next.search !== '' && next.search !== here.search
        const isOurs = parseUrl(anchor, here)?.href === here.href
        if (isLater && isOurs && next.origin === here.origin && next.pathname === here.pathname) return next.pathname + next.search
        throw doubtful('the next page of the results is at another address, which Stagegate does not follow')
      }),
  )
  if (pages.size > 1) throw doubtful(`${pages.size} next pages of the results are named, but there can be only one`)
  return [...pages][0]
}
