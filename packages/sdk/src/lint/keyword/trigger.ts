import {
  anything,
  byType,
  type Check,
  eachItem,
  fields,
  flag,
  itemsOf,
  type MapCheck,
  mapping,
  oneOf,
  text,
  unknownKeys,
} from '../checks.js'
import { isBlank, isList, isMap, isText, isUnknown } from '../value.js'
import { includeRules, isIntegrity } from './include-rules.js'

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

const forwardMap = fields('T2', 'trigger-forward', {
  yaml_variables: flag('T2', 'trigger-forward'),
  pipeline_variables: flag('T2', 'trigger-forward'),
})
/** GitLab only looks into a mapping. */
const forward: Check = (value, place) => {
  if (isMap(value)) forwardMap(value, place)
}
const strategy = oneOf('T2', 'trigger-strategy', 'depend', 'mirror')

const includeItem: MapCheck = (map, place) => {
  unknownKeys('T4', 'trigger-include', includeKeys)(map, place)
  const rules = map.get('rules') ?? null
  if (rules !== null) includeRules(rules, place.at('rules'))
  const integrity = map.get('integrity') ?? null
  if (integrity !== null && !map.has('remote')) place.at('integrity').fail('K5', 'include-integrity', 'can be used only with `remote`')
  else if (!isUnknown(integrity) && integrity !== null && !isIntegrity(integrity))
    place.at('integrity').fail('K5', 'include-integrity', 'should be sha256- and a base64 hash')
  if (map.has('artifact') && isBlank(map.get('job')))
    place.fail('T4', 'trigger-include-job', 'has an `artifact` but not the `job` that creates it')
  if (map.has('project') && isBlank(map.get('file'))) place.fail('T4', 'trigger-include-file', 'has a `project` but no `file`')
}
const oneInclude: Check = byType('T4', 'trigger-include', 'a path, or a mapping', { text: anything, map: includeItem })

/** Only a mapping is allowed for the `include` of the file itself. */
const include: Check = byType('T1', 'trigger-include', 'a path, or a list of paths and mappings', {
  text: oneInclude,
  list: (list, place) => {
    if (itemsOf(list).length > mostIncludes) place.fail('T2', 'trigger-include-limit', `has more than ${mostIncludes} files`)
    eachItem(oneInclude)(list, place)
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
  return (isList(include) ? itemsOf(include) : [include]).flatMap((item) => {
    const job = isMap(item) && item.has('artifact') ? item.get('job') : undefined
    return isText(job) ? [job] : []
  })
}
