import { any, print } from '../../condition/index.js'
import { isObject, type JobDocument, type PipelineDocument, text } from '../../gitlab/document.js'
import { filesStartedBy } from '../../gitlab/parent.js'
import { type KindGraph, kindGraphs } from '../../graph/kinds.js'
import { withToldKinds } from '../../graph/told-kinds.js'
import { toldKind } from '../../graph/visible.js'
import type { Found, IssueFacts } from '../../issue/facts.js'
import { withCopies } from '../gate/copies.js'
import { hasNoNewCommit } from '../isolation/cancellation.js'
import { uncertainNeedsOf } from '../kinds/kinds.js'
import { checkBuilds, neededIn } from './builds.js'
import { at, type Family, inChild, type Started } from './family.js'
import { checkForwards } from './forwards.js'
import { checkOthers } from './others.js'

/** Checks a parent pipeline together with its child: whether the child runs, what it gets, and what bypasses its gate. */
export function checkParent(family: Family): readonly Found[] {
  const { parent, starter, file, isChild, kinds } = family
  const { document: copied, origins } = withCopies(parent.document)
  const document = withToldKinds(
    copied,
    kinds.map((one) => ({ ...one, condition: inChild(one.condition) })),
  )
  const graphs = kindGraphs(document)
  const starters = startersIn(document, isChild)
  const job = document.jobs[starter]
  const others = checkOthers(document, graphs, { ...family, ownChildren: new Set(starters.map((name) => origins.get(name) ?? name)) })
  if (job === undefined || !starters.includes(starter)) return [...at(family, starter, notStarted(family, starters)), ...others]
  const refused = parent.included.children.find((child) => child.job === starter && child.document === undefined)
  if (refused !== undefined)
    return [...at(family, starter, { code: 'structure/child', job: starter, problem: refused.problem ?? 'it cannot be read' }), ...others]
  const started = { document, graphs, starter, job }
  return [
    ...starters
      .filter((name) => name !== starter)
      .flatMap((name) => at(family, name, { code: 'child/started-twice', job: starter, file, second: name })),
    ...mergedWith(job, isChild).flatMap((other) => at(family, starter, { code: 'child/merged', job: starter, file, other })),
    ...checkForwards(family, started),
    ...checkKinds(family, started),
    ...checkBuilds(family, started),
    ...uncertainNeedsOf(starter, document, graphs).flatMap(({ facts }) => at(family, starter, facts)),
    ...checkCancellation(family, started),
    ...checkLocks(family, started),
    ...others,
  ]
}

/** The jobs that start a child pipeline with this file, alone or with others. */
export function startersIn({ jobs }: PipelineDocument, isChild: (path: string) => boolean): readonly string[] {
  const starts = (job: JobDocument) => filesStartedBy(job).some((path) => path !== undefined && isChild(path))
  return Object.entries(jobs).flatMap(([name, job]) => (starts(job) ? [name] : []))
}

function notStarted(family: Family, others: readonly string[]): IssueFacts {
  const { starter: job, file } = family
  const builds = [...new Set([...neededIn(family).values()].flatMap((names) => [...names]))]
  const stage = family.parent.document.stages.at(-1) ?? 'deploy'
  return { code: 'child/not-started', job, file, others, builds, rule: ruleOf(family), stage }
}

/** The condition of the pipelines that have a child. */
function ruleOf({ kinds }: Family): string {
  return print(any(kinds.map(({ condition }) => condition))).text
}

/** The files whose jobs GitLab merges with the child's. */
function mergedWith(job: JobDocument, isChild: (path: string) => boolean): readonly string[] {
  const files = filesStartedBy(job)
  const others = files.flatMap((path) => (path !== undefined && isChild(path) ? [] : [path ?? 'a file that is not local']))
  // The same file twice is one file.
  return [...new Set(others)]
}

/** Whether the child is started in each of its kinds, and in no other pipeline, where GitLab would fail the job. */
function checkKinds(family: Family, { graphs, starter }: Started): readonly Found[] {
  const { file, kinds } = family
  const has = ({ jobs, exists }: KindGraph) => exists !== 'never' && jobs.has(starter)
  const isLeft = ({ known }: KindGraph) => known.values[toldKind] === undefined
  const missed = kinds.filter(({ kind }) => !graphs.some((graph) => graph.kind === kind && has(graph)))
  return [
    ...missed.flatMap(({ kind }) => at(family, starter, { code: 'child/never-started', job: starter, kind })),
    ...(graphs.some((graph) => isLeft(graph) && has(graph))
      ? at(family, starter, { code: 'child/no-kind', job: starter, file, rule: ruleOf(family) })
      : []),
  ]
}

/** GitLab does not document whether it cancels a child together with the pipeline whose job waits for it. */
function checkCancellation(family: Family, { graphs, starter }: Started): readonly Found[] {
  const published = new Set(family.kinds.flatMap(({ kind, publishes }) => (publishes ? [kind] : [])))
  const all = graphs.filter(({ kind, jobs }) => published.has(kind) && jobs.has(starter))
  const by = [
    ...(all.some(({ autoCancel }) => !['none', undefined].includes(autoCancel.onJobFailure)) ? (['on_job_failure'] as const) : []),
    ...(all.some((graph) => graph.autoCancel.onNewCommit !== 'none' && !hasNoNewCommit(graph)) ? (['on_new_commit'] as const) : []),
  ]
  return by.flatMap((one) => at(family, starter, { code: 'child/cancelled', job: starter, by: one }))
}

/**
 * A job that waits for its child while it holds a lock that a job of the child also needs.
 * @see https://docs.gitlab.com/ci/resource_groups/#pipeline-level-concurrency-control-with-cross-projectparent-child-pipelines
 */
function checkLocks(family: Family, { starter, job }: Started): readonly Found[] {
  const lock = text(job['resource_group'])
  const waits = isObject(job['trigger']) && job['trigger']['strategy'] !== undefined
  if (lock === undefined || !waits) return []
  const held = Object.entries(family.child.jobs).find(([, { resource_group: group }]) => group === lock)
  return held === undefined ? [] : at(family, starter, { code: 'child/same-lock', job: starter, other: held[0], group: lock })
}
