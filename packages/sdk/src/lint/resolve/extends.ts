import { flat, isTexts } from '../checks.js'
import { type Path, Refused } from '../finding.js'
import { isMap, isText, rubyText, type Yaml, type YamlMap } from '../value.js'
import { deepMerge } from './merge.js'

const mostAncestors = 10

interface Resolved {
  readonly whole: YamlMap
  /** The distance to the farthest of its bases. */
  readonly steps: number
  /** The bases, its own and theirs, that are in no file that was read. */
  readonly unknown: readonly string[]
}

/**
 * Merges the extended entries into every entry of the root. Resolved bases are removed from the keyword, so it stays only for unknown ones.
 * @param complete whether all files were read; otherwise an unknown base is ignored
 * @throws {Refused} for a base that does not exist, is not a mapping, is too far away, or is part of a cycle
 */
export function resolveExtends(root: YamlMap, complete: boolean): YamlMap {
  const resolved = new Map<string, Resolved>()
  const extend = (name: string, ancestors: readonly string[]): Resolved => {
    const own = root.get(name)
    if (!isMap(own)) return { whole: new Map(), steps: 0, unknown: [] }
    if (!own.has('extends')) return { whole: own, steps: 0, unknown: [] }
    // A resolved base is in no cycle. It is too far away only if its own bases are.
    const known = resolved.get(name)
    if (known !== undefined && ancestors.length + known.steps <= mostAncestors) return known
    const bases = flat(own.get('extends') ?? []).map(rubyText)
    const unknown = bases.filter((base) => !root.has(base))
    if (unknown.length > 0 && complete) throw refused(name, 'extends-undefined', `extends ${unknown.join(', ')}, which does not exist`)
    const invalid = bases.filter((base) => root.has(base) && !isMap(root.get(base)))
    if (invalid.length > 0) throw refused(name, 'extends-no-mapping', `extends ${invalid.join(', ')}, which is not a mapping`)
    if (ancestors.length > mostAncestors) throw refused(name, 'extends-depth', `is extended through more than ${mostAncestors} steps`)
    if (ancestors.includes(name)) throw refused(name, 'extends-cycle', 'extends itself, directly or through others')
    const found = bases.filter((base) => root.has(base)).map((base) => extend(base, [...ancestors, name]))
    const merged = deepMerge(found.map(({ whole }) => whole).reduce(deepMerge, new Map<Yaml, Yaml>()), own)
    const left = [...new Set([...found.flatMap((base) => base.unknown), ...unknown])]
    const whole = withoutKnown(merged, own.get('extends') ?? [], left)
    const result = { whole, steps: Math.max(0, ...found.map(({ steps }) => steps)) + 1, unknown: left }
    resolved.set(name, result)
    return result
  }
  return new Map(
    [...root].map(([key, value]) => [key, isText(key) && isMap(value) && value.has('extends') ? extend(key, []).whole : value] as const),
  )
}

/** The entry with the keyword only for unknown bases. An `extends` of another form stays as it is, and its form is checked later. */
function withoutKnown(merged: YamlMap, written: Yaml, unknown: readonly string[]): YamlMap {
  const names = isText(written) ? [written] : written
  if (!isTexts(names) || names.length === 0 || names.every((name) => unknown.includes(name))) return merged
  const others = [...merged].filter(([key]) => key !== 'extends')
  return new Map<Yaml, Yaml>(unknown.length === 0 ? others : [...others, ['extends', unknown]])
}

function refused(name: string, code: string, problem: string): Refused {
  const path: Path = [name, 'extends']
  return new Refused('J19', code, `\`${name}\` ${problem}`, { path })
}
