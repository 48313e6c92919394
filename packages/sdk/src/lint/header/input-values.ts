import { occursIn } from '../../condition/pattern.js'
import type { Place } from '../place.js'
import { isFlag, isList, isMap, isText, shown, type Yaml, type YamlMap } from '../value.js'

const isOfType: Readonly<Record<string, (value: Yaml) => boolean>> = {
  string: isText,
  number: (value) => typeof value === 'number',
  boolean: isFlag,
  array: isList,
}

/** The value of each input: what is given, or its default. */
export function inputValues(declared: YamlMap, given: ReadonlyMap<string, Yaml>, place: Place): ReadonlyMap<string, Yaml> {
  const values = new Map<string, Yaml>()
  for (const [key, declaration] of declared) {
    const [name, facts] = [shown(key), isMap(declaration) ? declaration : new Map<Yaml, Yaml>()]
    const at = place.entry('spec').entry('inputs').entry(name)
    const from = given.has(name) ? 'provided' : 'default'
    const value = given.get(name) ?? facts.get('default') ?? null
    const fail = (code: string, problem: string, ours: string): void =>
      at.fail({ rule: 'K7', code, rest: '', whole: `\`${name}\` ${problem}`, ours })
    values.set(name, value)
    if (!given.has(name) && !facts.has('default')) {
      // What a rule gives depends on other inputs.
      if (!facts.has('rules'))
        fail('input-required', 'input: required value has not been provided', 'has no default, and no value is given')
    } else checkValue(value, facts, from, fail)
  }
  if ([...given.keys()].some((name) => !declared.has(name))) unknownInputs(place)
  return values
}

function checkValue(value: Yaml, facts: YamlMap, from: string, fail: (code: string, problem: string, ours: string) => void): void {
  const type = shown(facts.get('type') ?? 'string')
  const [options, regex] = [facts.get('options'), facts.get('regex')]
  if (isOfType[type]?.(value) === false) {
    const article = type === 'array' ? 'an' : 'a'
    fail('input-value-type', `input: ${from} value is not ${article} ${type}`, `has a ${from} value that is not ${article} ${type}`)
    return
  }
  if (isList(options) && !options.includes(value))
    fail(
      'input-value-option',
      `input: \`${shown(value)}\` cannot be used because it is not in the list of allowed options`,
      `has the ${from} value ${shown(value)}, which is not among its options`,
    )
  if (isText(regex) && isText(value) && occursIn({ kind: 'pattern', source: regex, flags: '' }, value) !== true)
    fail(
      'input-value-regex',
      `input: ${from} value does not match required RegEx pattern`,
      `has a ${from} value that its \`regex\` does not match`,
    )
}

export function unknownInputs(place: Place): void {
  const whole = 'Given inputs not defined in the `spec` section of the included configuration file'
  place.fail({ rule: 'K7', code: 'input-unknown', rest: '', whole, ours: 'is given inputs that its `spec` does not have' })
}
