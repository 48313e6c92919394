import { parseUrl, StagegateError } from '@stagegate/schema'
import { parseLinks } from './links.js'

/**
 * The next page of a list (RFC 8288). It is followed only to the same list, since the credential is sent along. `undefined` only for the
 * last page: a header that is not understood completely may name a next one.
 * @throws {StagegateError} if it is on another server or list, or cannot be understood
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
