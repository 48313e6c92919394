import { type Document, isCollection, isMap, isNode, isScalar, type Pair } from 'yaml'
import type { Path } from '../finding.js'
import type { Loaded, Tree } from './load.js'

/** The line of a place, or of its nearest ancestor that is in the file itself. */
export function lineFinder({ header, content }: Loaded['trees']): (path: Path) => number | undefined {
  const lines = new Map([header, content].flatMap((tree) => (tree === undefined ? [] : [[tree, linesOf(tree)] as const])))
  const rootKeys = new Map<Tree, ReadonlyMap<string, Pair>>()
  return (path) => {
    const tree = path[0] === 'spec' && header !== undefined ? header : content
    const keys = rootKeys.get(tree) ?? keysOf(tree.document)
    rootKeys.set(tree, keys)
    const offset = offsetOf(tree.document, keys, path)
    return offset === undefined ? undefined : lines.get(tree)?.(offset)
  }
}

/**
 * The line in the file of an offset in a part of it; lines count from 1. Most files have no finding, so the table of lines is made on
 * demand.
 */
export function linesOf({ text, above }: Pick<Tree, 'text' | 'above'>): (offset: number) => number {
  let starts: readonly number[] | undefined
  return (offset) => {
    starts ??= startsIn(text)
    return above + lineOf(starts, offset)
  }
}

const startsIn = (text: string): readonly number[] => [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]

function offsetOf(tree: Document, rootKeys: ReadonlyMap<string, Pair>, path: Path): number | undefined {
  const [first, ...rest] = path
  const root = first === undefined ? undefined : rootKeys.get(String(first))
  if (root === undefined) return undefined
  let offset = startOf(root.key)
  let node: unknown = root.value
  for (const key of rest) {
    const resolved = isNode(node) && 'resolve' in node ? node.resolve(tree) : node
    if (!isCollection(resolved)) break
    const pair = isMap(resolved) ? lastPair(resolved.items, key) : undefined
    node = pair === undefined ? (typeof key === 'number' && !isMap(resolved) ? resolved.items[key] : undefined) : pair.value
    const start = startOf(pair === undefined ? node : pair.key)
    if (start === undefined) break
    offset = start
  }
  return offset
}

const keysOf = (tree: Document): ReadonlyMap<string, Pair> =>
  new Map(isMap(tree.contents) ? tree.contents.items.map((pair) => [keyText(pair), pair] as const) : [])

const keyText = ({ key }: Pair): string => (isScalar(key) ? String(key.value ?? '') : '')

const lastPair = (pairs: readonly Pair[], key: string | number): Pair | undefined => pairs.findLast((pair) => keyText(pair) === String(key))

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined)

function lineOf(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle
  }
  return low + 1
}
