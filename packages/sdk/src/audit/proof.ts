import type { ReleasePlan } from '@stagegate/schema'
import { noFacts, publicSideOf, type ReleaseFacts } from '../check/gate/facts.js'
import { withFetched } from '../check/gate/id-tokens.js'
import { graphsAt, type Start } from '../check/gate/start.js'
import { writersIn } from '../check/gate/writers.js'
import type { ChildPipeline } from '../check/include/children.js'
import { nothingIncluded } from '../check/include/whole.js'
import { checkPipeline } from '../check/pipeline.js'
import type { PipelineDocument } from '../gitlab/document.js'
import type { KindGraph } from '../graph/kinds.js'
import { where } from '../issue/words.js'
import type { SourceLocation } from '../source-location.js'
import { type Audited, type AuditFinding, fromIssue } from './audit-findings.js'
import type { AuditOptions } from './audit-options.js'
import { openForEach, withRules } from './each-gate.js'
import { factsOf, type Named, secretsOf, withPlan } from './facts.js'
import { planFacts } from './plan-facts.js'

/** One pipeline whose gate is proved: that of the file, or a child. */
export interface Proved {
  readonly document: PipelineDocument
  readonly sources: ReadonlyMap<string, SourceLocation>
  readonly named: Named
  readonly start: Start
  readonly children: readonly ChildPipeline[]
}

export interface OneProof {
  readonly graphs: readonly KindGraph[]
  readonly facts: ReleaseFacts
  readonly gates: readonly string[]
  readonly audited: Audited
  readonly findings: readonly AuditFinding[]
  /** Whether a job of it can publish. */
  readonly publishes: boolean
  readonly publishers: readonly KindPublishers[]
}

/** The jobs that can publish in one kind of pipeline, or by one rule of its workflow. */
export interface KindPublishers {
  readonly kind: string
  /** These pipelines, in words. */
  readonly where: string
  readonly jobs: readonly string[]
  /** The jobs that must have succeeded before. */
  readonly gates: readonly string[]
}

/** The plan, if a job of this pipeline publishes by it: it can be that of a child. */
export function planOf({ jobs }: PipelineDocument, plan: ReleasePlan | undefined): ReleasePlan | undefined {
  return [...planFacts(plan).publishers.keys()].some((name) => Object.hasOwn(jobs, name)) ? plan : undefined
}

/** Proves the gate of one pipeline. */
export function proveOne({ document, sources, named, start, children }: Proved, options: AuditOptions): OneProof {
  const { file = '.gitlab-ci.yml', secrets = [] } = options
  const graphs = graphsAt(document, start)
  const planned = plannedFor(document, options.plan)
  const known = withPlan(factsOf(graphs, named, secretsOf(secrets)), planned)
  const facts = {
    ...known,
    credentials: withFetched(known.credentials, graphs),
    sources,
    included: { ...nothingIncluded, children },
    hasScopes: isSaid({ named, children }, options),
    start,
  }
  const gates = [...new Set([...named.gates, ...[...planned.gates.values()].flat()])]
  const audited = { places: sources, file, gates }
  const more = options.eachGate ? openForEach(document, facts, gates) : []
  const issues = [...checkPipeline(document, facts), ...more].map((one) => fromIssue(one, audited))
  const found = options.eachGate ? onlyOnce(issues.map((one) => withRules(one, document))) : issues
  return {
    graphs,
    facts,
    gates,
    audited,
    findings: named.published.length === 0 ? withoutHeldPublishers(found) : found,
    publishes: graphs.some((graph) => writersIn(graph, facts).size > 0),
    publishers: publishersByKind(graphs, facts, found),
  }
}

/** Whether anybody says what publishes, here or in a child pipeline. Else the name of an environment is no more than a guess. */
function isSaid({ named, children }: Pick<Proved, 'named' | 'children'>, { plan, secrets = [] }: AuditOptions): boolean {
  const names = [...named.published, ...named.gates, ...named.unknownGates, ...secrets]
  return plan !== undefined || names.length > 0 || children.some(({ isProved }) => isProved === true)
}

/** The facts of the plan; where it is that of another pipeline, what is said of its public repositories alone. */
function plannedFor(document: PipelineDocument, plan: ReleasePlan | undefined): ReleaseFacts {
  const planned = planFacts(plan)
  return planOf(document, plan) === undefined ? { ...noFacts, ...publicSideOf(planned) } : planned
}

export function onlyOnce<T>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
}

/** Where nobody says which jobs publish, those with the credential do: behind the gate they may. */
function withoutHeldPublishers(found: readonly AuditFinding[]): readonly AuditFinding[] {
  const open = new Set(found.flatMap(({ code, job }) => (code === 'gate/open' ? [job] : [])))
  return found.filter(({ code, job }) => code !== 'secrets/reachable' || job === undefined || open.has(job))
}

function publishersByKind(graphs: readonly KindGraph[], facts: ReleaseFacts, found: readonly AuditFinding[]): OneProof['publishers'] {
  const reaches = new Set(found.flatMap(({ code, job }) => (code.startsWith('secrets/') ? [job] : [])))
  return graphs
    .map(({ kind, jobs }) => ({
      kind,
      where: where(kind),
      jobs: [...jobs.keys()].filter((name) => facts.publishers.has(name) || reaches.has(name)),
      gates: facts.gates.get(kind) ?? [],
    }))
    .filter(({ jobs }) => jobs.length > 0)
}
