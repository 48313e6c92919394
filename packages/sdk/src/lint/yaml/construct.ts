import { type Alias, isAlias, isMap, isNode, isScalar, isSeq, type Node, Scalar, type YAMLMap } from 'yaml'
import { Refused } from '../finding.js'
import { maximumDepth, Reference, type Yaml } from '../value.js'
import { plainScalar, unspecified } from './scalar.js'

/**
 * Builds from a syntax tree what Psych builds: plain scalars by its own rules, the last of equal keys, merge keys where they
 * stand (so that `<<` overrides what is above it), aliases as the very same value.
 * @throws {Refused} for values that GitLab does not load
 */
export function construct(root: unknown): Yaml {
  return new Constructor().value(root, 0)
}

export function tooBig(because: string): Refused {
  return new Refused('Y3', 'yaml-too-big', `the file is too big for GitLab: ${because}`)
}

/** How many entries merge keys may add in total; aliases count each time. */
const mostMerged = 200_000

class Constructor {
  readonly #anchors = new Map<string, Yaml | undefined>()
  #merged = 0

  value(node: unknown, depth: number): Yaml {
    if (!isNode(node)) return null
    if (depth > maximumDepth) throw tooBig('lists and mappings nest too deep')
    if (isAlias(node)) return this.#alias(node)
    // During construction it has no value yet: an alias to it would be a cycle.
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, undefined)
    const value = this.#fresh(node, depth)
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, value)
    return value
  }

  #fresh(node: Node, depth: number): Yaml {
    const tag = node.tag ?? ''
    const object = /^!ruby\/([\w-]+)(?::(\w+))?/.exec(tag)
    if (object !== null) throw unspecified(object[2] ?? capitalized(object[1] ?? 'object'), tag)
    const value = isMap(node) ? this.#map(node, depth) : isSeq(node) ? node.items.map((item) => this.value(item, depth + 1)) : scalar(node)
    return tag === '!reference' ? new Reference(value) : value
  }

  #map(node: YAMLMap, depth: number): Yaml {
    const map = new Map<Yaml, Yaml>()
    for (const { key, value } of node.items) {
      const [name, member] = [keyOf(key, this.value(key, depth + 1)), this.value(value, depth + 1)]
      const merged = name === '<<' && isScalar(key) && key.type === Scalar.PLAIN ? this.#merge(member) : undefined
      for (const [mergedKey, mergedMember] of merged ?? [[name, member] as const]) map.set(mergedKey, mergedMember)
    }
    return map
  }

  #merge(value: Yaml): readonly (readonly [Yaml, Yaml])[] | undefined {
    const maps = value instanceof Map ? [value] : value
    if (!Array.isArray(maps) || !maps.every((item) => item instanceof Map)) return undefined
    for (const { size } of maps) this.#merged += size
    if (this.#merged > mostMerged) throw tooBig('merge keys bring in too much')
    return maps.toReversed().flatMap((item) => [...item])
  }

  #alias({ source }: Alias): Yaml {
    if (!this.#anchors.has(source)) throw new Refused('Y4', 'yaml-alias', `*${source} refers to an anchor that is not defined above it`)
    const value = this.#anchors.get(source)
    if (value === undefined) throw tooBig(`*${source} contains itself`)
    return value
  }
}

function scalar(node: Node): Yaml {
  if (!isScalar(node)) return null
  const source = typeof node.source === 'string' ? node.source : String(node.value ?? '')
  const isString = node.type !== Scalar.PLAIN || ['!', '!str', '!!str', 'tag:yaml.org,2002:str'].includes(node.tag ?? '')
  return isString ? String(node.value ?? '') : plainScalar(source)
}

/** Ruby reads a plain `:script` as a symbol, which is the same key as `script`. */
function keyOf(node: unknown, name: Yaml): Yaml {
  const isSymbol = isScalar(node) && node.type === Scalar.PLAIN && typeof name === 'string' && /^:[^"']/.test(name)
  return isSymbol ? name.slice(1) : name
}

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
