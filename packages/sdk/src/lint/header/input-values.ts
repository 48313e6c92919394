import { occursIn } from '../../condition/pattern.js'
import type { Place } from '../place.js'
import { isFlag, isList, isMap, isText, rubyText, type Yaml, type YamlMap } from '../value.js'

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
    const [name, facts] = [rubyText(key), isMap(declaration) ? declaration : new Map<Yaml, Yaml>()]
    const at = place.at('spec').at('inputs').at(name)
    const from = given.has(name) ? 'provided' : 'default'
    const value = given.get(name) ?? facts.get('default') ?? null
    values.set(name, value)
    if (!given.has(name) && !facts.has('default')) {
      // A value from a rule depends on other inputs.
      if (!facts.has('rules')) at.fail('K7', 'input-required', 'has no default, and no value is given')
    } else checkValue(value, facts, from, at)
  }
  if ([...given.keys()].some((name) => !declared.has(name))) unknownInputs(place)
  return values
}

function checkValue(value: Yaml, facts: YamlMap, from: string, place: Place): void {
  const type = rubyText(facts.get('type') ?? 'string')
  const [options, regex] = [facts.get('options'), facts.get('regex')]
  if (isOfType[type]?.(value) === false) {
    place.fail('K7', 'input-value-type', `has a ${from} value that is not ${type === 'array' ? 'an' : 'a'} ${type}`)
    return
  }
  if (isList(options) && !options.includes(value))
    place.fail('K7', 'input-value-option', `has the ${from} value ${rubyText(value)}, which is not one of its options`)
  if (isText(regex) && isText(value) && occursIn({ kind: 'pattern', source: regex, flags: '' }, value) !== true)
    place.fail('K7', 'input-value-regex', `has a ${from} value that does not match its \`regex\``)
}

export function unknownInputs(place: Place): void {
  place.fail('K7', 'input-unknown', 'is given inputs that its `spec` does not declare')
}
