import { isFlag, isText } from '../form/form.js'

/** A YAML value. Mappings are `Map`s: their keys need not be strings, and keep their order. */
export type Yaml = null | boolean | number | string | readonly Yaml[] | YamlMap | Reference | Unknown | Decimal
export interface YamlMap extends ReadonlyMap<Yaml, Yaml> {}

/** The two documents of a file. */
export interface FileParts {
  /** The first document, if it has `spec` and another document follows. */
  readonly header: YamlMap | undefined
  readonly content: YamlMap
}

/** `!reference [job, keyword]`, until its target replaces it. One that leads into an unread file stays: its value is unknown. */
export class Reference {
  readonly to: Yaml

  constructor(to: Yaml) {
    this.to = to
  }
}

/** A text with an input that an unread file declares. */
export class Unknown {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A number with a point and no fraction, such as 2.0. GitLab does not accept it as an integer. */
export class Decimal {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

export const isUnknown = (value: Yaml | undefined): value is Reference | Unknown => value instanceof Reference || value instanceof Unknown
export const isInteger = (value: Yaml | undefined): value is number => Number.isInteger(value)
export const isMap = (value: Yaml | undefined): value is YamlMap => value instanceof Map
export const isList = (value: Yaml | undefined): value is readonly Yaml[] => Array.isArray(value)

/** A string or an integer: GitLab accepts these as the name of a variable, and as a value in a matrix. */
export const isWord = (value: Yaml | undefined): value is string | number => isText(value) || isInteger(value)

/** Values that GitLab accepts for a variable; they become text. */
export const isScalar = (value: Yaml | undefined): value is string | number | boolean | Decimal =>
  isText(value) || isFlag(value) || typeof value === 'number' || value instanceof Decimal

/** A list and its nested lists without the items whose value is unknown; any other value unchanged. */
export function withoutUnknown(value: Yaml): Yaml {
  return isList(value) ? value.filter((item) => !isUnknown(item)).map(withoutUnknown) : value
}

/** Blank, as Ruby on Rails defines it: also `false`, and text of white space only. */
export function isBlank(value: Yaml | undefined): boolean {
  if (value === undefined || value === null || value === false) return true
  if (isText(value)) return value.trim() === ''
  return isList(value) ? value.length === 0 : isMap(value) && value.size === 0
}

/** The text of a key or a scalar as Ruby would print it. */
export function rubyText(value: Yaml): string {
  if (value === null) return ''
  if (isList(value)) return value.map(rubyText).join(', ')
  if (isMap(value)) return [...value].map(([key, member]) => `${rubyText(key)}: ${rubyText(member)}`).join(', ')
  if (value instanceof Decimal) return value.value.toFixed(1)
  if (value instanceof Unknown) return value.text
  return value instanceof Reference ? '!reference' : String(value)
}

/** The deepest nesting of a configuration; GitLab's own limit is 100. */
export const maximumDepth = 200

/** Plain data, as from `JSON.parse`; `undefined` if it nests too deep, or is not data. */
export function fromPlain(value: unknown, depth = 0): Yaml | undefined {
  if (depth > maximumDepth) return undefined
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value
  if (value instanceof Reference || value instanceof Unknown || value instanceof Decimal) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => fromPlain(item ?? null, depth + 1))
    return items.includes(undefined) ? undefined : items.filter((item) => item !== undefined)
  }
  if (typeof value !== 'object') return undefined
  const map = new Map<Yaml, Yaml>()
  for (const [key, member] of value instanceof Map ? value : Object.entries(value)) {
    const [plainKey, plainMember] = [fromPlain(key, depth + 1), fromPlain(member ?? null, depth + 1)]
    if (plainKey === undefined || plainMember === undefined) return undefined
    map.set(plainKey, plainMember)
  }
  return map
}

export { isFlag, isText }
