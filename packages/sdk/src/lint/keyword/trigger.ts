import { anything, byType, type Check, fields, flag, type MapCheck, mapping, oneOf, text, unknownKeys } from '../checks.js'
import { isBlank, isMap } from '../value.js'

const mostIncludes = 3
const includeKeys = [
  'local',
  'remote',
  'template',
  'component',
  'artifact',
  'job',
  'project',
  'file',
  'ref',
  'inputs',
  'integrity',
  'rules',
]

const forward = mapping(
  'T2',
  'trigger-forward',
  fields('T2', 'trigger-forward', {
    yaml_variables: flag('T2', 'trigger-forward'),
    pipeline_variables: flag('T2', 'trigger-forward'),
  }),
)
const strategy = oneOf('T2', 'trigger-strategy', 'depend', 'mirror')

const includeItem: MapCheck = (map, place) => {
  unknownKeys('T4', 'trigger-include', includeKeys)(map, place)
  if (map.has('artifact') && isBlank(map.get('job')))
    place.fail('T4', 'trigger-include-job', 'has an `artifact` but not the `job` that makes it')
  if (map.has('project') && isBlank(map.get('file'))) place.fail('T4', 'trigger-include-file', 'has a `project` but no `file`')
}
const oneInclude: Check = byType('T4', 'trigger-include', 'a path, or a mapping', { text: anything, map: includeItem })

const include: Check = byType('T1', 'trigger-include', 'a path, a mapping, or a list of them', {
  text: oneInclude,
  map: oneInclude,
  list: (list, place) => {
    if (list.length > mostIncludes) place.fail('T2', 'trigger-include-limit', `has more than ${mostIncludes} files`)
    for (const [index, item] of list.entries()) oneInclude(item, place.at(index))
  },
})

const downstream: MapCheck = fields(
  'T1',
  'trigger',
  {
    project: text('T1', 'trigger-project'),
    branch: text('T1', 'trigger-branch'),
    strategy,
    forward,
    inputs: mapping('T1', 'trigger-inputs', anything),
  },
  'project',
)
const child: MapCheck = fields('T1', 'trigger', { strategy, include, forward })

export const trigger: Check = byType('T1', 'trigger', 'a project, or a mapping with `project` or `include`', {
  text: (value, place) => {
    if (isBlank(value)) place.fail('T1', 'trigger', 'names no project')
  },
  map: (map, place) => (map.has('include') ? child : downstream)(map, place),
})

/** The jobs whose artifacts define a child pipeline. */
export function artifactJobs(value: unknown): readonly string[] {
  const include = value instanceof Map && isMap(value) ? value.get('include') : undefined
  const items = Array.isArray(include) ? include : [include]
  return items.flatMap((item) => {
    const job = item instanceof Map && item.has('artifact') ? item.get('job') : undefined
    return typeof job === 'string' ? [job] : []
  })
}
