import { type Check, mapping } from '../checks.js'
import { isMap, rubyText } from '../value.js'

const most = 50

export const jobInputs: Check = mapping('J21', 'inputs', (map, place) => {
  if (map.size > most) place.fail('J21', 'inputs-limit', `has more than ${most} entries`)
  for (const [name, input] of map)
    if (!isMap(input) || !input.has('default')) place.at(rubyText(name)).fail('J21', 'input-default', 'has no `default`')
})
