import { nearest } from '@stagegate/schema'
import { gitlabLimits } from '../../gitlab/limits.js'
import { anything, type Check } from '../checks.js'
import type { Place } from '../place.js'
import { isList, isMap, isText, isUnknown, rubyText, type Yaml, type YamlMap } from '../value.js'
import { defaults, inheritedKeywords } from './default.js'
import { hiddenJob, job, triggerJob } from './job.js'
import { lastRuleAlways } from './rules.js'
import { stages } from './stages.js'
import { globalVariables } from './variables.js'
import { workflow } from './workflow.js'

const topLevelDefaults = ['image', 'services', 'before_script', 'after_script', 'cache']

/** Never a job, even with a script. */
const reserved: Readonly<Record<string, Check>> = {
  ...Object.fromEntries(topLevelDefaults.map((key) => [key, inheritedKeywords[key] ?? anything])),
  stages,
  variables: globalVariables,
  // Checked when files are included.
  include: anything,
}
/** A keyword, unless it has a script, which makes it a job. */
const keywordOrJob: Readonly<Record<string, Check>> = { default: defaults, workflow }

/** The names that GitLab reads as keywords of the whole file. */
export const rootKeywords: readonly string[] = [...Object.keys(reserved), ...Object.keys(keywordOrJob), 'spec']

export type JobType = 'hidden' | 'job' | 'trigger'

export function jobTypeOf(name: Yaml, value: Yaml): JobType | undefined {
  if (rubyText(name).startsWith('.')) return 'hidden'
  if (!isMap(value)) return undefined
  if (value.has('script') || value.has('run')) return 'job'
  return value.has('trigger') || value.has('needs') ? 'trigger' : undefined
}

export function isJobKey(name: Yaml, value: Yaml): boolean {
  if (!isText(name)) return true
  return !Object.hasOwn(reserved, name) && (!Object.hasOwn(keywordOrJob, name) || jobTypeOf(name, value) !== undefined)
}

/**
 * The first of GitLab's two phases: each keyword on its own.
 * @param complete whether all files were read; another file can turn an entry into a job
 */
export function checkKeywords(root: YamlMap, complete: boolean, place: Place): void {
  const jobs: [Yaml, Yaml][] = []
  for (const [key, value] of root) {
    if (isJobKey(key, value)) jobs.push([key, value])
    else if (value !== null && isText(key)) (reserved[key] ?? keywordOrJob[key])?.(value, place.at(key))
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
    place.at(key).fail('R3', 'default-twice', 'is also set in `default`')
  }
}

function checkJobs(
  jobs: readonly (readonly [Yaml, Yaml])[],
  { hasWorkflowRules, complete }: { hasWorkflowRules: boolean; complete: boolean },
  place: Place,
): void {
  if (!jobs.some(([name, value]) => ['job', 'trigger'].includes(jobTypeOf(name, value) ?? '')))
    place.fail('R2', 'no-visible-job', 'has no job with `script`, `run` or `trigger`')
  for (const [name, value] of jobs) {
    const at = place.ofJob(rubyText(name), isText(name) || typeof name === 'number' ? name : rubyText(name))
    const type = jobTypeOf(name, value)
    if (isUnknown(value)) continue
    if (type === undefined) {
      const problem = `is neither a keyword nor a job: it has no \`script\`, \`run\` or \`trigger\`${misspelt(value)}`
      at.fail(isMap(value) ? 'J4' : 'R1', 'job-without-script', problem)
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
    return meant === undefined ? [] : [`; did you mean \`${meant}\` instead of \`${rubyText(key)}\`?`]
  })
  return found ?? ''
}

function checkName(name: Yaml, place: Place): void {
  if (name === null || name === '') place.fail('J1', 'job-name-blank', 'is a job without a name')
  if (!isText(name)) place.fail('J1', 'job-name-type', 'is not a string: put the name of the job in quotes')
  else if ([...name].length > gitlabLimits.jobName)
    place.fail('J1', 'job-name-length', `has a name of more than ${gitlabLimits.jobName} characters`)
}
