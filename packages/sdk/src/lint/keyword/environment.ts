import { gitlabLimits } from '../../gitlab/limits.js'
import { isEnvironmentName } from '../../gitlab/names.js'
import { all, anything, byType, type Check, fields, flag, type MapCheck, mapping, noLonger, oneOf, requireKey, text } from '../checks.js'
import { isBlank, isMap, isText, isUnknown } from '../value.js'

const name: Check = (value, place) => {
  if (isUnknown(value)) return
  if (isBlank(value)) place.fail('E1', 'environment-name', 'has no name')
  if (!isText(value) || !isEnvironmentName(value))
    place.fail(
      'E2',
      'environment-name',
      'has a name with characters other than letters, digits, spaces and - _ / $ { } . or with / at its start or end',
    )
}

const dashboard = fields('E5', 'environment-dashboard', {
  namespace: text('E5', 'environment-dashboard'),
  flux_resource_path: text('E5', 'environment-dashboard'),
})
const managedResources = fields('E5', 'environment-managed-resources', { enabled: flag('E5', 'environment-managed-resources') })

const kubernetesFields = fields('E5', 'environment-kubernetes', {
  agent: text('E5', 'environment-kubernetes-agent'),
  namespace: text('E5', 'environment-kubernetes-namespace'),
  flux_resource_path: text('E5', 'environment-kubernetes-flux'),
  managed_resources: mapping('E5', 'environment-managed-resources', managedResources),
  dashboard: mapping('E5', 'environment-dashboard', dashboard),
})
const needsMore: MapCheck = (map, place) => {
  if (map.size === 0) place.fail('E5', 'environment-kubernetes-empty', 'is an empty mapping')
  const dependent = { flux_resource_path: ['namespace', 'agent'], managed_resources: ['agent'], dashboard: ['agent'] }
  for (const [key, needed] of Object.entries(dependent)) {
    if (isBlank(map.get(key))) continue
    for (const one of needed) requireKey('E5', `environment-kubernetes-${one}`, one, `: \`${key}\` needs it`)(map, place)
  }
  const own = map.get('dashboard')
  if (!isMap(own)) return
  if (!isBlank(own.get('flux_resource_path')))
    requireKey('E5', 'environment-dashboard-namespace', 'namespace', ': `flux_resource_path` needs it')(own, place.at('dashboard'))
  if (!isBlank(own.get('namespace')) && !isBlank(map.get('namespace')))
    place.fail('E5', 'environment-dashboard-namespaces', 'has `namespace` and `dashboard.namespace`, which cannot be combined')
}

const environmentMap: MapCheck = all(
  fields('E1', 'environment', {
    name: anything,
    url: all(text('E3', 'environment-url'), noLonger('E3', 'environment-url', gitlabLimits.line)),
    action: oneOf('E3', 'environment-action', 'start', 'stop', 'prepare', 'verify', 'access'),
    on_stop: text('E1', 'environment-on-stop'),
    deployment_tier: text('E6', 'environment-tier'),
    auto_stop_in: text('E6', 'environment-auto-stop'),
    kubernetes: mapping('E5', 'environment-kubernetes', all(kubernetesFields, needsMore)),
  }),
  (map, place) => name(map.get('name') ?? null, place),
)

export const environment: Check = byType('E1', 'environment', 'a name, or a mapping with `name`', { text: name, map: environmentMap })

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
