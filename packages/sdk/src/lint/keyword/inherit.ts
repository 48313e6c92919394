import { type Check, fields, isTexts, mapping, must } from '../checks.js'
import { isFlag } from '../value.js'

/** What a job takes over from `default`, and from the top of the file. */
const inheritable = [
  'before_script',
  'after_script',
  'hooks',
  'cache',
  'image',
  'services',
  'interruptible',
  'timeout',
  'retry',
  'tags',
  'artifacts',
  'id_tokens',
  'identity',
]

const flagOrTexts: Check = must(
  'R8',
  'inherit',
  (value) => isFlag(value) || isTexts(value),
  'should be a bool or array of strings',
  'should be `true`, `false`, or a list',
)

const defaults: Check = (value, place) => {
  flagOrTexts(value, place.called(place.locationOf(), ''))
  const unknown = isTexts(value) ? value.filter((key) => !inheritable.includes(key)) : []
  if (unknown.length > 0)
    place.fail({
      rule: 'R8',
      code: 'inherit-default',
      rest: `contains unknown values: ${unknown.join(', ')}`,
      ours: `has ${unknown.join(', ')}, which \`default\` cannot hold`,
    })
}

export const inherit: Check = mapping(
  'R8',
  'inherit',
  fields('R8', 'inherit', {
    entries: { default: defaults, variables: (value, place) => flagOrTexts(value, place.called(place.locationOf(), '')) },
  }),
)
