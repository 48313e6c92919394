import { anything, type Check, fields, flag, type MapCheck, mapping, must, oneOf, shape, text, unknownKeys } from '../checks.js'
import { isBlank, isMap, isText } from '../value.js'

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
    attributes: { yaml_variables: flag('T2', 'trigger-forward'), pipeline_variables: flag('T2', 'trigger-forward') },
  }),
)
const strategy = oneOf('T2', 'trigger-strategy', ['depend', 'mirror'], 'should be depend or mirror')

const includeItem: MapCheck = (map, place) => {
  unknownKeys('T4', 'trigger-include', map, includeKeys, place)
  const lacking = (key: string, what: string, words: string): void => {
    if (isBlank(map.get(key)))
      place.fail({
        rule: 'T4',
        code: `trigger-include-${key}`,
        rest: '',
        whole: `include config must specify the ${key} where to fetch the ${what} from`,
        ours: words,
      })
  }
  if (map.has('artifact')) lacking('job', 'artifact', 'has an `artifact` but not the `job` that makes it')
  if (map.has('project')) lacking('file', 'config', 'has a `project` but no `file`')
}
const oneInclude: Check = shape(
  { text: anything, map: includeItem },
  must('T4', 'trigger-include', () => false, 'should be a hash or a string', 'should be a path, or a mapping'),
)

const include: Check = shape(
  {
    text: oneInclude,
    map: oneInclude,
    list: (list, place) => {
      const rest = `is too long (maximum is ${mostIncludes})`
      if (list.length > mostIncludes)
        place.fail({ rule: 'T2', code: 'trigger-include-limit', rest, ours: `has more than ${mostIncludes} files` })
      for (const [index, item] of list.entries()) oneInclude(item, place.item(index))
    },
  },
  must('T1', 'trigger-include', () => false, 'should be a hash, a string or an array', 'should be a path, a mapping, or a list of them'),
)

const inputs = mapping('T1', 'trigger-inputs', () => undefined)
const downstream: MapCheck = fields('T1', 'trigger', {
  attributes: { project: text('T1', 'trigger-project'), branch: text('T1', 'trigger-branch'), strategy },
  entries: { forward, inputs },
  required: ['project'],
})
const child: MapCheck = fields('T1', 'trigger', { attributes: { strategy }, entries: { include, forward } })

export const trigger: Check = shape(
  {
    text: (value, place) => {
      if (isText(value) && isBlank(value)) place.fail({ rule: 'T1', code: 'trigger', rest: "can't be blank", ours: 'names no project' })
    },
    map: (map, place) => (map.has('include') ? child : downstream)(map, place),
  },
  must(
    'T1',
    'trigger',
    () => false,
    'has to be either a string or a hash',
    'should be a project, or a mapping with `project` or `include`',
  ),
)

/** Jobs whose artifacts a child pipeline is made from. */
export function artifactJobs(value: unknown): readonly string[] {
  const include = value instanceof Map && isMap(value) ? value.get('include') : undefined
  const items = Array.isArray(include) ? include : [include]
  return items.flatMap((item) => {
    const job = item instanceof Map && item.has('artifact') ? item.get('job') : undefined
    return typeof job === 'string' ? [job] : []
  })
}
