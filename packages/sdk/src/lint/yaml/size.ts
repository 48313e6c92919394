import type { Finding } from '../finding.js'
import type { Limits } from '../limits.js'
import { isList, isMap, isText, type Yaml } from '../value.js'
import { tooBig } from './construct.js'

// The memory that Ruby 3.1 takes for its objects; GitLab's own Ruby may be newer, and count slightly differently.
// Integers and similar values take none.
const slot = 40
const shortText = 23
const shortList = 3
const reference = 8
const shortMap = { keys: 8, bytes: 168 } as const

function bytesOfText(text: string): number {
  const length = Buffer.byteLength(text)
  return length <= shortText ? slot : slot + length
}

const bytesOfList = (items: number): number => slot + reference * Math.max(0, items - shortList)

/** A larger mapping is a table of entries, whose size doubles when it is full, and an index with twice as many bins. */
function bytesOfMap(keys: number): number {
  if (keys <= shortMap.keys) return keys === 0 ? slot : shortMap.bytes
  let entries = 32
  while (entries < keys) entries *= 2
  const bin = entries < 256 ? 1 : entries < 65_536 ? 2 : 4
  return slot + 56 + 24 * entries + 2 * entries * bin
}

interface Extent {
  readonly bytes: number
  readonly depth: number
}

/**
 * The memory that a document takes in GitLab once aliases are expanded, as far as it can be predicted.
 * @throws {Refused} if GitLab finds it too big
 */
export function checkSize(root: Yaml, limits: Limits): number {
  const known = new Map<Yaml, Extent>()
  const tooDeep = () => tooBig(`lists and mappings are more than ${limits.depth} deep in one another`)
  const extentOf = (value: Yaml, level: number): Extent => {
    if (isText(value)) return { bytes: bytesOfText(value), depth: 0 }
    if (!isList(value) && !isMap(value)) return { bytes: 0, depth: 0 }
    const seen = known.get(value)
    if (seen !== undefined) return seen
    // At this depth the whole is too deep, and a chain of aliases would exhaust the stack.
    if (level > limits.depth) throw tooDeep()
    let [bytes, depth] = [isList(value) ? bytesOfList(value.length) : bytesOfMap(value.size), 1]
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
  if (bytes > limits.expandedBytes)
    throw tooBig(`with aliases written out it takes about ${inKilobytes(bytes)} of memory, more than ${inKilobytes(limits.expandedBytes)}`)
  return bytes
}

/** A warning about a file that is half as large as GitLab allows, or more; `named` is what it is called. */
export function sizeWarning(bytes: number, limit: number, named: string): readonly Finding[] {
  if (bytes * 2 <= limit) return []
  const problem = `takes about ${inKilobytes(bytes)} of GitLab's memory, ${Math.round((100 * bytes) / limit)} % of what it loads: move jobs to included files`
  return [
    {
      code: 'gitlab/yaml-large',
      rule: 'Y3',
      severity: 'warning',
      path: named === 'the file' ? [] : ['include'],
      message: `${named} ${problem}`,
    },
  ]
}

const inKilobytes = (bytes: number): string => `${Math.round(bytes / 1024).toLocaleString('en')} KiB`
