import { flat } from '../checks.js'
import { type Path, Refused } from '../finding.js'
import { isMap, isText, shown, type Yaml, type YamlMap } from '../value.js'
import { deepMerge } from './merge.js'

const mostAncestors = 10

interface Resolved {
  readonly whole: YamlMap
  /** How far away the farthest of its bases is. */
  readonly steps: number
}

/**
 * Every mapping at the top with what it extends merged into it.
 * @param complete whether all files were read; an unknown base is passed over otherwise
 * @throws {Refused} for a base that does not exist, is no mapping, is too far away, or extends what extends it
 */
export function resolveExtends(root: YamlMap, complete: boolean): YamlMap {
  const resolved = new Map<string, Resolved>()
  const extend = (name: string, ancestors: readonly string[]): Resolved => {
    const own = root.get(name)
    if (!isMap(own)) return { whole: new Map(), steps: 0 }
    if (!own.has('extends')) return { whole: own, steps: 0 }
    // What is known has no circle, and is only too far away if its own bases are.
    const known = resolved.get(name)
    if (known !== undefined && ancestors.length + known.steps <= mostAncestors) return known
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
    const found = bases.filter((base) => root.has(base)).map((base) => extend(base, [...ancestors, name]))
    const whole = deepMerge(found.map(({ whole }) => whole).reduce(deepMerge, new Map<Yaml, Yaml>()), own)
    const result = { whole, steps: Math.max(0, ...found.map(({ steps }) => steps)) + 1 }
    resolved.set(name, result)
    return result
  }
  return new Map(
    [...root].map(([key, value]) => [key, isText(key) && isMap(value) && value.has('extends') ? extend(key, []).whole : value] as const),
  )
}

function refused(name: string, code: string, gitlab: string, ours: string): Refused {
  const path: Path = [name, 'extends']
  return new Refused('J19', code, `\`${name}\` ${ours}`, { gitlab: `${name}: ${gitlab}`, path })
}
