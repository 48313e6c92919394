import {
  all,
  anything,
  atMost,
  type Check,
  eachItem,
  ensure,
  fields,
  type MapCheck,
  mapping,
  noLonger,
  text,
  unknownIn,
} from '../checks.js'
import { checkInputParts, inputTypes } from '../input.js'
import { expression } from '../keyword/expression.js'
import { wordOf } from '../keyword/rules.js'
import { Decimal, isList, isMap, isText, isWord, rubyText } from '../value.js'

const mostOptions = 50
const componentFacts = ['name', 'sha', 'version', 'reference']

const options: Check = all(ensure('K6', 'input-options', isList, 'should be a list'), atMost('K6', 'input-options-limit', mostOptions))

const rule: MapCheck = all(fields('K6', 'input-rule', { if: expression, options, default: anything }), (map, place) => {
  if (map.size === 0) place.fail('K6', 'input-rule-empty', 'is empty: a rule needs `options` or a `default`')
})
const rules: Check = (value, place) => {
  if (!isList(value)) place.fail('K6', 'input-rules', 'should be a list')
  else if (value.length === 0) place.fail('K6', 'input-rules-empty', 'has no rule: GitLab refuses an empty list')
  else eachItem(mapping('K6', 'input-rule', rule))(value, place)
}

const input: MapCheck = all(
  fields('K6', 'input', {
    default: anything,
    description: ensure(
      'K6',
      'input-description',
      (value) => isText(value) || typeof value === 'number' || value instanceof Decimal,
      'should be a string',
    ),
    options,
    regex: text('K6', 'input-regex'),
    type: wordOf('K6', 'input-type', ...inputTypes),
    rules,
  }),
  (map, place) => checkInputParts('K6', map, place),
  (map, place) => {
    const together = ['default', 'options'].filter((key) => map.has(key))
    if (map.has('rules') && together.length > 0)
      place.fail('K6', 'input-rules', `has \`rules\` and ${together.join(', ')}, which cannot be combined`)
  },
)

export const inputs: Check = mapping('K6', 'inputs', (map, place) => {
  for (const [name, value] of map) if (value !== null) mapping('K6', 'input', input)(value, place.at(isWord(name) ? name : rubyText(name)))
})

const include: Check = ensure('K6', 'spec-include', (value) => isList(value) || isMap(value) || isText(value), 'should be a list')

const component: Check = (value, place) => {
  const unknown = isList(value) ? unknownIn(value, componentFacts) : undefined
  if (!isList(value)) place.fail('K6', 'spec-component', 'should be a list')
  if (unknown !== undefined) place.fail('K6', 'spec-component', `has ${unknown}, but only ${componentFacts.join(', ')} exist`)
}

export const spec: Check = mapping(
  'K6',
  'spec',
  fields('K6', 'spec', {
    inputs,
    include,
    component,
    description: all(text('K6', 'spec-description'), noLonger('K6', 'spec-description', 256)),
  }),
)
