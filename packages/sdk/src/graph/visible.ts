import { kindVariable } from '@stagegate/schema'
import { type PipelineEvent, type Variables, variablesOf } from '../condition/index.js'
import { isObject, type JobDocument, type PipelineDocument, textsOf } from '../gitlab/document.js'
import type { Premises } from './knowledge.js'

/** Marks the kind of a pipeline without kinds, only for the proof: no rule can test a variable with this name. */
export const toldKind = 'the kind'

/** The kind that these variables mark. */
export function kindOf(variables: Readonly<Record<string, unknown>>): string {
  return String(variables[toldKind] ?? variables[kindVariable] ?? '')
}

/**
 * The variables whose values a kind fixes: those of its workflow rule. Other variables of the pipeline are defaults that the person who
 * starts it can change, so nothing is known about them.
 */
export function kindValues(document: PipelineDocument, own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const outer = document.variables[kindVariable]
  return { ...(outer !== undefined && { [kindVariable]: textsOf(document.variables)[kindVariable] ?? '' }), ...own }
}

/** The variables that a job's rules see: GitLab applies `inherit` before it reads the rules, and the job's own variables win. */
export function visibleValues(job: JobDocument, fixed: Readonly<Record<string, string>>): Premises['values'] {
  const inherited = inheritedVariables(job)
  const outer = Object.entries(fixed).map(
    ([name, value]) => [name, inherited === 'all' || inherited.includes(name) ? value : null] as const,
  )
  return { ...Object.fromEntries(outer), ...textsOf(job['variables']) }
}

/** The pipeline's variables that a job does not inherit. In its rules, their names mean something else. */
export function hiddenVariables(job: JobDocument, { variables }: Pick<PipelineDocument, 'variables'>): readonly string[] {
  const inherited = inheritedVariables(job)
  return inherited === 'all' ? [] : Object.keys(variables).filter((name) => !inherited.includes(name))
}

/** The variables that a job's rules see in one pipeline. Those of the event override all others, even the job's own. */
export function visibleIn(event: PipelineEvent, job: JobDocument, pipeline: Variables): Variables {
  const set = Object.entries(visibleValues(job, pipeline)).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
  return { ...variablesOf(event), ...Object.fromEntries(set), ...event.variables }
}

/** The pipeline's variables that a job inherits. */
export function inheritedVariables(job: JobDocument): 'all' | readonly string[] {
  const inherit = isObject(job['inherit']) ? job['inherit']['variables'] : undefined
  if (inherit === false) return []
  return Array.isArray(inherit) ? inherit.filter((name) => typeof name === 'string') : 'all'
}

/**
 * Whether a job takes this keyword from `default`: it inherits it, and has none of its own. A job that only starts a pipeline runs nothing.
 */
export function takesDefault(job: JobDocument, keyword: string): boolean {
  if (job['trigger'] !== undefined && keyword !== 'interruptible') return false
  const inherit = isObject(job['inherit']) ? job['inherit']['default'] : undefined
  return job[keyword] === undefined && inherit !== false && !(Array.isArray(inherit) && !inherit.includes(keyword))
}
