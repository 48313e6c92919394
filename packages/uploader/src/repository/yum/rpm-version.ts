/**
 * Compares two versions, or two releases, as rpm does: number by number and word by word, `~` before everything and `^` after what it extends
 * (rpmio/rpmvercmp.c).
 * @returns below 0 if the first is older, above 0 if it is newer
 */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [partsOf(one), partsOf(other)]
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const order = compareParts(left[at], right[at])
    if (order !== 0) return order
  }
  return 0
}

/** All other characters only separate. */
function partsOf(version: string): readonly string[] {
  return version.match(/\d+|[A-Za-z]+|~|\^/g) ?? []
}

function compareParts(one: string | undefined, other: string | undefined): number {
  const order = rankOf(one) - rankOf(other)
  if (order !== 0 || one === undefined || other === undefined) return order
  const [left, right] = /^\d/.test(one) ? [one.replace(/^0+/, ''), other.replace(/^0+/, '')] : [one, other]
  if (/^\d/.test(one) && left.length !== right.length) return left.length - right.length
  return left < right ? -1 : left > right ? 1 : 0
}

/** A version that ends is newer than one that continues with `~`, and older than any other continuation. */
function rankOf(part: string | undefined): number {
  if (part === undefined) return 1
  if (part === '~') return 0
  if (part === '^') return 2
  return /^\d/.test(part) ? 4 : 3
}
