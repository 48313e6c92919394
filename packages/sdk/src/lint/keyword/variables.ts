import { type Check, flag, mapping, must, texts } from '../checks.js'
import type { Place } from '../place.js'
import { isList, isMap, isScalar, isWord, shown, type Yaml, type YamlMap } from '../value.js'

type Keys = readonly string[]

/** Each variable by itself, under its own name in GitLab's messages. */
function variablesWith(rule: string, keys: Keys): Check {
  return mapping(rule, 'variables', (map, place) => {
    for (const [name, value] of map) {
      const at = place.entry(shown(name))
      if (!isWord(name))
        at.fail({ rule: 'J26', code: 'variable-name', rest: 'must be an alphanumeric string', ours: 'is no name of a variable' })
      if (value !== null) variable(rule, keys, value, at)
    }
  })
}

function variable(rule: string, keys: Keys, value: Yaml, place: Place): void {
  const whole = 'variable definition must be either a string or a hash'
  if (isMap(value) && keys.length === 0) place.fail({ rule, code: 'variable', rest: 'must be a string', ours: 'should be a string here' })
  else if (isMap(value)) complex(rule, keys, value, place)
  else if (!isScalar(value))
    place.fail({ rule, code: 'variable', rest: '', whole, ours: 'should be a string, a number, or a mapping with `value`' })
}

function complex(rule: string, keys: Keys, map: YamlMap, place: Place): void {
  const unknown = [...map.keys()].map(shown).filter((key) => !keys.includes(key))
  if (unknown.length > 0)
    place.fail({
      rule,
      code: 'variable-key',
      rest: `uses invalid data keys: ${unknown.join(', ')}`,
      ours: `has ${unknown.join(', ')}; ${keys.join(', ')} are possible here`,
    })
  const [value, options] = [map.get('value') ?? null, map.get('options') ?? null]
  for (const [key, check] of Object.entries(parts))
    if (keys.includes(key) && (map.get(key) ?? null) !== null) check(map.get(key) ?? null, place.attribute(key))
  if (keys.includes('options') && isList(options) && options.length > 0 && !options.includes(value))
    place.fail({
      rule,
      code: 'variable-options',
      rest: 'value must be present in options',
      ours: 'has a value that is none of its options',
    })
}

const word = must('R10', 'variable', isScalar, 'must be a scalar', 'should be a string or a number')
const parts: Readonly<Record<string, Check>> = {
  value: word,
  description: word,
  expand: flag('R10', 'variable-expand'),
  options: texts('R10', 'variable-options'),
}

export const globalVariables = variablesWith('R10', ['value', 'description', 'expand', 'options'])
export const jobVariables = variablesWith('R11', ['value', 'expand'])
export const ruleVariables = variablesWith('R11', [])
