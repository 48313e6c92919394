import { compare, text, variable, variablesIn } from '../../condition/index.js'
import { isObject, textsOf } from '../../gitlab/document.js'
import { certainAt } from '../../graph/certainty.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { inheritedVariables } from '../../graph/visible.js'
import { isManual } from '../../graph/waits.js'
import type { ExistenceClause } from '../../graph/ways.js'
import type { Found, GateReason } from '../../issue/facts.js'
import type { ReleaseFacts } from './facts.js'
import { type Break, breakOf } from './path.js'
import { writersIn } from './writers.js'

interface Opening extends Omit<Break, 'because'> {
  readonly kind: string
  readonly because: GateReason
}

const isProtected = compare(variable('CI_COMMIT_REF_PROTECTED'), '==', text('true'))

/**
 * The gate theorem: in every kind, each job that can write to a public repository is started by a person, or after a job that is, after the
 * seal and every gating deployment succeeded, and only for protected refs of a kind that publishes it. A finding is the path through the
 * jobs that breaks the theorem. The proof covers the first start: GitLab does not check `needs` again for a job that already waits for its
 * click.
 */
export function checkGate(graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  return reported(
    graphs.flatMap((graph) => heldJobs(graph, facts).flatMap((job) => job.ways.flatMap((way) => openingsOf(graph, job, way, facts)))),
    facts,
  )
}

/**
 * The part of the theorem that holds whoever sets variables: even if a schedule, a trigger or the project overrides every value of the
 * YAML, a job that publishes exists only for protected refs.
 */
export function checkForged(graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  return reported(
    graphs.flatMap((graph) => heldJobs(graph, facts).flatMap((job) => job.ways.flatMap((way) => unprotectedBy(graph, job, way)))),
    facts,
  )
}

function heldJobs(graph: KindGraph, facts: ReleaseFacts): readonly KindJob[] {
  return [...writersIn(graph, facts).keys()].flatMap((name) => (facts.exempt.has(name) ? [] : (graph.jobs.get(name) ?? [])))
}

/** One finding for each kind, job and reason; copies of one job count as one. */
function reported(openings: readonly Opening[], { origins, sources }: ReleaseFacts): readonly Found[] {
  const seen = new Set<string>()
  return openings.flatMap(({ kind, through, because }) => {
    const [job = ''] = through
    // A value of the YAML is the same in all kinds.
    const key = JSON.stringify([because.is === 'redefined' ? '' : kind, origins.get(job) ?? job, because.is])
    if (seen.has(key)) return []
    seen.add(key)
    return [{ job, facts: { code: 'gate/open', kind, job, through, sources: through.map((name) => sources.get(name)), because } as const }]
  })
}

function openingsOf(graph: KindGraph, job: KindJob, way: ExistenceClause, facts: ReleaseFacts): readonly Opening[] {
  const { kind } = graph
  const alone = { kind, through: [job.name] }
  const unprotected = unprotectedBy(graph, job, way)
  const needed = (facts.publishers.get(job.name) ?? facts.gates).get(kind)
  if (needed === undefined) return unprotected.length > 0 ? unprotected : [{ ...alone, because: { is: 'foreign-kind' } }]
  const gates = needed.filter((gate) => gate !== job.name)
  const isClicked = (certain: ReadonlySet<string>) =>
    facts.start.clicked || way.start === 'manual' || [...certain].some((name) => isClick(graph, name, gates))
  const certain = certainAt(graph, job, way, (names) => gates.every((gate) => names.has(gate)) && isClicked(names))
  return [
    ...unprotected,
    ...(isClicked(certain) ? [] : [{ ...alone, because: automatic(graph, way, certain) }]),
    ...(way.start === 'manual' && way.allowFailure && !way.onlyExitCodes ? [{ ...alone, because: { is: 'not-blocking' } as const }] : []),
    ...gates.filter((gate) => !certain.has(gate)).map((gate) => ({ kind, ...breakOf(graph, job, way, gate) })),
    ...gates
      .filter((gate) => certain.has(gate))
      .flatMap((gate) => weakTrigger(graph.jobs.get(gate), facts))
      .map((because) => ({ kind, through: [job.name, because.job], because })),
  ]
}

/** A click by a person who knows what is released: every gate has succeeded before the job can be started. */
export function isClick(graph: KindGraph, name: string, gates: readonly string[]): boolean {
  const job = graph.jobs.get(name)
  if (job === undefined || !isManual(job)) return false
  const hasAll = (certain: ReadonlySet<string>) => gates.every((gate) => certain.has(gate))
  return job.ways.every((way) => hasAll(certainAt(graph, job, way, hasAll)))
}

function automatic(graph: KindGraph, way: ExistenceClause, certain: ReadonlySet<string>): GateReason {
  const early = [...certain].find((name) => {
    const job = graph.jobs.get(name)
    return job !== undefined && isManual(job)
  })
  return early === undefined ? { is: 'automatic', when: way.when } : { is: 'early-click', job: early }
}

function unprotectedBy(graph: KindGraph, job: KindJob, way: ExistenceClause): readonly Opening[] {
  const alone = { kind: graph.kind, through: [job.name] }
  const variable = redefinedIn(graph, job, way)
  if (variable !== undefined) return [{ ...alone, because: { is: 'redefined', variable } }]
  return graph.ask(isProtected, way.known) === 'always' ? [] : [{ ...alone, because: { is: 'unprotected', rule: way.if } }]
}

/** A variable of GitLab that the job's conditions test and to which the pipeline gives its own value: it proves nothing about the ref. */
function redefinedIn({ redefined }: KindGraph, { document }: KindJob, { known }: ExistenceClause): string | undefined {
  const own = textsOf(document['variables'])
  const inherited = inheritedVariables(document)
  const isGiven = (name: string) => Object.hasOwn(own, name) || (redefined.has(name) && (inherited === 'all' || inherited.includes(name)))
  return [...new Set(known.holds.flatMap(variablesIn))].find((name) => /^(?:CI|GITLAB)_/.test(name) && isGiven(name))
}

/** A trigger without a strategy passes as soon as the other pipeline exists, and a child pipeline may pass without its jobs. */
function weakTrigger(job: KindJob | undefined, { included }: ReleaseFacts): readonly Extract<GateReason, { readonly job: string }>[] {
  const trigger = job?.document['trigger']
  if (job === undefined || trigger === undefined) return []
  const strategy = isObject(trigger) ? trigger['strategy'] : undefined
  if (strategy !== 'depend' && strategy !== 'mirror') return [{ is: 'no-strategy', job: job.name }]
  return included.children.some((child) => child.job === job.name && child.passes === 'always')
    ? [{ is: 'empty-child', job: job.name }]
    : []
}
