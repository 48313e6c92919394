import { nearest } from '../../nearest.js'
import type { Check } from '../checks.js'
import type { Place } from '../place.js'
import { isBlank, isList, isMap, isText, shown, type Yaml, type YamlMap } from '../value.js'
import { defaults, inheritedEntries } from './default.js'
import { hiddenJob, job, triggerJob } from './job.js'
import { lastRuleAlways } from './rules.js'
import { stages } from './stages.js'
import { globalVariables } from './variables.js'
import { workflow } from './workflow.js'

const topLevelDefaults = ['image', 'services', 'before_script', 'after_script', 'cache']

/** Never a job, whatever they hold. */
const reserved: Readonly<Record<string, Check>> = {
  ...Object.fromEntries(topLevelDefaults.map((key) => [key, inheritedEntries[key] ?? (() => undefined)])),
  stages,
  variables: globalVariables,
  // Judged when files are included.
  include: () => undefined,
}
/** A keyword, unless it has a script: then it is a job. */
const keywordOrJob: Readonly<Record<string, Check>> = { default: defaults, workflow }

export type JobType = 'hidden' | 'job' | 'trigger'

export function jobTypeOf(name: Yaml, value: Yaml): JobType | undefined {
  if (shown(name).startsWith('.')) return 'hidden'
  if (!isMap(value)) return undefined
  if (value.has('script') || value.has('run')) return 'job'
  return value.has('trigger') || value.has('needs') ? 'trigger' : undefined
}

export function isJobKey(name: Yaml, value: Yaml): boolean {
  if (!isText(name)) return true
  return !Object.hasOwn(reserved, name) && (!Object.hasOwn(keywordOrJob, name) || jobTypeOf(name, value) !== undefined)
}

/**
 * The first of GitLab's two phases: every keyword by itself.
 * @param complete whether all files were read; what a job is, another file can settle otherwise
 */
export function checkKeywords(root: YamlMap, complete: boolean, place: Place): void {
  const jobs: [Yaml, Yaml][] = []
  for (const [key, value] of root) {
    if (isJobKey(key, value)) jobs.push([key, value])
    else if (value !== null && isText(key)) (reserved[key] ?? keywordOrJob[key])?.(value, place.entry(key))
  }
  definedTwice(root, place)
  checkJobs(jobs, { hasWorkflowRules: hasRules(root), complete }, place)
}

function hasRules(root: YamlMap): boolean {
  const own = root.get('workflow')
  const rules = isMap(own) && !isJobKey('workflow', own) ? own.get('rules') : undefined
  return isList(rules) && rules.length > 0
}

function definedTwice(root: YamlMap, place: Place): void {
  const own = root.get('default')
  if (!isMap(own) || isJobKey('default', own)) return
  for (const key of topLevelDefaults) {
    if ((root.get(key) ?? null) === null || (own.get(key) ?? null) === null) continue
    const whole = `${key} is defined in top-level and \`default:\` entry`
    place.entry(key).fail({ rule: 'R3', code: 'default-twice', rest: '', whole, ours: 'is also in `default`' })
  }
}

function checkJobs(
  jobs: readonly (readonly [Yaml, Yaml])[],
  { hasWorkflowRules, complete }: { hasWorkflowRules: boolean; complete: boolean },
  place: Place,
): void {
  if (!jobs.some(([name, value]) => ['job', 'trigger'].includes(jobTypeOf(name, value) ?? '')))
    place.called('jobs').fail({
      rule: 'R2',
      code: 'no-visible-job',
      rest: 'should contain at least one visible job',
      ours: 'has no job with `script`, `run` or `trigger`',
    })
  for (const [name, value] of jobs) {
    const at = place.ofJob(shown(name), isText(name) || typeof name === 'number' ? name : shown(name))
    const type = jobTypeOf(name, value)
    if (type === undefined) {
      const whole = `jobs ${shown(name)} config should implement the script:, run:, or trigger: keyword`.toLowerCase()
      at.fail({
        rule: isMap(value) ? 'J4' : 'R1',
        code: 'job-without-script',
        rest: '',
        whole,
        ours: `is neither a keyword nor a job: it has no \`script\`, \`run\` or \`trigger\`${misspelt(value)}`,
      })
      continue
    }
    if (type === 'hidden') hiddenJob(value, at)
    else if (isMap(value)) {
      checkName(name, at)
      if (type === 'job' || (!complete && !value.has('trigger'))) job(value, at)
      else triggerJob(value, at)
      if (!hasWorkflowRules) lastRuleAlways(value, at)
    }
  }
}

function misspelt(value: Yaml): string {
  if (!isMap(value)) return ''
  const [found] = [...value.keys()].flatMap((key) => {
    const meant = isText(key) ? nearest(key, ['script', 'run', 'trigger']) : undefined
    return meant === undefined ? [] : [`; did you mean \`${meant}\` by \`${shown(key)}\`?`]
  })
  return found ?? ''
}

const longestName = 255

function checkName(name: Yaml, place: Place): void {
  const fail = (code: string, rest: string, ours: string): void =>
    place.called(isBlank(name) ? 'jobs:job' : place.locationOf(), 'name').fail({ rule: 'J1', code, rest, ours })
  if (isBlank(name)) fail('job-name-blank', "can't be blank", 'is a job without a name')
  if (!isText(name)) fail('job-name-type', 'should be a symbol', 'is no text: put the name of the job into quotes')
  else if ([...name].length > longestName)
    fail('job-name-length', `is too long (maximum is ${longestName} characters)`, `has a name of more than ${longestName} characters`)
}
