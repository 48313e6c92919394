import { isClick } from '../check/gate/gate.js'
import { breakOf } from '../check/gate/path.js'
import type { Start } from '../check/gate/start.js'
import { type ChildPipeline, childrenOf, givenInChild } from '../check/include/children.js'
import { all, any, type Expression, present, variablesIn } from '../condition/index.js'
import { type PipelineDocument, textsOf } from '../gitlab/document.js'
import { certainAt } from '../graph/certainty.js'
import { type GraphOptions, type KindGraph, type KindJob, kindGraphs } from '../graph/kinds.js'
import { conjuncts } from '../graph/premises.js'
import type { ExistenceClause } from '../graph/ways.js'
import { type AuditFinding, fromIssue, gateElsewhere, inChild } from './audit-findings.js'
import type { AuditOptions } from './audit-options.js'
import { type Named, namedIn } from './facts.js'
import { withPlannedKinds } from './plan-kinds.js'
import { type OneProof, onlyOnce, planOf, proveOne } from './proof.js'

/** A child pipeline whose gate is proved, together with what its parent proves. */
interface ChildProof extends Pick<OneProof, 'publishers' | 'gates' | 'findings'> {
  readonly child: ChildPipeline
}

interface Parent {
  readonly document: PipelineDocument
  readonly sources: OneProof['facts']['sources']
  /** The jobs of the parent that are gates of whatever publishes. */
  readonly gates: readonly string[]
}

/** Proves the gate of each child pipeline of which somebody says which of its jobs publish, or are gates. */
export function proveChildren(parent: Parent, children: readonly ChildPipeline[], options: AuditOptions): readonly ChildProof[] {
  return children.flatMap((child): ChildProof[] => {
    const { document } = child
    if (document === undefined) return []
    const named = namedIn(textsOfChild(child, options), options, document)
    const isNamed = named.publishers.length + named.gates.length > 0 || planOf(document, options.plan) !== undefined
    return isNamed ? [proveChild({ child, document, named }, parent, options)] : []
  })
}

interface NamedChild {
  readonly child: ChildPipeline
  readonly document: PipelineDocument
  readonly named: Named
}

function proveChild({ child, document, named }: NamedChild, parent: Parent, options: AuditOptions): ChildProof {
  const { job, places } = child
  const plan = planOf(document, options.plan)
  const before = parent.gates
  const starts = startsOf(parent.document, job)
  const isAlone = named.gates.length === 0 && plan === undefined
  const start: Start = {
    given: givenInChild,
    // Where somebody outranks the values of the YAML, too.
    holds: premisesOf(startsOf(parent.document, job, { believes: false })),
    clicked: isAlone && starts.length > 0 && starts.every((one) => isClickedBefore(one, before)),
  }
  const planned = plan === undefined ? document : withPlannedKinds(document, plan)
  // The parent's own audit looks at what a child starts.
  const below = childrenOf(document, { readLocal: options.readLocal, folder: '' }, 2).map((one) => ({ ...one, isProved: true, unread: [] }))
  const [{ file } = { file: options.file }] = places.values()
  const proof = proveOne({ document: planned, sources: places, named, start, children: below }, { ...options, file })
  // A gate that is a job of another child says nothing of this one.
  const elsewhere = proof.publishes ? named.unknownGates.filter((gate) => !Object.hasOwn(parent.document.jobs, gate)) : []
  return {
    child,
    publishers: proof.publishers.map((one) => ({
      ...one,
      gates: [...new Set([...one.gates, ...before])],
      where: `in the pipeline that ${job} starts, ${one.where}`,
    })),
    gates: [...new Set([...proof.gates, ...before])],
    findings: [
      ...elsewhere.map((gate) => gateElsewhere(gate, job, file ?? '')),
      // A child may have rules for pipelines that this job never starts.
      ...proof.findings.flatMap((one) => (one.code === 'kinds/hidden' ? [] : [inChild(one, job)])),
      ...openBefore(starts, before, parent, options),
    ],
  }
}

function textsOfChild({ places }: ChildPipeline, { readLocal }: AuditOptions): readonly string[] {
  return [...new Set([...places.values()].map(({ file }) => file))].map((file) => readLocal?.(file) ?? '')
}

/** One way in which a child pipeline is started. */
interface Started {
  readonly graph: KindGraph
  readonly job: KindJob
  readonly way: ExistenceClause
}

function startsOf(document: PipelineDocument, starter: string, options?: GraphOptions): readonly Started[] {
  return kindGraphs(document, options).flatMap((graph) => {
    const job = graph.jobs.get(starter)
    return job === undefined ? [] : job.ways.map((way) => ({ graph, job, way }))
  })
}

/** Whether a person has clicked before the child exists, after all gates of the parent. */
function isClickedBefore({ graph, job, way }: Started, gates: readonly string[]): boolean {
  const certain = certainAt(graph, job, way, () => false)
  if (!gates.every((gate) => certain.has(gate))) return false
  return way.start === 'manual' || [...certain].some((name) => isClick(graph, name, gates))
}

/** GitLab's variables that have the same value in a child as in its parent: it is of the same commit and ref. */
const shared = /^CI_(?:COMMIT_(?:TAG|REF_PROTECTED|SHA)|DEFAULT_BRANCH|PROJECT_[A-Z_]+)$/

/** The facts of the ref that the rules of the parent prove of every child. */
function premisesOf(starts: readonly Started[]): readonly Expression[] {
  const known = starts.map(({ graph, job, way }) => {
    const own = textsOf(job.document['variables'])
    const isShared = (name: string) => shared.test(name) && !graph.redefined.has(name) && !Object.hasOwn(own, name)
    return all(way.known.holds.flatMap((premise) => conjuncts(present(premise))).filter((premise) => variablesIn(premise).every(isShared)))
  })
  return known.length === 0 ? [] : [any(known)]
}

/** The gates of the parent that the child does not wait for. */
function openBefore(
  starts: readonly Started[],
  gates: readonly string[],
  { sources }: Parent,
  { file = '.gitlab-ci.yml' }: AuditOptions,
): readonly AuditFinding[] {
  const found = starts.flatMap(({ graph, job, way }) =>
    gates
      .filter((gate) => !certainAt(graph, job, way, (names) => names.has(gate)).has(gate))
      .map((gate) => {
        const { through, because } = breakOf(graph, job, way, gate)
        const lines = through.map((name) => sources.get(name))
        const facts = { code: 'gate/open', kind: graph.kind, job: job.name, through, sources: lines, because } as const
        return fromIssue({ job: job.name, facts }, { places: sources, file, gates })
      }),
  )
  return onlyOnce(found)
}
