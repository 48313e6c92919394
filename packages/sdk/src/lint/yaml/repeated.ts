import { isCollection, isMap, isPair, isScalar } from 'yaml'
import type { Finding, Path } from '../finding.js'
import { linesOf } from './lines.js'
import type { Tree } from './load.js'

/** Keys that occur twice in one mapping: the first one is lost, and GitLab does not report it. */
export function repeatedKeys(tree: Tree): readonly Finding[] {
  const lineAt = linesOf(tree)
  const found: Finding[] = []
  const visit = (node: unknown, path: Path): void => {
    if (!isCollection(node)) return
    const first = new Map<string, number>()
    for (const [index, item] of node.items.entries()) {
      if (!isMap(node) || !isPair(item)) {
        visit(item, [...path, index])
        continue
      }
      // Each merge key merges, also the second one.
      if (!isScalar(item.key) || item.key.value === '<<') continue
      const key = String(item.key.value)
      const line = lineAt(item.key.range?.[0] ?? 0)
      const before = first.get(key)
      first.set(key, before ?? line)
      const place = [...path, key]
      if (before !== undefined) found.push(findingOf(place, before, line))
      visit(item.value, place)
    }
  }
  visit(tree.document.contents, [])
  return found
}

function findingOf(path: Path, first: number, line: number): Finding {
  const message = `\`${path.join('.')}\` is defined twice, first in line ${first}: GitLab silently uses the last`
  return { code: 'gitlab/yaml-repeated-key', rule: 'Y2', severity: 'warning', path, line, message }
}
