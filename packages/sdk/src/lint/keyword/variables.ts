import { type Check, ensure, flag, holdsUnknown, mapping, texts } from '../checks.js'
import type { Place } from '../place.js'
import type { RuleId } from '../rule.js'
import { isList, isMap, isScalar, isUnknown, isWord, rubyText, type Yaml, type YamlMap } from '../value.js'

/** @param keys the keys of a variable that is a mapping; none where variables must be plain values */
function variablesWith(rule: RuleId, ...keys: readonly string[]): Check {
  return mapping(rule, 'variables', (map, place) => {
    for (const [name, value] of map) {
      const at = place.at(rubyText(name))
      if (!isWord(name)) at.fail('J26', 'variable-name', 'is not the name of a variable')
      // GitLab takes a missing value for an empty mapping.
      if (value === null ? keys.length === 0 : !isUnknown(value)) variable(rule, keys, value ?? new Map(), at)
    }
  })
}

function variable(rule: RuleId, keys: readonly string[], value: Yaml, place: Place): void {
  if (isMap(value) && keys.length === 0) place.fail(rule, 'variable', 'should be a string here')
  else if (isMap(value)) complex(rule, keys, value, place)
  else if (!isScalar(value)) place.fail(rule, 'variable', 'should be a string, a number, or a mapping with `value`')
}

function complex(rule: RuleId, keys: readonly string[], map: YamlMap, place: Place): void {
  const unknown = [...map.keys()].map(rubyText).filter((key) => !keys.includes(key))
  if (unknown.length > 0) place.fail(rule, 'variable-key', `has ${unknown.join(', ')}, but only ${keys.join(', ')} are possible here`)
  for (const [key, check] of Object.entries(parts)) {
    const part = map.get(key) ?? null
    if (keys.includes(key) && part !== null) check(part, place.at(key))
  }
  const options = map.get('options') ?? null
  if (isUnknown(map.get('value')) || holdsUnknown(options)) return
  if (keys.includes('options') && isList(options) && options.length > 0 && !options.includes(map.get('value') ?? null))
    place.fail(rule, 'variable-options', 'has a value that is not one of its options')
}

const scalar = ensure('R10', 'variable', isScalar, 'should be a string or a number')
const parts: Readonly<Record<string, Check>> = {
  value: scalar,
  description: scalar,
  expand: flag('R10', 'variable-expand'),
  options: texts('R10', 'variable-options'),
}

export const globalVariables = variablesWith('R10', 'value', 'description', 'expand', 'options')
export const jobVariables = variablesWith('R11', 'value', 'expand')
/** The variables of rules and services. */
export const plainVariables = variablesWith('R11')
