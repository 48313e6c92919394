import { type Check, fields, must, shape, text, textOrTexts } from '../checks.js'
import { imageFields, withoutPorts } from './image.js'
import { jobVariables } from './variables.js'

const service: Check = shape(
  {
    text: () => undefined,
    map: withoutPorts(
      fields('I4', 'service', {
        entries: { ...imageFields.entries, variables: jobVariables },
        attributes: { ...imageFields.attributes, alias: text('I4', 'service-alias'), command: textOrTexts('I4', 'service-command') },
        required: ['name'],
      }),
    ),
  },
  must('I4', 'service', () => false, 'should be a hash or a string', 'should be the name of an image, or a mapping with `name`'),
)

export const services: Check = shape(
  {
    list: (list, place) => {
      for (const [index, item] of list.entries()) service(item, place.item(index).called(`${place.locationOf()}:service`))
    },
  },
  must('I4', 'services', () => false, 'should be an array', 'should be a list'),
)
