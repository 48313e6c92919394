import { type Check, mapping } from '../checks.js'
import { isMap, shown } from '../value.js'

const most = 50

export const jobInputs: Check = mapping('J21', 'inputs', (map, place) => {
  const rest = `inputs has too many entries (maximum ${most})`
  if (map.size > most)
    place.called(place.parentLocation(), '').fail({ rule: 'J21', code: 'inputs-limit', rest, ours: `has more than ${most} entries` })
  for (const [name, input] of map) {
    const at = place.entry(shown(name))
    if (!isMap(input) || !input.has('default'))
      at.called(at.locationOf(), '').fail({
        rule: 'J21',
        code: 'input-default',
        rest: 'must have a default value',
        ours: 'has no `default`',
      })
  }
})
