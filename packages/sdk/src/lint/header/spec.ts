import { all, anything, type Check, fields, type MapCheck, mapping, must, noLonger, text } from '../checks.js'
import { oneOfValues } from '../keyword/rules.js'
import { isList, isMap, isText, isWord, shown } from '../value.js'

const mostOptions = 50
const inputTypes = ['string', 'number', 'boolean', 'array']

const options: Check = (value, place) => {
  if (!isList(value)) return place.fail({ rule: 'K6', code: 'input-options', rest: 'should be an array', ours: 'should be a list' })
}

const input: MapCheck = all(
  fields('K6', 'input', {
    attributes: {
      default: anything,
      description: text('K6', 'input-description'),
      options,
      regex: text('K6', 'input-regex'),
      type: (value, place) => oneOfValues('K6', 'input-type', inputTypes)(value, place.called(place.locationOf(), 'input type')),
      rules: must('K6', 'input-rules', isList, 'should be an array', 'should be a list'),
    },
  }),
  (map, place) => {
    const list = map.get('options')
    if (isList(list) && list.length > mostOptions)
      place
        .attribute('options')
        .called(place.locationOf())
        .fail({
          rule: 'K6',
          code: 'input-options-limit',
          rest: `cannot define more than ${mostOptions} options`,
          ours: `has more than ${mostOptions} entries`,
        })
    const together = ['default', 'options'].filter((key) => map.has(key))
    if (map.has('rules') && together.length > 0)
      place.fail({
        rule: 'K6',
        code: 'input-rules',
        rest: `these keys cannot be used together: rules, ${together.join(', ')}`,
        ours: `has \`rules\` together with ${together.join(', ')}`,
      })
  },
)

const inputs: Check = mapping('K6', 'inputs', (map, place) => {
  for (const [name, value] of map) {
    const at = place.entry(isWord(name) ? name : shown(name))
    if (value !== null) mapping('K6', 'input', input)(value, at)
  }
})

const include: Check = must('K6', 'spec-include', (value) => isList(value) || isMap(value) || isText(value), 'should be an array')

export const spec: Check = mapping(
  'K6',
  'spec',
  fields('K6', 'spec', {
    entries: { inputs },
    attributes: { include, component: anything, description: all(text('K6', 'spec-description'), noLonger('K6', 'spec-description', 256)) },
  }),
)
