import { isTexts } from '../checks.js'
import { type Path, Refused } from '../finding.js'
import { isList, isMap, maximumDepth, Reference, rubyText, type Yaml, type YamlMap } from '../value.js'
import { tooBig } from '../yaml/construct.js'

/** Values that references may insert in total. Real documents have about ten thousand values. */
const mostReferred = 500_000

/**
 * Replaces every `!reference` with its target.
 * @param complete whether all files were read; otherwise a reference without a target stays, and its value is unknown
 * @throws {Refused} for a target that does not exist, or that refers back to itself
 */
export function resolveReferences(root: YamlMap, complete: boolean): YamlMap {
  let referred = 0
  const resolve = (value: Yaml, path: Path, chain: readonly string[]): Yaml => {
    if (chain.length > maximumDepth) return null
    // Lists of references to lists of references grow exponentially.
    referred += chain.length === 0 ? 0 : 1
    if (referred > mostReferred) throw tooBig('references insert too many values')
    if (value instanceof Reference) return follow(value, path, chain)
    if (isList(value)) return value.map((item, index) => resolve(item, [...path, index], chain))
    if (isMap(value)) return new Map([...value].map(([key, member]) => [key, resolve(member, [...path, rubyText(key)], chain)] as const))
    return value
  }
  const follow = (reference: Reference, path: Path, chain: readonly string[]): Yaml => {
    const { to } = reference
    if (!isTexts(to) || to.length === 0)
      throw new Refused('Y7', 'reference', '`!reference` needs a list of keys, such as [.setup, script]', { path })
    const name = JSON.stringify(to).replaceAll('","', '", "')
    if (chain.includes(name)) throw new Refused('Y7', 'reference-cycle', `\`!reference ${name}\` leads back to itself`, { path })
    let target: Yaml | undefined = root
    for (const key of to) {
      if (target instanceof Reference) target = follow(target, path, [...chain, name])
      target = isMap(target) ? target.get(key) : undefined
    }
    if ((target ?? null) === null) {
      if (complete) throw new Refused('Y7', 'reference-undefined', `\`!reference ${name}\` refers to nothing`, { path })
      return reference
    }
    return resolve(target ?? null, path, [...chain, name])
  }
  const resolved = hasReference(root, new Set()) ? resolve(root, [], []) : root
  return isMap(resolved) ? resolved : root
}

/** Most documents have none, and are not copied. */
function hasReference(value: Yaml, seen: Set<Yaml>): boolean {
  if (value instanceof Reference) return true
  if ((!isList(value) && !isMap(value)) || seen.has(value)) return false
  seen.add(value)
  return (isList(value) ? value : [...value.values()]).some((item) => hasReference(item, seen))
}
