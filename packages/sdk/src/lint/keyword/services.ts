import { anything, byType, type Check, fields, text, textOrTexts } from '../checks.js'
import { imageKeywords, withoutPorts } from './image.js'
import { jobVariables } from './variables.js'

const service: Check = byType('I4', 'service', 'the name of an image, or a mapping with `name`', {
  text: anything,
  map: withoutPorts(
    fields(
      'I4',
      'service',
      { ...imageKeywords, variables: jobVariables, alias: text('I4', 'service-alias'), command: textOrTexts('I4', 'service-command') },
      'name',
    ),
  ),
})

export const services: Check = byType('I4', 'services', 'a list', {
  list: (list, place) => {
    for (const [index, item] of list.entries()) service(item, place.at(index))
  },
})
