import { always } from '../../condition/index.js'
import { certainAt } from '../../graph/certainty.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { isManual, waitsOf } from '../../graph/waits.js'

/** A job by hand that comes before jobs that publish. */
export interface ClickBefore {
  readonly job: string
  /** The jobs that come after it. */
  readonly before: readonly string[]
  /**
   * `click`: one of them starts by itself afterwards, so this is its click; `gate`: each has a click of its own, and this job must have
   * succeeded before it; `unsure`: one of them can start without it.
   */
  readonly is: 'click' | 'gate' | 'unsure'
}

/** The jobs by hand before those that publish, in every kind of pipeline. */
export function clicksBefore(graphs: readonly KindGraph[], publishers: readonly string[]): readonly ClickBefore[] {
  const clicks = new Map<string, { readonly before: Set<string>; is: ClickBefore['is'] }>()
  const publishing = new Set(publishers)
  for (const graph of graphs) {
    const waitedFor = waitingIn(graph)
    for (const name of publishing) {
      const job = graph.jobs.get(name)
      if (job === undefined) continue
      const before = [...allBefore(job, waitedFor)].filter((one) => isManual(one) && !publishing.has(one.name) && canMeet(graph, one, job))
      const certain = before.length === 0 ? new Set<string>() : certainlyBefore(graph, job)
      for (const click of before) {
        const known = clicks.get(click.name) ?? { before: new Set<string>(), is: 'gate' as const }
        known.before.add(name)
        known.is = known.is === 'unsure' || !certain.has(click.name) ? 'unsure' : isManual(job) ? known.is : 'click'
        clicks.set(click.name, known)
      }
    }
  }
  return [...clicks].map(([job, { before, is }]) => ({ job, before: [...before], is }))
}

/** Whether one pipeline can have both. Where a job gives variables values of its own, its rules speak of others. */
function canMeet({ ask }: KindGraph, one: KindJob, other: KindJob): boolean {
  if (one.seen.others.length + other.seen.others.length > 0) return true
  return one.ways.some(({ condition = always }) => other.ways.some(({ known }) => ask(condition, known) !== 'never'))
}

function certainlyBefore(graph: KindGraph, job: KindJob): ReadonlySet<string> {
  const [first = new Set<string>(), ...others] = job.ways.map((way) => certainAt(graph, job, way, () => false))
  return new Set([...first].filter((name) => others.every((certain) => certain.has(name))))
}

function allBefore(job: KindJob, waitedFor: (job: KindJob) => readonly KindJob[]): ReadonlySet<KindJob> {
  const seen = new Set<KindJob>()
  const next = [job]
  for (let one = next.pop(); one !== undefined; one = next.pop()) {
    for (const before of waitedFor(one)) {
      if (seen.has(before)) continue
      seen.add(before)
      next.push(before)
    }
  }
  return seen
}

/** The jobs that a job waits for. Many wait for all of the earlier stages, and each asks for the same ones. */
function waitingIn(graph: KindGraph): (job: KindJob) => readonly KindJob[] {
  const known = new Map<KindJob, readonly KindJob[]>()
  return (job) => {
    const found = known.get(job) ?? [...new Set(job.ways.flatMap((way) => waitsOf(graph, job, way).map((wait) => wait.job)))]
    known.set(job, found)
    return found
  }
}
