import { type Check, exactlyOne, type MapCheck } from '../checks.js'
import { isList, isMap, isText } from '../value.js'

const step: MapCheck = (map, place) => {
  const name = map.get('name')
  if (!isText(name) || !/^[a-zA-Z_]\w*$/.test(name))
    place.at('name').fail('J25', 'step-name', 'should consist of letters, digits and _, and not start with a digit')
  exactlyOne('J25', 'step', 'step', 'func', 'script')(map, place)
}

/** `run`, the list of steps. */
export const steps: Check = (value, place) => {
  if (!isList(value) || value.length === 0) return place.fail('J25', 'steps', 'should be a list of steps')
  for (const [index, item] of value.entries()) {
    if (isMap(item)) step(item, place.at(index))
    else place.at(index).fail('J25', 'step', 'should be a mapping')
  }
}
