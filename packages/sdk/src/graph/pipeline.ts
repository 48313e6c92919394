import type { JsonObject } from '@stagegate/schema'
import { evaluate, type PipelineEvent, parse, variablesOf } from '../condition/index.js'
import { type DocumentRule, isObject, needsOf, type PipelineDocument, rulesOf, stageOf, text, textsOf } from '../gitlab/document.js'
import { kindVariable } from '../kind.js'
import { fits } from '../name-pattern.js'
import type { SourceLocation } from '../source-location.js'
import { waitsFor } from './graph.js'

export interface PlannedJob {
  readonly name: string
  readonly stage: string
  readonly start: 'automatic' | 'manual'
  readonly needs: readonly string[]
  /** Names of the variables with credentials that it uses. */
  readonly secrets: readonly string[]
  /** Why it exists: the rule that matched. */
  readonly because: string
  /** The author's line that made it. */
  readonly source: SourceLocation | undefined
}

/** What GitLab would do for one event. */
export interface Pipeline {
  /** `undefined` when no pipeline would exist. */
  readonly kind: string | undefined
  readonly jobs: readonly PlannedJob[]
  /** The jobs that wait for a click. */
  readonly manual: readonly string[]
  /** Names of the jobs, in order; with a glob (`publish: *`) of those that it fits. */
  names(glob?: string): string[]
  /** Everything that must have passed before the job can start. Throws when there is no such job. */
  waitsFor(job: string): readonly string[]
}

/** What is known of a job beside its document. */
export interface JobFacts {
  readonly source: SourceLocation | undefined
  readonly secrets: readonly string[]
}

/** Reads the document as GitLab would for this event. */
export function pipelineFor(document: PipelineDocument, event: PipelineEvent, facts: ReadonlyMap<string, JobFacts>): Pipeline {
  const predefined = variablesOf(event)
  const workflow = firstMatch(rulesOf(document.workflow), predefined)
  const refused = workflow === undefined || workflow.when === 'never'
  // Variables of the event outrank those of the workflow, as GitLab's pipeline variables do.
  const variables = { ...predefined, ...document.variables, ...workflow?.variables, ...event.variables }
  const found = refused
    ? []
    : Object.entries(document.jobs).flatMap(([name, job]) => {
        const rule = ruleFor(job, inherited(job, variables, event))
        return rule === undefined || rule.when === 'never' ? [] : [{ name, job, rule }]
      })
  const names = new Set(found.map(({ name }) => name))
  const jobs = found.map(({ name, job, rule }): PlannedJob => {
    const needs = rule.needs ?? needsOf(job) ?? []
    return {
      name,
      stage: stageOf(job),
      start: rule.when === 'manual' ? 'manual' : 'automatic',
      // An optional need of a job that does not exist is no need at all.
      needs: needs.filter((need) => !need.optional || names.has(need.job)).map((need) => need.job),
      secrets: facts.get(name)?.secrets ?? [],
      because: rule.if ?? (job['rules'] === undefined ? 'it has no rules' : 'its rule has no condition'),
      source: facts.get(name)?.source,
    }
  })
  const byName = new Map(jobs.map((job) => [job.name, job]))
  return {
    kind: refused ? undefined : variables[kindVariable],
    jobs,
    manual: jobs.filter(({ start }) => start === 'manual').map(({ name }) => name),
    names: (glob = '*') => jobs.map(({ name }) => name).filter((name) => fits(name, glob)),
    waitsFor(job) {
      if (!byName.has(job))
        throw new RangeError(
          `Expected a job of this pipeline, got ${JSON.stringify(job)}; it has ${[...byName.keys()].join(', ') || 'none'}`,
        )
      return waitsFor((name) => byName.get(name)?.needs ?? [], job)
    },
  }
}

/** The rule that GitLab would take; a job without rules is as its own keywords say. */
function ruleFor(job: JsonObject, visible: Readonly<Record<string, string>>): Pick<DocumentRule, 'if' | 'when' | 'needs'> | undefined {
  if (job['rules'] === undefined) return { if: undefined, when: text(job['when']), needs: undefined }
  return firstMatch(rulesOf(job), visible)
}

/** What a job's rules can see: with `inherit: {variables: false}` neither the pipeline's own nor the workflow's variables. */
function inherited(job: JsonObject, variables: Readonly<Record<string, string>>, event: PipelineEvent): Readonly<Record<string, string>> {
  const inherit = isObject(job['inherit']) ? job['inherit']['variables'] : undefined
  const own = textsOf(job['variables'])
  if (inherit === undefined || inherit === true) return { ...variables, ...own, ...event.variables }
  const predefined = variablesOf(event)
  const kept = Array.isArray(inherit) ? Object.entries(variables).filter(([name]) => inherit.includes(name)) : []
  return { ...predefined, ...Object.fromEntries(kept), ...own, ...event.variables }
}

function firstMatch(rules: readonly DocumentRule[], variables: Readonly<Record<string, string>>): DocumentRule | undefined {
  return rules.find((rule) => {
    if (rule.if === undefined) return true
    const parsed = parse(rule.if)
    return parsed.ok && evaluate(parsed.expression, variables)
  })
}
