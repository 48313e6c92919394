import { isMap, type Yaml, type YamlMap } from '../value.js'

/** Mappings merge, everything else is replaced by what comes later. */
export function deepMerge(earlier: YamlMap, later: YamlMap): YamlMap {
  const merged = new Map<Yaml, Yaml>(earlier)
  for (const [key, value] of later) {
    const before = merged.get(key)
    merged.set(key, isMap(before) && isMap(value) ? deepMerge(before, value) : value)
  }
  return merged
}
