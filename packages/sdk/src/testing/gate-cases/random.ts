import type { JsonObject, JsonValue } from '@stagegate/schema'
import fc from 'fast-check'

/** Choices of a case. `below` answers with a number from 0, below the limit. */
export class Random {
  readonly below: (limit: number) => number

  constructor(below: (limit: number) => number) {
    this.below = below
  }

  /** Choices that fast-check makes, and shrinks. */
  static by(gen: fc.GeneratorValue): Random {
    return new Random((limit) => gen(fc.nat, { max: limit - 1 }))
  }

  one<T>(...choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0]
  }

  maybe(): boolean {
    return this.below(2) === 0
  }

  shuffled<T>(items: readonly T[]): readonly T[] {
    return items
      .map((item) => [this.below(1_000_000), item] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, item]) => item)
  }

  /** A name that no other part of a case uses. */
  word(): string {
    return Array.from({ length: 3 + this.below(5) }, () => this.one(...('bcdfghjklmnqrsvwxz'.split('') as [string, ...string[]]))).join('')
  }

  variable(): string {
    return this.word().toUpperCase()
  }
}

/** The value as YAML, in one of many ways to write it: block or flow, quotes, and the order of keys. */
export function yamlOf(value: JsonObject, random: Random, first: readonly string[] = []): string {
  const keys = [...first.filter((key) => key in value), ...random.shuffled(Object.keys(value).filter((key) => !first.includes(key)))]
  return keys.map((key) => entry(key, value[key] ?? null, random, '')).join(random.one('\n', '\n\n', '\n# a comment\n'))
}

function entry(key: string, value: JsonValue, random: Random, indent: string): string {
  return `${indent}${scalar(key, random)}:${below(value, random, indent)}`
}

function below(value: JsonValue, random: Random, indent: string): string {
  const inner = `${indent}${random.one('  ', '    ')}`
  if (isFlow(value, random)) return ` ${flow(value, random)}`
  if (Array.isArray(value)) return `\n${value.map((one) => `${inner}- ${flow(one, random)}`).join('\n')}`
  if (typeof value === 'object' && value !== null)
    return `\n${random
      .shuffled(Object.entries(value))
      .map(([key, member]) => entry(key, member, random, inner))
      .join('\n')}`
  return ` ${scalar(value, random)}`
}

function isFlow(value: JsonValue, random: Random): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0 || random.below(3) === 0
}

function flow(value: JsonValue, random: Random): string {
  if (Array.isArray(value)) return `[${value.map((one) => flow(one, random)).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{${random
      .shuffled(Object.entries(value))
      .map(([key, member]) => `${scalar(key, random)}: ${flow(member, random)}`)
      .join(', ')}}`
  return scalar(value, random)
}

function scalar(value: JsonValue, random: Random): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  const isPlain = /^[a-z][a-z_]*$/.test(value) && !['true', 'false', 'yes', 'no', 'on', 'off', 'null', 'y', 'n'].includes(value)
  return random.one(JSON.stringify(value), `'${value.replaceAll("'", "''")}'`, isPlain ? value : JSON.stringify(value))
}
