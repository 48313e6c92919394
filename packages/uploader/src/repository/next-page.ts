import { parseUrl, StagegateError } from '@stagegate/schema'

/**
 * Where the next page of a list is (RFC 8288, section 3); followed only to the same list, since the credential goes with it.
 * @throws {StagegateError} when it is said to be elsewhere
 */
export function nextPage(link: string | undefined, origin: string, current: string): string | undefined {
  for (const [, target = '', parameters = ''] of link?.matchAll(/<([^>]*)>([^<]*)/g) ?? []) {
    if (!/;\s*rel\s*=\s*("[^"]*\bnext\b[^"]*"|next\b)/i.test(parameters)) continue
    const here = new URL(current, origin)
    const next = parseUrl(target, here)
    // What stands in the query is what makes it a later page; without any it is the first of a wider list.
    const isLater = next !== undefined && next.search !== '' && next.search !== here.search
    if (isLater && next.origin === here.origin && next.pathname === here.pathname) return next.pathname + next.search
    throw new StagegateError({
      code: 'repository/unexpected-answer',
      what: 'the next page of the results is said to be elsewhere, where nobody looks',
      where: `${origin}${current.split('?', 1)[0]}`,
    })
  }
  return undefined
}
