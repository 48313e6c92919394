import type { PipelineEvent } from '../condition/index.js'
import { type JobDocument, outerStages, type PipelineDocument, stageOf, stagesIn, textsOf } from '../gitlab/document.js'
import { fits } from '../name-pattern.js'
import type { SourceLocation } from '../source-location.js'
import { explainJob, type JobExplanation } from './explain.js'
import { filesFit, reasonOf } from './files.js'
import { waitsFor } from './graph.js'
import { type Clause, clausesOf, holdsWith, workflowClauses } from './rules.js'
import { kindOf, visibleIn } from './visible.js'

export interface PlannedJob {
  readonly name: string
  readonly stage: string
  readonly start: 'automatic' | 'manual'
  /** GitLab's value: `on_success`, `manual`, `delayed`, `always`, `on_failure`. */
  readonly when: string
  /** The jobs that it waits for; without `needs`, all jobs of the earlier stages. */
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

/** The pipeline that GitLab would create for one event. */
export interface Pipeline {
  /** `undefined` when no pipeline would exist. */
  readonly kind: string | undefined
  /** The rule of the workflow that matched; or the reason, if none did, if one forbids the pipeline, or if GitLab refuses it. */
  readonly because: string
  /** GitLab's own message, if the rules allow a pipeline but GitLab would not create it: then there is no job. */
  readonly refused: string | undefined
  readonly jobs: readonly PlannedJob[]
  /** The jobs that wait for a click. */
  readonly manual: readonly string[]
  /** Names of the jobs, in order; with a glob (`publish: *`), only of those that match. */
  names(glob?: string): string[]
  /** The jobs that would not exist, and why. */
  absent(): readonly AbsentJob[]
  /** Everything that must have passed before the job can start. Throws if there is no such job. */
  waitsFor(job: string): readonly string[]
}

/** Facts about a job that its document does not contain. */
export interface JobFacts {
  readonly source: SourceLocation | undefined
  readonly secrets: readonly string[]
}

/** Reads the document as GitLab would for this event. */
export function pipelineFor(document: PipelineDocument, event: PipelineEvent, facts: ReadonlyMap<string, JobFacts>): Pipeline {
  const defaults = textsOf(document.variables)
  const seen = visibleIn(event, {}, defaults)
  const workflow = workflowClauses(document).find((clause) => holdsWith(clause, seen) && filesFit(clause, event, seen))
  const values = { ...defaults, ...workflow?.variables }
  const kind = kindOf({ ...values, ...event.variables })
  const clauseOf = (job: JobDocument) => {
    const variables = visibleIn(event, job, values)
    return clausesOf(job).find((clause) => holdsWith(clause, variables) && filesFit(clause, event, variables))
  }
  const forbidden = refusalOf(workflow)
  const planned = forbidden === undefined ? plannedJobs(document, clauseOf, facts) : []
  const refused = forbidden === undefined ? refusedByGitLab(planned, document, clauseOf) : undefined
  const jobs = refused === undefined ? planned : []
  const refusal = forbidden ?? (refused && `GitLab refuses it: ${refused}`)
  const byName = new Map(jobs.map((job) => [job.name, job]))
  return {
    kind: refusal === undefined ? kind : undefined,
    because: refusal ?? (workflow && reasonOf(workflow)) ?? 'the workflow has no rules',
    refused,
    jobs,
    absent: () =>
      Object.entries(document.jobs).flatMap(([name, job]) => {
        if (planned.some((one) => one.name === name) || name.startsWith('.')) return []
        const because = forbidden === undefined ? absence(explainJob(document, name), clauseOf(job), kind) : 'there is no pipeline'
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

/**
 * Why GitLab would not create a pipeline although the rules allow it, in its own words.
 * @see lib/gitlab/ci/pipeline/seed/build.rb and lib/gitlab/ci/pipeline/chain/populate.rb of GitLab
 */
function refusedByGitLab(
  planned: readonly PlannedJob[],
  document: PipelineDocument,
  clauseOf: (job: JobDocument) => Clause | undefined,
): string | undefined {
  const names = new Set(planned.map(({ name }) => name))
  for (const { name } of planned) {
    const missing = clauseOf(document.jobs[name] ?? {})?.needs?.find(({ job, optional }) => !optional && !names.has(job))
    if (missing !== undefined && Object.hasOwn(document.jobs, missing.job))
      return `'${name}' job needs '${missing.job}' job, but '${missing.job}' does not exist in the pipeline. This might be because of the only, except, or rules keywords. To need a job that sometimes does not exist in the pipeline, use needs:optional.`
  }
  const isOuter = ({ stage }: PlannedJob) => outerStages.some((outer) => outer === stage)
  return planned.every(isOuter)
    ? 'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.'
    : undefined
}

/** Why there is no pipeline; `undefined` if there is one. */
function refusalOf(workflow: Clause | undefined): string | undefined {
  if (workflow === undefined) return 'no kind matches'
  return workflow.when === 'never' ? `the rule ${reasonOf(workflow) ?? 'without a condition'} forbids it` : undefined
}

function plannedJobs(
  document: PipelineDocument,
  clauseOf: (job: JobDocument) => Clause | undefined,
  facts: ReadonlyMap<string, JobFacts>,
): readonly PlannedJob[] {
  const found = Object.entries(document.jobs).flatMap(([name, job]) => {
    const clause = name.startsWith('.') ? undefined : clauseOf(job)
    return clause === undefined || clause.when === 'never' ? [] : [{ name, job, clause }]
  })
  const names = new Set(found.map(({ name }) => name))
  const stages = stagesIn(document)
  const earlier = (stage: string) => found.filter(({ job }) => stages.indexOf(stageOf(job)) < stages.indexOf(stage))
  return found.map(({ name, job, clause }): PlannedJob => {
    const needs = clause.needs ?? earlier(stageOf(job)).map((other) => ({ job: other.name, optional: false }))
    return {
      name,
      stage: stageOf(job),
      start: clause.when === 'manual' ? 'manual' : 'automatic',
      when: clause.when,
      // An optional need of a job that does not exist has no effect.
      needs: needs.filter((need) => !need.optional || names.has(need.job)).map((need) => need.job),
      secrets: facts.get(name)?.secrets ?? [],
      because: job['rules'] === undefined ? 'it has no rules' : (reasonOf(clause) ?? 'its rule has no condition'),
      source: facts.get(name)?.source,
    }
  })
}

function absence(kinds: readonly JobExplanation[], clause: Clause | undefined, kind: string | undefined): string {
  if (clause !== undefined) return `its rule has when: never: ${reasonOf(clause) ?? 'without a condition'}`
  const present = kinds.filter(({ exists }) => exists !== 'never')
  if (present.length === 0) return 'it exists in no kind'
  const here = present.find((one) => one.kind === kind)
  if (here === undefined) return `only in ${[...new Set(present.map((one) => one.kind))].join(', ')}`
  return `none of its rules matches: ${here.ways.map(({ because }) => because).join('; ')}`
}
