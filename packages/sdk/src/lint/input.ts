import { occursIn } from '../condition/pattern.js'
import type { Place } from './place.js'
import { Decimal, fromPlain, isFlag, isList, isMap, isText, isUnknown, rubyText, type Yaml, type YamlMap } from './value.js'

/** The types of inputs, of files and of jobs. */
export const inputTypes = ['string', 'number', 'boolean', 'array'] as const

const isOfType: Readonly<Record<string, (value: Yaml) => boolean>> = {
  number: (value) => typeof value === 'number' || value instanceof Decimal,
  boolean: isFlag,
  array: isList,
}

export interface ValueToCheck {
  readonly rule: 'K7' | 'J21'
  readonly value: Yaml
  readonly from: 'default' | 'provided'
}

/** Checks the value of an input against its declaration, and returns it as GitLab converts it. */
export function inputValue({ rule, value, from }: ValueToCheck, facts: YamlMap, place: Place): Yaml {
  const type = rubyText(facts.get('type') ?? 'string')
  const [options, regex] = [facts.get('options') ?? null, facts.get('regex') ?? null]
  // An input without a value may get the right one.
  if (isUnknown(value) || (value === null && type === 'string') || (isText(value) && value.includes('$[['))) return value
  const converted = asType(type, value)
  if (converted === undefined) {
    place.fail(rule, 'input-value-type', `has a ${from} value that is not ${type === 'array' ? 'an' : 'a'} ${type}`)
    return value
  }
  if (isList(options) && !isAmong(options, converted, type))
    place.fail(rule, 'input-value-option', `has the ${from} value ${rubyText(converted)}, which is not one of its options`)
  if (isText(regex) && isText(converted) && occursIn({ kind: 'pattern', source: regex, flags: '' }, converted) !== true)
    place.fail(rule, 'input-value-regex', `has a ${from} value that does not match its \`regex\``)
  return converted
}

/** Checks the parts of a declaration together: only some types have `options` and a `regex`. */
export function checkInputParts(rule: 'K6' | 'J21', facts: YamlMap, place: Place): void {
  if (facts.has('type') && facts.get('type') === null)
    place.at('type').fail(rule, 'input-type', `should be one of ${inputTypes.join(', ')}`)
  const type = rubyText(facts.get('type') ?? 'string')
  const has = (key: string): boolean => (facts.get(key) ?? null) !== null
  if (has('options') && (type === 'boolean' || type === 'array'))
    place.at('options').fail(rule, 'input-options-type', 'can be used only for inputs that are strings or numbers')
  if (has('regex') && type !== 'string' && inputTypes.some((one) => one === type))
    place.at('regex').fail(rule, 'input-regex-type', 'can be used only for inputs that are strings')
}

const isAmong = (options: readonly Yaml[], value: Yaml, type: string): boolean =>
  options.some((option) => isUnknown(option) || option === value || (type === 'string' && asType(type, option) === value))

/** Strings take every scalar and list as text; the other types also take their JSON as a string. */
function asType(type: string, value: Yaml): Yaml | undefined {
  if (type === 'string') return isMap(value) ? undefined : isList(value) ? `[${value.map(quoted).join(', ')}]` : rubyText(value)
  const fits = isOfType[type]
  if (fits === undefined || fits(value)) return value
  const read = isText(value) ? jsonIn(value) : undefined
  return read !== undefined && fits(read) ? read : undefined
}

const quoted = (value: Yaml): string => (isText(value) ? JSON.stringify(value) : rubyText(value))

function jsonIn(text: string): Yaml | undefined {
  try {
    return fromPlain(JSON.parse(text))
  } catch {
    return undefined
  }
}
