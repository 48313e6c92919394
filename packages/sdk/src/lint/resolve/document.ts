import type { JsonObject, JsonValue } from '@stagegate/schema'
import { isObject, type PipelineDocument, textsOf } from '../../gitlab/document.js'
import { isJobKey } from '../keyword/root.js'
import { Decimal, isMap, isUnknown, rubyText, Unknown, type Yaml, type YamlMap } from '../value.js'

/** GitLab's root keys that are not jobs, except `pages`, which is one. */
const reserved = [
  'spec',
  'include',
  'stages',
  'workflow',
  'variables',
  'default',
  'image',
  'services',
  'cache',
  'before_script',
  'after_script',
]
/** Keys that may be at the root instead of below `default`. */
const oldDefaults = ['image', 'services', 'cache', 'before_script', 'after_script']

/** A configuration as GitLab sees it after includes, `extends` and references, in the form that checks read. */
export function documentOf(root: YamlMap): PipelineDocument {
  const plain = Object.fromEntries(
    [...root].map(([key, value]) => [rubyText(key), isUnknown(value) && isJobKey(key, value) ? unknownJob(value) : asJson(value)]),
  )
  const defaults = Object.fromEntries(oldDefaults.flatMap((key) => (plain[key] === undefined ? [] : [[key, plain[key]]])))
  const own = isObject(plain['default']) ? plain['default'] : {}
  const jobs = Object.entries(plain).filter(([name, job]) => !reserved.includes(name) && !name.startsWith('.') && isObject(job))
  const stages = Array.isArray(plain['stages']) ? plain['stages'].flat().map(String) : ['build', 'test', 'deploy']
  const prefill = Object.fromEntries(
    Object.entries(isObject(plain['variables']) ? plain['variables'] : {}).flatMap(([name, variable]) =>
      isObject(variable) && (variable['description'] !== undefined || variable['options'] !== undefined) ? [[name, variable]] : [],
    ),
  )
  return {
    stages,
    workflow: isObject(plain['workflow']) ? plain['workflow'] : {},
    variables: { ...textsOf(plain['variables']) },
    ...(Object.keys(prefill).length > 0 && { prefill }),
    ...((Object.keys(own).length > 0 || Object.keys(defaults).length > 0) && { default: { ...defaults, ...own } }),
    jobs: Object.fromEntries(jobs.flatMap(([name, job]) => (isObject(job) ? [[name, job]] : []))),
  }
}

/** A job that can be anything: it may always exist, wait for nothing, and be in any stage. */
function unknownJob(value: Yaml): JsonObject {
  const anything = asJson(value)
  return { script: [anything], rules: anything, needs: anything, environment: anything }
}

function asObject(map: YamlMap): JsonObject {
  return Object.fromEntries([...map].map(([key, value]) => [rubyText(key), asJson(value)]))
}

export function asJson(value: Yaml): JsonValue {
  if (isMap(value)) return asObject(value)
  if (Array.isArray(value)) return value.map((one: Yaml) => asJson(one))
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value
  // Written like an input without fixed values, which every proof treats as unsafe.
  if (value instanceof Unknown) return value.text
  return isUnknown(value) ? `$[[ ${rubyText(value)} ]]` : value instanceof Decimal ? rubyText(value) : null
}
