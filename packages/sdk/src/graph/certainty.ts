import type { KindGraph, KindJob } from './kinds.js'
import { acceptsFailure, mayFail, waitsOf } from './waits.js'
import type { ExistenceClause } from './ways.js'

/**
 * The jobs that certainly succeeded before this one starts in this way, as far as GitLab's `needs` prove it.
 *
 * GitLab starts a job with `needs` only after each of them ended well. A need that is allowed to fail counts as ended well even if it
 * failed; it has at least run, so its own needs have succeeded. Nothing is certain behind `when: always`, an optional need or the order of
 * stages, which let skipped jobs pass.
 */
export function certainAt(
  graph: KindGraph,
  job: KindJob,
  way: ExistenceClause,
  enough: (found: ReadonlySet<string>) => boolean,
): ReadonlySet<string> {
  const succeeded = new Set<string>()
  const seen = new Set<string>()
  let next = stepsOf(graph, job, way)
  while (next.length > 0 && !enough(succeeded)) {
    const fresh = next.filter(({ to, succeeds }) => {
      if (succeeds) succeeded.add(to.name)
      if (seen.has(to.name)) return false
      seen.add(to.name)
      return true
    })
    next = fresh.flatMap(({ to }) => common(graph, to))
  }
  return succeeded
}

interface Step {
  readonly to: KindJob
  /** Whether it succeeded, rather than only ran. */
  readonly succeeds: boolean
}

function stepsOf(graph: KindGraph, job: KindJob, way: ExistenceClause): readonly Step[] {
  if (way.when === 'always' || way.needs === undefined) return []
  // A job with `on_failure` also runs only if none of its needs was skipped.
  return waitsOf(graph, job, way).flatMap(({ job: to, by }) =>
    by === 'needs' ? [{ to, succeeds: !acceptsFailure(way) && !mayFail(to) }] : [],
  )
}

/** The jobs that certainly succeeded before it, in each way in which the job exists. */
function common(graph: KindGraph, job: KindJob): readonly Step[] {
  const ways = job.ways.map((way) => stepsOf(graph, job, way))
  const inAll = (isIt: (step: Step) => boolean) => ways.every((steps) => steps.some(isIt))
  return (ways[0] ?? []).flatMap(({ to }) =>
    inAll((step) => step.to === to) ? [{ to, succeeds: inAll((step) => step.to === to && step.succeeds) }] : [],
  )
}
