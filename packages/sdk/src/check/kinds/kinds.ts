import { kindVariable } from '@stagegate/schema'
import { variablesIn } from '../../condition/index.js'
import type { JobDocument, PipelineDocument } from '../../gitlab/document.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { clausesOf } from '../../graph/rules.js'
import { inheritedVariables } from '../../graph/visible.js'
import type { Way } from '../../graph/ways.js'
import type { Found } from '../../issue/facts.js'
import { refusedKind } from '../../kind.js'
import type { ReleaseFacts } from '../gate/facts.js'

/** Kinds and jobs that cannot come to be, and needs of what is not there: judged on what is rendered. */
export function checkKinds(document: PipelineDocument, graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const reachable = new Set(graphs.flatMap(({ jobs }) => [...jobs.keys()]))
  return [
    // Nobody chose the kind `refused`; it has nothing to refuse where the condition asks for protected refs already.
    ...graphs
      .filter(({ exists, kind }) => exists === 'never' && kind !== refusedKind)
      .map(({ kind }): Found => ({ job: undefined, facts: { code: 'kinds/hidden', kind } })),
    ...Object.entries(document.jobs)
      .filter(([name, body]) => !reachable.has(name) && name !== refusedKind && !name.startsWith('.') && clausesOf(body).some(asksAtAll))
      .filter(([name, body]) => facts.writers.has(name) || facts.deployments.has(name) || seesKind(body))
      .map(([job]): Found => ({ job, facts: { code: 'kinds/unreachable', job } })),
    ...graphs.flatMap((graph) => [...graph.jobs.values()].flatMap((job) => absentProducers(document, graph, job))),
    ...redefinedIn(graphs),
  ]
}

/** Values in the YAML outrank GitLab's own, in rules too. */
function redefinedIn(graphs: readonly KindGraph[]): readonly Found[] {
  const kinds = new Map<string, string>()
  for (const { kind, known, redefined } of graphs) {
    const asked = known.holds.flatMap(variablesIn).filter((name) => redefined.has(name) && /^(?:CI|GITLAB)_/.test(name))
    for (const variable of asked) if (!kinds.has(variable)) kinds.set(variable, kind)
  }
  return [...kinds].map(([variable, kind]) => ({ job: undefined, facts: { code: 'kinds/redefined', kind, variable } }))
}

/** Left alone: a job of the author's that itself says that it takes no variables. GitLab then never finds its kind. */
function seesKind(job: JobDocument): boolean {
  const inherited = inheritedVariables(job)
  return inherited === 'all' || inherited.includes(kindVariable)
}

/** A job that is switched off by `when: never` alone was meant to be. */
function asksAtAll({ when }: { readonly when: string }): boolean {
  return when !== 'never'
}

function absentProducers({ jobs }: PipelineDocument, graph: KindGraph, job: KindJob): readonly Found[] {
  const absent = job.ways.flatMap((way) =>
    (way.needs ?? [])
      .filter((need) => !need.optional && Object.hasOwn(jobs, need.job) && isAbsent(graph, way, need.job))
      .map((need) => need.job),
  )
  // The first says it: who is in the wrong kind misses them all.
  return absent.slice(0, 1).map((needs) => ({
    job: job.name,
    facts: { code: 'kinds/producer-absent', job: job.name, needs, kind: graph.kind } as const,
  }))
}

/** Whether the needed job is certainly not there where the other one is. */
function isAbsent(graph: KindGraph, way: Way, needed: string): boolean {
  const producer = graph.jobs.get(needed)
  if (producer === undefined) return true
  if (producer.exists === 'always') return false
  return producer.ways.every(({ condition }) => condition !== undefined && graph.ask(condition, way.known) === 'never')
}
