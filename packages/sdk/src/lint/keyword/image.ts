import { gitlabLimits } from '../../gitlab/limits.js'
import {
  all,
  byType,
  type Check,
  ensure,
  fields,
  type MapCheck,
  mapping,
  noLonger,
  noneMissing,
  oneOf,
  text,
  texts,
  unknownIn,
} from '../checks.js'
import { isInteger, isText } from '../value.js'

const pullPolicies = ['always', 'never', 'if-not-present']

const pullPolicy: Check = byType('I2', 'image-pull-policy', 'a string or a list of strings', {
  text: oneOf('I2', 'image-pull-policy', ...pullPolicies),
  list: (list, place) => {
    if (list.length === 0) place.fail('I2', 'image-pull-policy', 'is an empty list')
    const unknown = unknownIn(list, pullPolicies)
    if (unknown !== undefined) place.fail('I2', 'image-pull-policy', `has ${unknown}, but only ${pullPolicies.join(', ')} exist`)
  },
})

const noEmptyText = ensure('I3', 'image-executor-empty', (value) => value !== '', 'has no value')

const docker = noneMissing(
  'I3',
  'image-executor',
  fields('I3', 'image-docker', {
    platform: all(text('I3', 'image-docker-platform'), noEmptyText, noLonger('I3', 'image-docker-platform', gitlabLimits.platform)),
    user: all(text('I3', 'image-docker-user'), noEmptyText, noLonger('I3', 'image-docker-user', gitlabLimits.line)),
  }),
)
const kubernetesUser = ensure(
  'I3',
  'image-kubernetes-user',
  (value) => isText(value) || isInteger(value),
  'should be a string or an integer',
)
const kubernetes = noneMissing(
  'I3',
  'image-executor',
  fields('I3', 'image-kubernetes', {
    user: all(kubernetesUser, noEmptyText, noLonger('I3', 'image-kubernetes-user', gitlabLimits.line)),
  }),
)

/** Keywords of both `image` and `services`. */
export const imageKeywords: Readonly<Record<string, Check>> = {
  pull_policy: pullPolicy,
  docker: mapping('I3', 'image-executor', docker),
  kubernetes: mapping('I3', 'image-executor', kubernetes),
  name: text('I1', 'image-name'),
  entrypoint: texts('I2', 'image-entrypoint'),
}

/** `ports` belongs to the configuration of the web terminal. */
const noPorts: MapCheck = (map, place) => {
  if (map.has('ports')) place.fail('I1', 'image-ports', 'has `ports`, which pipelines do not support')
}

export const withoutPorts = (check: MapCheck): MapCheck =>
  all((map, place) => check(new Map([...map].filter(([key]) => key !== 'ports')), place), noPorts)

export const image: Check = byType('I1', 'image', 'the name of an image, or a mapping with `name`', {
  map: withoutPorts(fields('I1', 'image', imageKeywords, 'name')),
  text: (value, place) => {
    if (value.trim() === '') place.at('name').fail('I1', 'image-name', 'is missing')
  },
})
