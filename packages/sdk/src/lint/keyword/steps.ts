import { type Check, exactlyOne, type MapCheck } from '../checks.js'
import { isList, isMap, isText } from '../value.js'

const step: MapCheck = (map, place) => {
  const name = map.get('name')
  if (!isText(name) || !/^[a-zA-Z_]\w*$/.test(name))
    place
      .attribute('name')
      .fail({ rule: 'J25', code: 'step-name', rest: 'is invalid', ours: 'should be letters, digits and _, not starting with a digit' })
  exactlyOne('J25', 'step', ['step', 'func', 'script'])(map, place)
}

/** `run`, the list of steps. */
export const steps: Check = (value, place) => {
  if (!isList(value) || value.length === 0)
    return place.fail({ rule: 'J25', code: 'steps', rest: 'should be an array', ours: 'should be a list of steps' })
  for (const [index, item] of value.entries()) {
    if (isMap(item)) step(item, place.item(index))
    else place.item(index).fail({ rule: 'J25', code: 'step', rest: 'should be a hash', ours: 'should be a mapping' })
  }
}
