import { all, anything, type Check, fields, flag, type MapCheck, mapping, must, noLonger, oneOf, shape, text } from '../checks.js'
import { isBlank, isMap, isText } from '../value.js'

const nameRest = "name can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, but it cannot start or end with '/'"
const isName = (value: unknown): boolean => typeof value === 'string' && /^(?!\/)[\w/${}. -]*[\w${}. -]$/.test(value)

const name: Check = (value, place) => {
  const at = place.called(place.locationOf(), '')
  if (isBlank(value)) at.fail({ rule: 'E1', code: 'environment-name', rest: "name can't be blank", ours: 'has no name' })
  if (!isName(value))
    at.fail({
      rule: 'E2',
      code: 'environment-name',
      rest: nameRest,
      ours: 'has a name with other characters than letters, digits, spaces and - _ / $ { } . or with / at an end',
    })
}

const kubernetesFields = fields('E5', 'environment-kubernetes', {
  attributes: {
    agent: text('E5', 'environment-kubernetes-agent'),
    namespace: text('E5', 'environment-kubernetes-namespace'),
    flux_resource_path: text('E5', 'environment-kubernetes-flux'),
  },
  entries: {
    managed_resources: mapping(
      'E5',
      'environment-managed-resources',
      fields('E5', 'environment-managed-resources', { attributes: { enabled: flag('E5', 'environment-managed-resources') } }),
    ),
    dashboard: mapping('E5', 'environment-dashboard', (map, place) =>
      fields('E5', 'environment-dashboard', {
        attributes: { namespace: text('E5', 'environment-dashboard'), flux_resource_path: text('E5', 'environment-dashboard') },
      })(map, place),
    ),
  },
})
const fluxNeedsMore: MapCheck = (map, place) => {
  if (isBlank(map.get('flux_resource_path'))) return
  for (const key of ['namespace', 'agent']) {
    if (isBlank(map.get(key)))
      place.attribute(key).fail({
        rule: 'E5',
        code: `environment-kubernetes-${key}`,
        rest: "can't be blank",
        ours: 'is missing: `flux_resource_path` needs it',
      })
  }
}

const whole: MapCheck = all(
  fields('E1', 'environment', {
    attributes: {
      name: anything,
      url: all(must('E3', 'environment-url', isText, 'should be a string'), noLonger('E3', 'environment-url', 255)),
      action: oneOf(
        'E3',
        'environment-action',
        ['start', 'stop', 'prepare', 'verify', 'access'],
        'should be start, stop, prepare, verify, or access',
      ),
      on_stop: text('E1', 'environment-on-stop'),
      deployment_tier: text('E6', 'environment-tier'),
      auto_stop_in: text('E6', 'environment-auto-stop'),
    },
    entries: { kubernetes: mapping('E5', 'environment-kubernetes', all(kubernetesFields, fluxNeedsMore)) },
  }),
  (map, place) => name(map.get('name') ?? null, place),
)

export const environment: Check = shape(
  { text: name, map: whole },
  must('E1', 'environment', () => false, 'should be a hash or a string', 'should be a name, or a mapping with `name`'),
)

export interface EnvironmentFacts {
  readonly name: string | undefined
  readonly action: string | undefined
  readonly onStop: string | undefined
}

export function environmentFacts(value: unknown): EnvironmentFacts | undefined {
  if (typeof value === 'string') return { name: value, action: 'start', onStop: undefined }
  if (!(value instanceof Map) || !isMap(value)) return undefined
  const read = (key: string): string | undefined => {
    const member = value.get(key)
    return isText(member) ? member : undefined
  }
  return { name: read('name'), action: read('action'), onStop: read('on_stop') }
}
