import type { DocumentNeed } from '../gitlab/document.js'
import type { KindGraph, KindJob } from './kinds.js'
import type { ExistenceClause } from './ways.js'

/** A job that another one waits for. */
export interface Wait {
  readonly job: KindJob
  readonly by: 'needs' | 'optional' | 'stage'
  readonly artifacts: boolean
}

/** The jobs that a job waits for if it exists in this way, without needs of jobs that do not exist in the kind. */
export function waitsOf({ jobs }: KindGraph, { stage, document }: KindJob, { needs }: Pick<ExistenceClause, 'needs'>): readonly Wait[] {
  const feeds = feedsOf(document['dependencies'])
  if (needs === undefined)
    return [...jobs.values()].filter((other) => other.stage < stage).map((job) => ({ job, by: 'stage', artifacts: feeds(job.name) }))
  return needs.flatMap((need: DocumentNeed): Wait[] => {
    const job = jobs.get(need.job)
    return job === undefined ? [] : [{ job, by: need.optional ? 'optional' : 'needs', artifacts: need.artifacts && feeds(job.name) }]
  })
}

/** `dependencies` limits the artifacts that are taken from the jobs that it waits for. */
function feedsOf(dependencies: unknown): (job: string) => boolean {
  return Array.isArray(dependencies) ? (job) => dependencies.includes(job) : () => true
}

/** Whether jobs that wait for it go on even if it fails. */
export function mayFail({ ways }: KindJob): boolean {
  return ways.some(({ allowFailure }) => allowFailure)
}

/** GitLab starts the job although its needs failed or were skipped, or only if one failed. */
export function acceptsFailure(way: Pick<ExistenceClause, 'when'>): boolean {
  return way.when === 'always' || way.when === 'on_failure'
}

/** Whether a job starts only after a click, in each way in which it exists. */
export function isManual({ ways }: KindJob): boolean {
  return ways.every(({ start }) => start === 'manual')
}
