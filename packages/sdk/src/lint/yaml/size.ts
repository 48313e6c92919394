import type { Limits } from '../limits.js'
import { isList, isMap, isText, type Yaml } from '../value.js'
import { tooBig } from './construct.js'

// The least memory that Ruby needs: a slot of 40 bytes for each string, list and mapping; integers and the like are free.
const slot = 40

interface Extent {
  readonly bytes: number
  readonly depth: number
}

/**
 * @throws {Refused} for what GitLab finds too big once aliases are written out
 */
export function checkSize(root: Yaml, limits: Limits): void {
  const known = new Map<Yaml, Extent>()
  const tooDeep = () => tooBig(`lists and mappings are more than ${limits.depth} deep in one another`)
  const extentOf = (value: Yaml, level: number): Extent => {
    if (isText(value)) return { bytes: Math.max(slot, value.length), depth: 0 }
    if (!isList(value) && !isMap(value)) return { bytes: 0, depth: 0 }
    const seen = known.get(value)
    if (seen !== undefined) return seen
    // Nesting this deep makes the whole too deep, and a chain of aliases would exhaust the stack.
    if (level > limits.depth) throw tooDeep()
    let [bytes, depth] = [slot, 1]
    for (const child of isList(value) ? value : [...value].flat()) {
      const extent = extentOf(child, level + 1)
      bytes += extent.bytes
      depth = Math.max(depth, extent.depth + 1)
    }
    known.set(value, { bytes, depth })
    return { bytes, depth }
  }
  const { bytes, depth } = extentOf(root, 0)
  if (depth > limits.depth) throw tooDeep()
  if (bytes > limits.expandedBytes) throw tooBig(`with aliases written out it takes more than ${limits.expandedBytes} bytes`)
}
