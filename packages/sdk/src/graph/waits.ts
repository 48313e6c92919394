import type { DocumentNeed } from '../gitlab/document.js'
import type { KindGraph, KindJob } from './kinds.js'
import type { ExistenceClause } from './ways.js'

/** A job that another one waits for. */
export interface Wait {
  readonly job: KindJob
  readonly by: 'needs' | 'optional' | 'stage'
  readonly artifacts: boolean
}

/** The jobs that a job waits for when it exists in this way, without needs of jobs that do not exist in the kind. */
export function waitsOf({ jobs }: KindGraph, { stage, document }: KindJob, { needs }: Pick<ExistenceClause, 'needs'>): readonly Wait[] {
  const feeds = feedsOf(document['dependencies'])
  if (needs === undefined)
    return [...jobs.values()].filter((other) => other.stage < stage).map((job) => ({ job, by: 'stage', artifacts: feeds(job.name) }))
  return needs.flatMap((need: DocumentNeed): Wait[] => {
    const job = jobs.get(need.job)
    return job === undefined ? [] : [{ job, by: need.optional ? 'optional' : 'needs', artifacts: need.artifacts && feeds(job.name) }]
  })
}

/** `dependencies` narrows what is taken from the jobs that are waited for. */
function feedsOf(dependencies: unknown): (job: string) => boolean {
  return Array.isArray(dependencies) ? (job) => dependencies.includes(job) : () => true
}

/** Whether the job may fail and still let those go on that wait for it. */
export function mayFail({ ways }: KindJob): boolean {
  return ways.some(({ allowFailure }) => allowFailure)
}

/** GitLab starts the job although what it needs has failed, was skipped, or is only failed. */
export function acceptsFailure(way: Pick<ExistenceClause, 'when'>): boolean {
  return way.when === 'always' || way.when === 'on_failure'
}

/** A job that starts only after a click, in whichever way it exists. */
export function isManual({ ways }: KindJob): boolean {
  return ways.every(({ start }) => start === 'manual')
}
