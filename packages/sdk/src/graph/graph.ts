import { type DocumentNeed, needsOf, type PipelineDocument, stageOf } from '../gitlab/document.js'
import { clausesOf } from './rules.js'

/** A job of the document with what the checks ask of it. */
export interface GraphJob {
  readonly name: string
  readonly stage: string
  /** Of the job itself and of all its rules, without doubles. */
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

/** The first circle of needs that can be found, as `a, b, a`; `undefined` when there is none. */
export function findCycle(graph: ReadonlyMap<string, GraphJob>): readonly string[] | undefined {
  const done = new Set<string>()
  for (const start of graph.keys()) {
    // Depth first without recursion: a chain of needs can be longer than the stack.
    const path: { name: string; next: number }[] = [{ name: start, next: 0 }]
    const onPath = new Set([start])
    if (done.has(start)) continue
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const need = graph.get(top.name)?.needs[top.next++]?.job
      if (need === undefined) {
        done.add(top.name)
        onPath.delete(top.name)
        path.pop()
      } else if (onPath.has(need)) {
        const names = path.map(({ name }) => name)
        return [...names.slice(names.indexOf(need)), need]
      } else if (!done.has(need) && graph.has(need)) {
        path.push({ name: need, next: 0 })
        onPath.add(need)
      }
    }
  }
  return undefined
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
