import { kindVariable } from '@stagegate/schema'
import { variablesIn } from '../../condition/index.js'
import type { JobDocument, PipelineDocument } from '../../gitlab/document.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { clausesOf } from '../../graph/rules.js'
import { inheritedVariables } from '../../graph/visible.js'
import type { ExistenceClause } from '../../graph/ways.js'
import type { Found } from '../../issue/facts.js'
import { refusedKind } from '../../kind.js'
import type { ReleaseFacts } from '../gate/facts.js'
import { absenceOf } from './absence.js'

/** Finds kinds and jobs that can never exist, and needs of missing jobs, in the rendered document. */
export function checkKinds(document: PipelineDocument, graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const redefined = redefinedIn(graphs)
  const reachable = new Set(graphs.flatMap(({ jobs }) => [...jobs.keys()]))
  return [
    // Nobody chose the kind `refused`; it has nothing to refuse if the condition already requires protected refs.
    ...graphs
      .filter(({ kind }) => kind !== refusedKind && graphs.every((other) => other.kind !== kind || other.exists === 'never'))
      .map(({ kind }): Found => ({ job: undefined, facts: { code: 'kinds/hidden', kind } })),
    ...Object.entries(document.jobs)
      .filter(([name, body]) => !reachable.has(name) && name !== refusedKind && !name.startsWith('.') && clausesOf(body).some(asksAtAll))
      .filter(([name, body]) => facts.writers.has(name) || facts.deployments.has(name) || seesKind(body))
      .map(([job]): Found => ({ job, facts: { code: 'kinds/unreachable', job } })),
    ...oncePerNeed(graphs.flatMap((graph) => [...graph.jobs.values()].flatMap((job) => absentProducers(document, graph, job)))),
    ...redefined,
  ]
}

/** The needs of one job that may be missing although it exists. */
export function uncertainNeedsOf(job: string, document: PipelineDocument, graphs: readonly KindGraph[]): readonly Found[] {
  const found = graphs.flatMap((graph) => {
    const own = graph.jobs.get(job)
    return own === undefined ? [] : absentProducers(document, graph, own)
  })
  return oncePerNeed(found).filter(({ facts }) => facts.code === 'kinds/producer-absent' && facts.where !== undefined)
}

/** Values in the YAML override GitLab's own, in rules too. */
function redefinedIn(graphs: readonly KindGraph[]): readonly Found[] {
  const kinds = new Map<string, string>()
  for (const graph of graphs) {
    for (const variable of redefinedOf(graph)) if (!kinds.has(variable)) kinds.set(variable, graph.kind)
  }
  return [...kinds].map(([variable, kind]) => ({ job: undefined, facts: { code: 'kinds/redefined', kind, variable } }))
}

/** The GitLab variables that the kind tests and to which the pipeline gives values. */
function redefinedOf({ known, redefined }: KindGraph): readonly string[] {
  return known.holds.flatMap(variablesIn).filter((name) => redefined.has(name) && /^(?:CI|GITLAB)_/.test(name))
}

/** Whether a job inherits the kind's variable. Stagegate keeps `inherit` as the author sets it; without the kind, the job never exists. */
function seesKind(job: JobDocument): boolean {
  const inherited = inheritedVariables(job)
  return inherited === 'all' || inherited.includes(kindVariable)
}

/** A job with only `when: never` was switched off on purpose. */
function asksAtAll({ when }: { readonly when: string }): boolean {
  return when !== 'never'
}

function absentProducers({ jobs }: PipelineDocument, graph: KindGraph, job: KindJob): readonly Found[] {
  const needed = job.ways.flatMap((way) =>
    (way.needs ?? []).flatMap(({ job: needs, optional }) => (optional || !Object.hasOwn(jobs, needs) ? [] : [{ way, needs }])),
  )
  // The first is enough: a job in the wrong kind misses all of them.
  const absent = needed.find(({ way, needs }) => isAbsent(graph, way, needs))
  if (absent !== undefined)
    return [{ job: job.name, facts: { code: 'kinds/producer-absent', job: job.name, needs: absent.needs, kind: graph.kind } }]
  for (const { way, needs } of needed) {
    const producer = graph.jobs.get(needs)
    // Nothing is certain in a kind that depends on a redefined variable.
    const where = producer === undefined || redefinedOf(graph).length > 0 ? undefined : absenceOf({ graph, consumer: job, way, producer })
    if (where !== undefined)
      return [{ job: job.name, facts: { code: 'kinds/producer-absent', job: job.name, needs, kind: graph.kind, where } }]
  }
  return []
}

/** A job that may be missing in several kinds for the same reason is reported for the first of them. */
function oncePerNeed(found: readonly Found[]): readonly Found[] {
  const keyOf = ({ facts }: Found) =>
    facts.code === 'kinds/producer-absent' && facts.where !== undefined ? JSON.stringify([facts.job, facts.needs, facts.where]) : undefined
  return found.filter((one, index) => {
    const key = keyOf(one)
    return key === undefined || found.findIndex((other) => keyOf(other) === key) === index
  })
}

/** Whether the needed job is certainly missing if the other one exists. */
function isAbsent(graph: KindGraph, way: ExistenceClause, needed: string): boolean {
  const producer = graph.jobs.get(needed)
  if (producer === undefined) return true
  if (producer.exists === 'always') return false
  return producer.ways.every(({ condition }) => condition !== undefined && graph.ask(condition, way.known) === 'never')
}
