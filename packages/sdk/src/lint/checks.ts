import { nearest } from '@stagegate/schema'
import { aString, choiceOf, type Form, isTexts, stringOrStrings, strings, trueOrFalse } from '../form/form.js'
import type { Place } from './place.js'
import type { RuleId } from './rule.js'
import { isBlank, isFlag, isInteger, isList, isMap, isText, isUnknown, rubyText, withoutUnknown, type Yaml, type YamlMap } from './value.js'

/** Checks one value, and reports its problems at its place. */
export type Check<T extends Yaml = Yaml> = (value: T, place: Place) => void
export type MapCheck = Check<YamlMap>

/** Reports a value that does not have the required form. */
export function must(rule: RuleId, code: string, form: Form): Check {
  return ensure(rule, code, form.fits, `should be ${form.expected}`)
}

/** Reports `problem` if a value fails a test, whatever its unknown parts are. */
export function ensure(rule: RuleId, code: string, test: (value: Yaml) => boolean, problem: string): Check {
  return (value, place) => {
    if (!passes(value, test)) place.fail(rule, code, problem)
  }
}

/** Whether a value passes a test, or may pass it: an unknown part may be right, and may stand for any number of items. */
export function passes(value: Yaml, test: (value: Yaml) => boolean): boolean {
  if (isUnknown(value) || test(value)) return true
  const known = withoutUnknown(value)
  return holdsUnknown(value) && ((isList(known) && known.length === 0) || test(known))
}

/** Whether an item of a list, or of a list in it, is unknown. */
export function holdsUnknown(value: Yaml): boolean {
  return isUnknown(value) || (isList(value) && value.some(holdsUnknown))
}

export const all =
  <T extends Yaml>(...checks: readonly Check<T>[]): Check<T> =>
  (value, place) => {
    for (const check of checks) check(value, place)
  }

export const anything: Check = () => undefined

// `must` with the usual forms, under the names that the keywords of the SDK have.
export const text = (rule: RuleId, code: string): Check => must(rule, code, aString)
export const flag = (rule: RuleId, code: string): Check => must(rule, code, trueOrFalse)
export const texts = (rule: RuleId, code: string): Check => must(rule, code, strings)
export const textOrTexts = (rule: RuleId, code: string): Check => must(rule, code, stringOrStrings)
export const oneOf = (rule: RuleId, code: string, ...choices: readonly string[]): Check => must(rule, code, choiceOf(choices))

export const atMost = (rule: RuleId, code: string, most: number): Check =>
  ensure(rule, code, (value) => !isList(value) || value.length <= most, `has more than ${most} entries`)

export const noLonger = (rule: RuleId, code: string, most: number): Check =>
  ensure(rule, code, (value) => !isText(value) || [...value].length <= most, `is longer than ${most} characters`)

interface Forms {
  readonly map?: MapCheck
  readonly list?: Check<readonly Yaml[]>
  readonly text?: Check<string>
  readonly flag?: Check<boolean>
  readonly integer?: Check<number>
}

/** A check for each type that a value may have; `expected` describes them for a value of another type. */
export function byType(rule: RuleId, code: string, expected: string, forms: Forms): Check {
  return (value, place) => {
    if (isUnknown(value)) return
    if (isMap(value) && forms.map !== undefined) forms.map(value, place)
    else if (isList(value) && forms.list !== undefined) forms.list(value, place)
    else if (isText(value) && forms.text !== undefined) forms.text(value, place)
    else if (isFlag(value) && forms.flag !== undefined) forms.flag(value, place)
    else if (isInteger(value) && forms.integer !== undefined) forms.integer(value, place)
    else place.fail(rule, code, `should be ${expected}`)
  }
}

export const mapping = (rule: RuleId, code: string, check: MapCheck): Check => byType(rule, code, 'a mapping', { map: check })

/** A mapping with these keys and no others. A key without a value counts as absent; a required one must not be blank. */
export function fields(rule: RuleId, code: string, members: Readonly<Record<string, Check>>, ...required: readonly string[]): MapCheck {
  const known = Object.keys(members)
  return (value, place) => {
    unknownKeys(rule, code, known)(value, place)
    for (const [key, member] of value)
      if (member !== null && !isUnknown(member) && isText(key) && Object.hasOwn(members, key)) members[key]?.(member, place.at(key))
    for (const key of required) requireKey(rule, `${code}-${key.replaceAll('_', '-')}`, key)(value, place)
  }
}

/** Reports a key that is absent or blank; `because` follows a colon. */
export function requireKey(rule: RuleId, code: string, key: string, because = ''): MapCheck {
  return (value, place) => {
    if (isBlank(value.get(key))) place.at(key).fail(rule, code, `is missing${because}`)
  }
}

export function unknownKeys(rule: RuleId, code: string, known: readonly string[]): MapCheck {
  return (value, place) => {
    const names = [...value.keys()].filter((key) => !isText(key) || !known.includes(key)).map(rubyText)
    const [first] = names
    if (first === undefined) return
    const meant = names.length === 1 ? nearest(first, known) : undefined
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`
    const problem = `has ${names.join(', ')}, which ${names.length === 1 ? 'is not a keyword' : 'are not keywords'} here${hint}`
    place.fail(rule, `${code}-unknown-key`, problem, { key: first })
  }
}

/** A mapping that GitLab checks with a JSON schema: required keys exist, and no key is without a value. */
export function noneMissing(rule: RuleId, code: string, check: MapCheck, ...required: readonly string[]): MapCheck {
  return (value, place) => {
    check(value, place)
    for (const [key, member] of value) if (member === null) place.at(rubyText(key)).fail(rule, `${code}-empty`, 'has no value')
    for (const key of required) if (!value.has(key)) place.at(key).fail(rule, `${code}-missing`, 'is missing')
  }
}

export const exactlyOne =
  (rule: RuleId, code: string, ...keys: readonly string[]): MapCheck =>
  (value, place) => {
    if (keys.filter((key) => value.has(key)).length !== 1) place.fail(rule, code, `should have exactly one of ${keys.join(', ')}`)
  }

export const notTogether =
  (rule: RuleId, code: string, ...keys: readonly string[]): MapCheck =>
  (value, place) => {
    const present = [...value.keys()].filter((key) => isText(key) && keys.includes(key)).map(rubyText)
    if (present.length > 1) place.fail(rule, code, `has ${present.join(' and ')}, which cannot be combined`)
  }

/** GitLab's "nested array": lists in lists, up to a number of levels, whose innermost items pass the test. */
export function isNested(value: Yaml, levels: number, test: (item: Yaml) => boolean): boolean {
  if (!isList(value)) return false
  return value.every((item) => (isList(item) ? levels > 1 && isNested(item, levels - 1, test) : test(item)))
}

/** Checks each item of a list that GitLab flattens, and skips null. */
export const eachItem =
  (check: Check): Check<readonly Yaml[]> =>
  (list, place) => {
    for (const [index, item] of list.entries()) {
      if (isList(item)) eachItem(check)(item, place.at(index))
      else if (item !== null && !isUnknown(item)) check(item, place.at(index))
    }
  }

/** The items of a list that GitLab flattens: without lists, without null, and without what is unknown. */
export function itemsOf(list: readonly Yaml[]): readonly Yaml[] {
  return list.flatMap(flat).filter((item) => item !== null && !isUnknown(item))
}

/** The items of nested lists, one after another. */
export function flat(value: Yaml): readonly Yaml[] {
  return isList(value) ? value.flatMap(flat) : [value]
}

/** The values that are not in a list of known ones, as text. */
export function unknownIn(list: readonly Yaml[], known: readonly string[]): string | undefined {
  const unknown = list.filter((item) => !isUnknown(item) && (!isText(item) || !known.includes(item)))
  return unknown.length === 0 ? undefined : unknown.map(rubyText).join(', ')
}

export { isTexts }
