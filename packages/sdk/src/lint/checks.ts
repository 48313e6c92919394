import { nearest } from '../nearest.js'
import type { Place } from './place.js'
import { isBlank, isFlag, isInteger, isList, isMap, isText, shown, type Yaml, type YamlMap } from './value.js'

/** Judges one value, and reports at its place. */
export type Check = (value: Yaml, place: Place) => void
export type MapCheck = (value: YamlMap, place: Place) => void

/** A value must pass a test; `rest` is what GitLab says otherwise, `ours` what we say. */
export function must(rule: string, code: string, test: (value: Yaml) => boolean, rest: string, ours?: string): Check {
  return (value, place) => {
    if (!test(value)) place.fail({ rule, code, rest, ours })
  }
}

export const all =
  <T extends Yaml>(...checks: readonly ((value: T, place: Place) => void)[]) =>
  (value: T, place: Place): void => {
    for (const check of checks) check(value, place)
  }

/** Nothing is wrong with it, whatever it is. */
export const anything: Check = () => undefined

export const text = (rule: string, code: string): Check => must(rule, code, isText, 'should be a string')
export const flag = (rule: string, code: string): Check =>
  must(rule, code, isFlag, 'should be a boolean value', 'should be `true` or `false`')
export const isTexts = (value: Yaml): value is readonly string[] => isList(value) && value.every(isText)
export const texts = (rule: string, code: string): Check =>
  must(rule, code, isTexts, 'should be an array of strings', 'should be a list of strings')
export const textOrTexts = (rule: string, code: string): Check =>
  must(
    rule,
    code,
    (value) => isText(value) || isTexts(value),
    'should be an array of strings or a string',
    'should be a string, or a list of strings',
  )
export const integers = (rule: string, code: string): Check =>
  must(
    rule,
    code,
    (value) => isInteger(value) || (isList(value) && value.every(isInteger)),
    'should be an array of integers or an integer',
    'should be an integer, or a list of integers',
  )
export const oneOf = (rule: string, code: string, values: readonly string[], rest = `should be one of: ${values.join(', ')}`): Check =>
  must(rule, code, (value) => isText(value) && values.includes(value), rest, `should be one of ${values.join(', ')}`)

/** A list with at most so many entries. */
export const atMost = (rule: string, code: string, most: number, rest = `has too many entries (maximum ${most})`): Check =>
  must(rule, code, (value) => !isList(value) || value.length <= most, rest, `has more than ${most} entries`)

/** Text of at most so many characters. */
export const noLonger = (rule: string, code: string, most: number): Check =>
  must(
    rule,
    code,
    (value) => !isText(value) || [...value].length <= most,
    `is too long (maximum is ${most} characters)`,
    `is longer than ${most} characters`,
  )

/** A judgement for each form that a value may have; `otherwise` for the others. */
export function shape(
  forms: { map?: MapCheck; list?: (value: readonly Yaml[], place: Place) => void; text?: Check; flag?: Check; integer?: Check },
  otherwise: Check,
): Check {
  return (value, place) => {
    if (isMap(value) && forms.map !== undefined) forms.map(value, place)
    else if (isList(value) && forms.list !== undefined) forms.list(value, place)
    else if (isText(value) && forms.text !== undefined) forms.text(value, place)
    else if (isFlag(value) && forms.flag !== undefined) forms.flag(value, place)
    else if (isInteger(value) && forms.integer !== undefined) forms.integer(value, place)
    else otherwise(value, place)
  }
}

/** A mapping, or GitLab's complaint that it is none. */
export const mapping = (rule: string, code: string, check: MapCheck, rest = 'should be a hash'): Check =>
  shape({ map: check }, (_, place) => place.fail({ rule, code, rest, ours: 'should be a mapping' }))

interface Fields {
  /** Keywords with rules of their own. */
  readonly entries?: Readonly<Record<string, Check>>
  /** Values judged with the mapping. */
  readonly attributes?: Readonly<Record<string, Check>>
  /** Must be there and hold something. */
  readonly required?: readonly string[]
}

/** A mapping with these keys and no others. A key without a value is as good as none. */
export function fields(rule: string, code: string, { entries = {}, attributes = {}, required = [] }: Fields): MapCheck {
  const known = [...Object.keys(entries), ...Object.keys(attributes)]
  return (value, place) => {
    unknownKeys(rule, code, value, known, place)
    for (const [key, member] of value) {
      if (member === null || !isText(key)) continue
      if (Object.hasOwn(entries, key)) entries[key]?.(member, place.entry(key))
      else if (Object.hasOwn(attributes, key)) attributes[key]?.(member, place.attribute(key))
    }
    for (const key of required) {
      if (isBlank(value.get(key)))
        place.attribute(key).fail({ rule, code: `${code}-${key.replaceAll('_', '-')}`, rest: "can't be blank", ours: 'is missing' })
    }
  }
}

export function unknownKeys(rule: string, code: string, value: YamlMap, known: readonly string[], place: Place): void {
  const unknown: Yaml[] = []
  for (const key of value.keys()) if (!isText(key) || !known.includes(key)) unknown.push(key)
  if (unknown.length === 0) return
  const names = unknown.map(shown)
  const meant = names.length === 1 ? nearest(names[0] ?? '', known) : undefined
  const ours = `has ${names.join(', ')}, which ${names.length === 1 ? 'is no keyword' : 'are no keywords'} here${meant === undefined ? '' : `; did you mean ${meant}?`}`
  place.fail({ rule, code: `${code}-unknown-key`, rest: `contains unknown keys: ${names.join(', ')}`, ours, key: names[0] })
}

/** Exactly one of the keys. */
export const exactlyOne =
  (rule: string, code: string, keys: readonly string[]): MapCheck =>
  (value, place) => {
    if (keys.filter((key) => value.has(key)).length !== 1)
      place.fail({
        rule,
        code,
        rest: `must use exactly one of these keys: ${keys.join(', ')}`,
        ours: `should have exactly one of ${keys.join(', ')}`,
      })
  }

/** Not two of the keys. */
export const notTogether =
  (rule: string, code: string, keys: readonly string[]): MapCheck =>
  (value, place) => {
    const present = [...value.keys()].filter((key) => isText(key) && keys.includes(key)).map(shown)
    if (present.length > 1)
      place.fail({
        rule,
        code,
        rest: `these keys cannot be used together: ${present.join(', ')}`,
        ours: `has ${present.join(' and ')}, which exclude each other`,
      })
  }

/** GitLab's "nested array": lists in one another, each item of the innermost passing the test. */
export function isNested(value: Yaml, levels: number, test: (item: Yaml) => boolean): boolean {
  if (!isList(value)) return false
  return value.every((item) => (isList(item) ? levels > 1 && isNested(item, levels - 1, test) : test(item)))
}

/** The items of nested lists, one after another. */
export function flat(value: Yaml): readonly Yaml[] {
  return isList(value) ? value.flatMap(flat) : [value]
}
