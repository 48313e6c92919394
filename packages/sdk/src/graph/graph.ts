import { findCycle } from '../cycle.js'
import { type DocumentNeed, needsOf, type PipelineDocument, stageOf } from '../gitlab/document.js'
import { clausesOf } from './rules.js'

/** A job of the document with the facts that the checks use. */
export interface GraphJob {
  readonly name: string
  readonly stage: string
  /** The needs of the job and of all its rules, without duplicates. */
  readonly needs: readonly DocumentNeed[]
}

/** The jobs of a document and who waits for whom, over all kinds. */
export function graphOf(document: PipelineDocument): ReadonlyMap<string, GraphJob> {
  return new Map(
    Object.entries(document.jobs).map(([name, job]) => {
      const needs = [...(needsOf(job) ?? []), ...clausesOf(job).flatMap((clause) => clause.needs ?? [])]
      return [
        name,
        { name, stage: stageOf(job), needs: needs.filter((need, index) => needs.findIndex((other) => other.job === need.job) === index) },
      ]
    }),
  )
}

/** The first cycle of needs, as `a, b, a`; `undefined` if there is none. */
export function findNeedsCycle(graph: ReadonlyMap<string, GraphJob>): readonly string[] | undefined {
  const cycle = findCycle(graph.keys(), (name) => (graph.get(name)?.needs ?? []).flatMap(({ job }) => (graph.has(job) ? [job] : [])))
  return cycle === undefined ? undefined : [...cycle, ...cycle.slice(0, 1)]
}

/** Everything that a job waits for, directly or not, nearest first. */
export function waitsFor(needsOfJob: (name: string) => readonly string[], job: string): readonly string[] {
  const found = new Set<string>()
  for (let rest = [...needsOfJob(job)]; rest.length > 0; ) {
    const fresh = rest.filter((name) => !found.has(name))
    for (const name of fresh) found.add(name)
    rest = fresh.flatMap((name) => [...needsOfJob(name)])
  }
  return [...found]
}
