import { all, anything, type Check, ensure, fields, type MapCheck, mapping, text } from '../checks.js'
import { checkInputParts, inputTypes, inputValue } from '../input.js'
import { isInteger, isList, isText, rubyText } from '../value.js'
import { wordOf } from './rules.js'

const most = 50

const declaration: MapCheck = all(
  fields('J21', 'input', {
    default: anything,
    description: ensure('J21', 'input-description', (value) => isText(value) || isInteger(value), 'should be a string'),
    options: ensure('J21', 'input-options', isList, 'should be a list'),
    regex: text('J21', 'input-regex'),
    type: wordOf('J21', 'input-type', ...inputTypes),
  }),
  (map, place) => {
    const value = map.get('default') ?? null
    if (value === null) return place.fail('J21', 'input-default', 'has no `default`')
    checkInputParts('J21', map, place)
    inputValue({ rule: 'J21', value, from: 'default' }, map, place)
  },
)

export const jobInputs: Check = mapping('J21', 'inputs', (map, place) => {
  if (map.size > most) place.fail('J21', 'inputs-limit', `has more than ${most} entries`)
  // GitLab takes a missing value for an empty mapping.
  for (const [name, input] of map) mapping('J21', 'input', declaration)(input ?? new Map(), place.at(rubyText(name)))
})
