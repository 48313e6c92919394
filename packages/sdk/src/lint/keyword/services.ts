import { byType, type Check, eachItem, ensure, fields, isNested, text } from '../checks.js'
import { isBlank, isText } from '../value.js'
import { imageKeywords, withoutPorts } from './image.js'
import { nestingLevels } from './script.js'
import { plainVariables } from './variables.js'

const command = ensure(
  'I4',
  'service-command',
  (value) => isText(value) || isNested(value, nestingLevels, isText),
  'should be a string or a list of strings',
)

const service: Check = byType('I4', 'service', 'the name of an image, or a mapping with `name`', {
  text: (value, place) => {
    if (isBlank(value)) place.fail('I4', 'service-name', 'has no name')
  },
  map: withoutPorts(
    fields('I4', 'service', { ...imageKeywords, variables: plainVariables, alias: text('I4', 'service-alias'), command }, 'name'),
  ),
})

export const services: Check = byType('I4', 'services', 'a list', {
  list: eachItem(service),
})
