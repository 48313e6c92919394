import { all, anything, atMost, type Check, ensure, fields, type MapCheck, mapping, noLonger, text } from '../checks.js'
import { wordOf } from '../keyword/rules.js'
import { isList, isMap, isText, isWord, rubyText } from '../value.js'

const mostOptions = 50
const inputTypes = ['string', 'number', 'boolean', 'array']

const input: MapCheck = all(
  fields('K6', 'input', {
    default: anything,
    description: text('K6', 'input-description'),
    options: all(ensure('K6', 'input-options', isList, 'should be a list'), atMost('K6', 'input-options-limit', mostOptions)),
    regex: text('K6', 'input-regex'),
    type: wordOf('K6', 'input-type', ...inputTypes),
    rules: ensure('K6', 'input-rules', isList, 'should be a list'),
  }),
  (map, place) => {
    const together = ['default', 'options'].filter((key) => map.has(key))
    if (map.has('rules') && together.length > 0)
      place.fail('K6', 'input-rules', `has \`rules\` and ${together.join(', ')}, which exclude each other`)
  },
)

const inputs: Check = mapping('K6', 'inputs', (map, place) => {
  for (const [name, value] of map) if (value !== null) mapping('K6', 'input', input)(value, place.at(isWord(name) ? name : rubyText(name)))
})

const include: Check = ensure('K6', 'spec-include', (value) => isList(value) || isMap(value) || isText(value), 'should be a list')

export const spec: Check = mapping(
  'K6',
  'spec',
  fields('K6', 'spec', {
    inputs,
    include,
    component: anything,
    description: all(text('K6', 'spec-description'), noLonger('K6', 'spec-description', 256)),
  }),
)
