import { isTexts } from '../checks.js'
import { type Path, Refused } from '../finding.js'
import { isList, isMap, maximumDepth, Reference, shown, type Yaml, type YamlMap } from '../value.js'
import { tooBig } from '../yaml/construct.js'

/** Values that references may bring in altogether. GitLab's own documents have some ten thousand in all. */
const mostReferred = 500_000

/**
 * Every `!reference` replaced by what it refers to.
 * @param complete whether all files were read; an unknown target becomes nothing otherwise
 * @throws {Refused} for a target that does not exist, or leads back to itself
 */
export function resolveReferences(root: YamlMap, complete: boolean): YamlMap {
  let referred = 0
  const resolve = (value: Yaml, path: Path, chain: readonly string[]): Yaml => {
    if (chain.length > maximumDepth) return null
    // Lists of references to lists of references grow without bounds.
    referred += chain.length === 0 ? 0 : 1
    if (referred > mostReferred) throw tooBig('references bring in too much')
    if (value instanceof Reference) return follow(value, path, chain)
    if (isList(value)) return value.map((item, index) => resolve(item, [...path, index], chain))
    if (isMap(value)) return new Map([...value].map(([key, member]) => [key, resolve(member, [...path, shown(key)], chain)] as const))
    return value
  }
  const follow = ({ to }: Reference, path: Path, chain: readonly string[]): Yaml => {
    if (!isTexts(to) || to.length === 0)
      throw new Refused('Y7', 'reference', '`!reference` needs a list of keys, such as [.setup, script]', {
        gitlab: `!reference ${JSON.stringify(isMap(to) ? {} : to)} is not valid`,
        path,
      })
    const name = JSON.stringify(to).replaceAll('","', '", "')
    if (chain.includes(name))
      throw new Refused('Y7', 'reference-cycle', `\`!reference ${name}\` leads back to itself`, {
        gitlab: `!reference ${name} is part of a circular chain`,
        path,
      })
    let target: Yaml | undefined = root
    for (const key of to) {
      if (target instanceof Reference) target = follow(target, path, [...chain, name])
      target = isMap(target) ? target.get(key) : undefined
    }
    if ((target ?? null) === null && complete)
      throw new Refused('Y7', 'reference-undefined', `\`!reference ${name}\` refers to nothing`, {
        gitlab: `!reference ${name} could not be found`,
        path,
      })
    return resolve(target ?? null, path, [...chain, name])
  }
  const resolved = hasReference(root, new Set()) ? resolve(root, [], []) : root
  return isMap(resolved) ? resolved : root
}

/** Most documents have none, and need no copy. */
function hasReference(value: Yaml, seen: Set<Yaml>): boolean {
  if (value instanceof Reference) return true
  if ((!isList(value) && !isMap(value)) || seen.has(value)) return false
  seen.add(value)
  return (isList(value) ? value : [...value.values()]).some((item) => hasReference(item, seen))
}
