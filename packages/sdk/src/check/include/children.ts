import type { JsonObject, JsonValue } from '@stagegate/schema'
import { isObject, itemsIn, type JobDocument, type PipelineDocument, text, textsOf } from '../../gitlab/document.js'
import { rowsOf } from '../../gitlab/parallel.js'
import { type KindGraph, type KindJob, kindGraphs } from '../../graph/kinds.js'
import { rulesIn } from '../../graph/rules.js'
import { visibleValues } from '../../graph/visible.js'
import { mayFail } from '../../graph/waits.js'
import { resolveDocument } from '../../lint/index.js'
import { documentOf } from '../../lint/resolve/document.js'
import type { SourceLocation } from '../../source-location.js'
import type { Start } from '../gate/start.js'
import { placesIn, type Reader } from './reader.js'

/** A pipeline that a job starts in the same project: its jobs have access to the same variables. */
export interface ChildPipeline {
  /** The job that starts it. */
  readonly job: string
  /** The child with what the job forwards to it; `undefined`, with the problem, if GitLab would refuse it. */
  readonly document: PipelineDocument | undefined
  readonly problem: string | undefined
  /** Whether it succeeds without its jobs: `always` if no job has to succeed, `sometimes` if one may be absent or fail. */
  readonly passes: 'always' | 'sometimes' | 'never'
  readonly unread: readonly string[]
  /** Whether its own gate is proved. @default false: nothing in it may publish */
  readonly isProved?: boolean
  readonly places: ReadonlyMap<string, SourceLocation>
}

/** GitLab's variables that are the same in every child pipeline. @see https://docs.gitlab.com/ci/pipelines/downstream_pipelines/ */
export const givenInChild = { CI_PIPELINE_SOURCE: 'parent_pipeline' } as const

export const startOfChild: Start = { given: givenInChild, holds: [], clicked: false }

/** GitLab does not start pipelines at a deeper level. */
const mostGenerations = 2

/** The child pipelines of a document, and their children: one for each set of forwarded variables. */
export function childrenOf(document: PipelineDocument, reader: Reader, generation = 1): readonly ChildPipeline[] {
  const starters = Object.entries(document.jobs).filter(([, job]) => isObject(job['trigger']) && job['trigger']['include'] !== undefined)
  if (starters.length === 0) return []
  const graphs = kindGraphs(document)
  return starters.flatMap(([name, job]) => {
    const { isWhole, ...own } = startedBy(name, job, reader)
    const { document: read } = own
    if (read === undefined) return [own]
    return forwardedBy(name, job, graphs).flatMap((variables) => {
      const child = withForwarded(read, variables)
      const below = generation === mostGenerations ? [] : childrenOf(child, reader, generation + 1)
      return [{ ...own, document: child, passes: isWhole ? passesOf(child) : 'never' }, ...below.map((one) => ({ ...one, job: name }))]
    })
  })
}

/** `isWhole`: all of its files were read. Otherwise unread ones may contain the jobs that have to succeed. */
function startedBy(name: string, { trigger }: JobDocument, { readLocal, folder }: Reader): ChildPipeline & { readonly isWhole: boolean } {
  const include = isObject(trigger) ? [...itemsIn(trigger['include'])] : null
  const { resolved, findings, read, unread } = resolveDocument({ include }, { ...(readLocal && { readLocal }) })
  return {
    job: name,
    document: resolved === undefined ? undefined : documentOf(resolved),
    problem: resolved === undefined ? findings[0]?.message : undefined,
    passes: 'never',
    isWhole: unread.length === 0,
    // Without a reader, files that could be read are not reported.
    unread: readLocal === undefined ? unread.filter((file) => !isLocal(include, file)) : unread,
    places: placesIn(read, folder),
  }
}

function isLocal(include: JsonValue, file: string): boolean {
  return itemsIn(include).some((item) => item === file || (isObject(item) && text(item['local']) === file))
}

export type Values = Readonly<Record<string, string>>

/**
 * The variables that a job forwards, in each way in which it exists. They are variables of the child pipeline, so they override its YAML.
 * @see https://docs.gitlab.com/ci/yaml/#triggerforward
 */
export function forwardedBy(name: string, job: JobDocument, graphs: readonly KindGraph[]): readonly Values[] {
  const forward = isObject(job['trigger']) && isObject(job['trigger']['forward']) ? job['trigger']['forward'] : {}
  if (forward['yaml_variables'] === false) return [{}]
  const sets = graphs.flatMap((graph) =>
    (graph.jobs.get(name)?.ways ?? []).flatMap((way) =>
      rowsOf(job['parallel']).map((row) => ({
        ...inherited(job, graph),
        ...textsOf(job['variables']),
        ...Object.fromEntries(row),
        ...way.variables,
      })),
    ),
  )
  return sets.length === 0 ? [{}] : [...new Map(sets.map((values) => [JSON.stringify(values), values])).values()]
}

/** Including those that a person may enter when starting the pipeline: they are forwarded too, with any value. */
function inherited(job: JobDocument, graph: KindGraph): Values {
  const outer = { ...Object.fromEntries([...graph.redefined].map((name) => [name, `$[[ ${name} ]]`])), ...graph.variables }
  return Object.fromEntries(Object.entries(visibleValues(job, outer)).flatMap(([key, value]) => (value === null ? [] : [[key, value]])))
}

/** The child's document in which forwarded values replace its own, also those of its rules. */
export function withForwarded(document: PipelineDocument, forwarded: Values): PipelineDocument {
  // A variable of the parent in a value is replaced with the parent's value.
  const values = Object.fromEntries(
    Object.entries(forwarded).map(([name, value]) => [name, value.replaceAll(/\$\{?\w+\}?|%\w+%/g, '$[[ $& ]]')]),
  )
  const jobs = Object.entries(document.jobs).map(([name, job]): [string, JsonObject] => [
    name,
    {
      ...job,
      ...(job['rules'] !== undefined && { rules: rulesIn(job).map((rule) => outranked(rule, values)) }),
      variables: { ...(isObject(job['variables']) && job['variables']), ...values },
    },
  ])
  return { ...document, variables: { ...document.variables, ...values }, jobs: Object.fromEntries(jobs) }
}

function outranked(rule: JsonObject, values: Values): JsonObject {
  const own = rule['variables']
  if (!isObject(own)) return rule
  return { ...rule, variables: { ...own, ...Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(own, name))) } }
}

/** The kinds of a child pipeline, with the source that GitLab sets. */
export function graphsOfChild(document: PipelineDocument): readonly KindGraph[] {
  return kindGraphs(document, { given: givenInChild })
}

function passesOf(document: PipelineDocument): ChildPipeline['passes'] {
  const graphs = graphsOfChild(document).filter(({ exists }) => exists !== 'never')
  if (graphs.some(({ jobs }) => ![...jobs.values()].some(hasToSucceed))) return 'always'
  const all = Object.entries(document.jobs).filter(([name]) => !name.startsWith('.'))
  return graphs.every(({ jobs }) => all.every(([name]) => isCertain(jobs.get(name)))) ? 'never' : 'sometimes'
}

function isCertain(job: KindJob | undefined): boolean {
  return job !== undefined && hasToSucceed(job)
}

/** An optional click counts as `allow_failure` too, and a job that starts on failures is skipped if nothing fails. */
function hasToSucceed(job: KindJob): boolean {
  return job.exists === 'always' && !mayFail(job) && job.ways.every(({ when }) => when !== 'on_failure')
}
