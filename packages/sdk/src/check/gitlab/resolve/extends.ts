import { flat } from '../checks.js'
import { type Path, Refused } from '../finding.js'
import { isMap, isText, shown, type Yaml, type YamlMap } from '../value.js'
import { deepMerge } from './merge.js'

const mostAncestors = 10

/**
 * Every mapping at the top with what it extends merged into it.
 * @param complete whether all files were read; an unknown base is passed over otherwise
 * @throws {Refused} for a base that does not exist, is no mapping, is too far away, or extends what extends it
 */
export function resolveExtends(root: YamlMap, complete: boolean): YamlMap {
  const resolved = new Map<string, YamlMap>()
  const extend = (name: string, ancestors: readonly string[]): YamlMap => {
    const own = root.get(name)
    if (!isMap(own)) return new Map()
    if (!own.has('extends')) return own
    const bases = flat(own.get('extends') ?? []).map(shown)
    const unknown = bases.filter((base) => !root.has(base))
    if (unknown.length > 0 && complete)
      throw refused(
        name,
        'extends-undefined',
        `unknown keys in \`extends\` (${unknown.join(', ')})`,
        `extends ${unknown.join(', ')}, which does not exist`,
      )
    const invalid = bases.filter((base) => root.has(base) && !isMap(root.get(base)))
    if (invalid.length > 0)
      throw refused(
        name,
        'extends-no-mapping',
        `invalid base hashes in \`extends\` (${invalid.join(', ')})`,
        `extends ${invalid.join(', ')}, which is no mapping`,
      )
    if (ancestors.length > mostAncestors)
      throw refused(name, 'extends-depth', 'nesting too deep in `extends`', `is extended over more than ${mostAncestors} steps`)
    if (ancestors.includes(name))
      throw refused(name, 'extends-cycle', 'circular dependency detected in `extends`', 'extends itself, directly or by way of others')
    const known = resolved.get(name)
    // Asked for again without ancestors, the answer is the same; with them, depth and circles count.
    if (known !== undefined && ancestors.length === 0) return known
    const merged = bases
      .filter((base) => root.has(base))
      .map((base) => extend(base, [...ancestors, name]))
      .reduce(deepMerge, new Map<Yaml, Yaml>())
    const whole = deepMerge(merged, own)
    resolved.set(name, whole)
    return whole
  }
  return new Map(
    [...root].map(([key, value]) => [key, isText(key) && isMap(value) && value.has('extends') ? extend(key, []) : value] as const),
  )
}

function refused(name: string, code: string, gitlab: string, ours: string): Refused {
  const path: Path = [name, 'extends']
  return new Refused('J19', code, `\`${name}\` ${ours}`, { gitlab: `${name}: ${gitlab}`, path })
}
