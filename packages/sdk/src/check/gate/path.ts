import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { acceptsFailure, mayFail, type Wait, waitsOf } from '../../graph/waits.js'
import type { ExistenceClause } from '../../graph/ways.js'
import type { Weakness } from '../../issue/facts.js'

export interface Break {
  /** From the publishing job to the gate, as far as each job waits for the next. */
  readonly through: readonly string[]
  readonly because: Weakness
}

/** The path from a job to a gate whose success is not certain, and the first place where the path breaks. */
export function breakOf(graph: KindGraph, job: KindJob, way: ExistenceClause, gate: string): Break {
  if (!graph.jobs.has(gate)) return { through: [job.name, gate], because: { is: 'absent', gate } }
  const path = pathTo(graph, job, way, gate)
  if (path === undefined) return { through: [job.name, gate], because: { is: 'not-needed', gate } }
  const through = [job.name, ...path.map(({ job: { name } }) => name)]
  return { through, because: weaknessOf(job, way, path) }
}

function weaknessOf(job: KindJob, way: ExistenceClause, path: readonly Wait[]): Weakness {
  let from = { job, ways: [way] as readonly ExistenceClause[] }
  for (const { job: to, by } of path) {
    const loose = from.ways.find(acceptsFailure)
    if (loose !== undefined) return { is: 'accepts-failure', job: from.job.name, when: loose.when }
    if (by === 'stage') return { is: 'stage-order', job: from.job.name }
    if (by === 'optional') return { is: 'optional-need', job: from.job.name, needs: to.name }
    from = { job: to, ways: to.ways }
  }
  if (mayFail(from.job)) return { is: 'may-fail', job: from.job.name }
  const at = path.findIndex(({ job: to }, index) => path[index - 1]?.job.ways.some((one) => !requires(one, to.name)))
  return { is: 'some-rules', job: path[at - 1]?.job.name ?? job.name, needs: path[at]?.job.name ?? from.job.name }
}

function requires({ needs = [] }: ExistenceClause, name: string): boolean {
  return needs.some((need) => need.job === name && !need.optional)
}

/** The shortest path along the waits. Paths of required needs are preferred. */
function pathTo(graph: KindGraph, job: KindJob, way: ExistenceClause, gate: string): readonly Wait[] | undefined {
  return (['needs', 'optional', 'stage'] as const)
    .map((weakest) => search(graph, { job, way, gate, weakest }))
    .find((path) => path !== undefined)
}

interface Search {
  readonly job: KindJob
  readonly way: ExistenceClause
  readonly gate: string
  /** The weakest kind of wait that the path may use. */
  readonly weakest: Wait['by']
}

const strength: readonly Wait['by'][] = ['needs', 'optional', 'stage']

function search(graph: KindGraph, { job, way, gate, weakest }: Search): readonly Wait[] | undefined {
  const cameBy = new Map<string, { readonly wait: Wait; readonly from: string | undefined }>()
  // Stages before this one were already searched, for another job without needs.
  let below = -1
  const waits = (from: KindJob, { needs }: ExistenceClause): readonly Wait[] => {
    if (needs === undefined && (weakest !== 'stage' || from.stage <= below)) return []
    if (needs === undefined) below = from.stage
    return waitsOf(graph, from, { needs }).filter(({ by }) => strength.indexOf(by) <= strength.indexOf(weakest))
  }
  let next = waits(job, way).map((wait) => ({ wait, from: undefined as string | undefined }))
  while (next.length > 0) {
    const fresh: KindJob[] = []
    for (const step of next) {
      const { job: to } = step.wait
      if (cameBy.has(to.name)) continue
      cameBy.set(to.name, step)
      if (to.name === gate) return walked(cameBy, gate)
      fresh.push(to)
    }
    next = fresh.flatMap((from) => from.ways.flatMap((one) => waits(from, one).map((wait) => ({ wait, from: from.name }))))
  }
  return undefined
}

function walked(cameBy: ReadonlyMap<string, { readonly wait: Wait; readonly from: string | undefined }>, gate: string): readonly Wait[] {
  const path: Wait[] = []
  for (let at = cameBy.get(gate); at !== undefined; at = at.from === undefined ? undefined : cameBy.get(at.from)) path.unshift(at.wait)
  return path
}
