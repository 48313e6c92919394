import { all, type Check, fields, isTexts, type MapCheck, must, noLonger, oneOf, shape, text } from '../checks.js'
import { isInteger, isText, type YamlMap } from '../value.js'

const pullPolicies = ['always', 'never', 'if-not-present']
const isPullPolicy = (value: unknown): boolean => typeof value === 'string' && pullPolicies.includes(value)

const pullPolicy: Check = shape(
  {
    text: oneOf('I2', 'image-pull-policy', pullPolicies, 'is not included in the list'),
    list: (list, place) => {
      const unknown = list.filter((item) => !isPullPolicy(item))
      if (unknown.length > 0) place.fail({ rule: 'I2', code: 'image-pull-policy', rest: `contains unknown values: ${unknown.join(', ')}` })
    },
  },
  must('I2', 'image-pull-policy', () => false, 'should be an array of strings or a string'),
)

const docker = fields('I3', 'image-docker', {
  attributes: {
    platform: all(text('I3', 'image-docker-platform'), noLonger('I3', 'image-docker-platform', 64)),
    user: all(text('I3', 'image-docker-user'), noLonger('I3', 'image-docker-user', 255)),
  },
})
const kubernetesUser = must('I3', 'image-kubernetes-user', (value) => isText(value) || isInteger(value), 'should be a string or an integer')
const kubernetes = fields('I3', 'image-kubernetes', {
  attributes: { user: all(kubernetesUser, noLonger('I3', 'image-kubernetes-user', 255)) },
})
const mappingOnly =
  (check: MapCheck): Check =>
  (value, place) =>
    shape(
      { map: check },
      must('I3', 'image-executor', () => false, 'should be a hash', 'should be a mapping'),
    )(value, place)

/** What `image` and `services` share. */
export const imageFields = {
  entries: { pull_policy: pullPolicy, docker: mappingOnly(docker), kubernetes: mappingOnly(kubernetes) },
  attributes: {
    name: must('I1', 'image-name', isText, 'should be a string'),
    entrypoint: must('I2', 'image-entrypoint', isTexts, 'should be an array of strings', 'should be a list of strings'),
  },
  required: ['name'],
}

/** Ports are for the web terminal's own configuration. */
const noPorts: MapCheck = (map, place) => {
  if (map.has('ports'))
    place.fail({
      rule: 'I1',
      code: 'image-ports',
      rest: 'contains disallowed keys: ports',
      ours: 'has `ports`, which is not for pipelines',
    })
}

export const withoutPorts = (check: MapCheck): MapCheck =>
  all<YamlMap>((map, place) => check(new Map([...map].filter(([key]) => key !== 'ports')), place), noPorts)

export const image: Check = shape(
  { map: withoutPorts(fields('I1', 'image', imageFields)), text: (value, place) => blankName(value, place) },
  must('I1', 'image', () => false, 'should be a hash or a string', 'should be the name of an image, or a mapping with `name`'),
)

const blankName: Check = (value, place) => {
  if (isText(value) && value.trim() === '')
    place.attribute('name').fail({ rule: 'I1', code: 'image-name', rest: "can't be blank", ours: 'is missing' })
}
