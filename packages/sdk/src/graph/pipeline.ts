import type { JsonObject } from '@stagegate/schema'
import { evaluate, type PipelineEvent, parse, variablesOf } from '../condition/index.js'
import {
  type DocumentRule,
  isObject,
  needsOf,
  outerStages,
  type PipelineDocument,
  rulesOf,
  stageOf,
  text,
  textsOf,
} from '../gitlab/document.js'
import { kindVariable } from '../kind.js'
import { fits } from '../name-pattern.js'
import type { SourceLocation } from '../source-location.js'
import { explainJob } from './explain.js'
import { waitsFor } from './graph.js'

export interface PlannedJob {
  readonly name: string
  readonly stage: string
  readonly start: 'automatic' | 'manual'
  /** GitLab's own word for it: `on_success`, `manual`, `delayed`, `always`, `on_failure`. */
  readonly when: string
  /** What it waits for; without `needs` all jobs of the earlier stages. */
  readonly needs: readonly string[]
  /** Names of the variables with credentials that it uses. */
  readonly secrets: readonly string[]
  /** Why it exists: the rule that matched. */
  readonly because: string
  /** The author's line that made it. */
  readonly source: SourceLocation | undefined
}

/** A job that would not be in the pipeline. */
export interface AbsentJob {
  readonly name: string
  readonly because: string
  readonly source: SourceLocation | undefined
}

/** What GitLab would do for one event. */
export interface Pipeline {
  /** `undefined` when no pipeline would exist. */
  readonly kind: string | undefined
  /** The rule of the workflow that matched; where none did, or one forbids the pipeline, that in words. */
  readonly because: string
  readonly jobs: readonly PlannedJob[]
  /** The jobs that wait for a click. */
  readonly manual: readonly string[]
  /** Names of the jobs, in order; with a glob (`publish: *`) of those that it fits. */
  names(glob?: string): string[]
  /** Those that would not exist, and why. */
  absent(): readonly AbsentJob[]
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
  const stages = [outerStages[0], ...document.stages, outerStages[1]]
  const earlier = (stage: string) => found.filter(({ job }) => stages.indexOf(stageOf(job)) < stages.indexOf(stage))
  const jobs = found.map(({ name, job, rule }): PlannedJob => {
    const needs = rule.needs ?? needsOf(job) ?? earlier(stageOf(job)).map((other) => ({ job: other.name, optional: false }))
    return {
      name,
      stage: stageOf(job),
      start: rule.when === 'manual' ? 'manual' : 'automatic',
      when: rule.when ?? 'on_success',
      // An optional need of a job that does not exist is no need at all.
      needs: needs.filter((need) => !need.optional || names.has(need.job)).map((need) => need.job),
      secrets: facts.get(name)?.secrets ?? [],
      because: job['rules'] === undefined ? 'it has no rules' : (reasonOf(rule) ?? 'its rule has no condition'),
      source: facts.get(name)?.source,
    }
  })
  const byName = new Map(jobs.map((job) => [job.name, job]))
  return {
    kind: refused ? undefined : variables[kindVariable],
    because: refused
      ? workflow === undefined
        ? 'no kind matches'
        : `the rule ${reasonOf(workflow) ?? 'without a condition'} forbids it`
      : ((workflow && reasonOf(workflow)) ?? 'the workflow has no rules'),
    jobs,
    absent: () =>
      Object.entries(document.jobs).flatMap(([name, job]) => {
        if (byName.has(name) || name.startsWith('.')) return []
        const because = refused
          ? 'there is no pipeline'
          : absence(document, name, ruleFor(job, inherited(job, variables, event)), variables[kindVariable])
        return [{ name, because, source: facts.get(name)?.source }]
      }),
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

/** The condition of a rule in words, and what it asks of files: nothing is known of those, so they are taken to fit. */
function reasonOf({ if: condition, files }: Pick<DocumentRule, 'if' | 'files'>): string | undefined {
  const parts = [...(condition === undefined ? [] : [condition]), ...files.map((keyword) => `its ${keyword} fit`)]
  return parts.length === 0 ? undefined : parts.join(', and ')
}

function absence(
  document: PipelineDocument,
  job: string,
  rule: Pick<DocumentRule, 'if' | 'files'> | undefined,
  kind: string | undefined,
): string {
  if (rule !== undefined) return `its rule says never: ${reasonOf(rule) ?? 'without a condition'}`
  const kinds = explainJob(document, job).filter(({ exists }) => exists !== 'never')
  if (kinds.length === 0) return 'it exists in no kind'
  const here = kinds.find((one) => one.kind === kind)
  if (here === undefined) return `only in ${[...new Set(kinds.map((one) => one.kind))].join(', ')}`
  return `none of its rules holds: ${here.ways.map(({ because }) => because).join('; ')}`
}

/** The rule that GitLab would take; a job without rules is as its own keywords say. */
function ruleFor(job: JsonObject, visible: Readonly<Record<string, string>>): Omit<DocumentRule, 'allowFailure' | 'variables'> | undefined {
  if (job['rules'] === undefined) return { if: undefined, files: [], when: text(job['when']), needs: undefined }
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
