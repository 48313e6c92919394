import type { ReleasePlan } from '@stagegate/schema'
import type { ReleaseFacts } from '../check/gate/facts.js'
import { withFetched } from '../check/gate/id-tokens.js'
import { type ChildPipeline, childrenOf } from '../check/include/children.js'
import { nothingIncluded } from '../check/include/whole.js'
import { checkPipeline } from '../check/pipeline.js'
import type { PipelineDocument } from '../gitlab/document.js'
import { certainAt } from '../graph/certainty.js'
import { waitsFor } from '../graph/graph.js'
import { type KindGraph, type KindJob, kindGraphs } from '../graph/kinds.js'
import type { IssueFacts } from '../issue/facts.js'
import type { LintResult } from '../lint/index.js'
import { issueAt } from '../report/issue.js'
import type { Marks } from './marks.js'
import { planFacts } from './plan-facts.js'
import { withPlannedKinds } from './plan-kinds.js'
import type { LintedVersion } from './version.js'

/** The parts of a version that a comparison looks at. */
export interface ReadVersion {
  readonly document: PipelineDocument
  readonly publishers: ReadonlySet<string>
  /** The jobs that only bring a target into the seal: they go when it goes. */
  readonly parts: ReadonlySet<string>
  readonly kinds: ReadonlyMap<string, ReadonlyMap<string, ReadJob>>
  readonly errors: readonly ReadError[]
  /** Files that nobody has looked at. */
  readonly unread: readonly string[]
}

export interface ReadJob {
  readonly manual: boolean
  readonly waits: ReadonlySet<string>
  /** The jobs that have certainly succeeded when it starts: no need is optional, and none may fail. */
  readonly surely: () => ReadonlySet<string>
}

interface ReadError {
  readonly job: string | undefined
  readonly facts: IssueFacts
}

/** The reason why GitLab refuses a version. */
export interface Refused {
  readonly refused: {
    /** Counted from 1. */
    readonly line: number | undefined
    readonly message: string
  }
}

/** Reads a version with the jobs that any version names: a mark that only the other has counts here too. */
export function readVersion({ plan, readLocal, lint, document: linted }: LintedVersion, marks: readonly Marks[]): ReadVersion | Refused {
  if (!lint.valid || linted === undefined) return { refused: refusalIn(lint) }
  const document = withPlannedKinds(linted, plan)
  const children = childrenOf(document, { readLocal, folder: '' })
  const graphs = kindGraphs(document)
  const facts = factsOf(document, { plan, marks, graphs, children })
  return {
    document,
    publishers: new Set(facts.publishers.keys()),
    parts: partsOf(document, plan),
    kinds: new Map(graphs.map((graph) => [graph.kind, jobsIn(graph)])),
    errors: errorsIn(document, facts),
    unread: [...lint.unread, ...children.flatMap((child) => child.unread)],
  }
}

function refusalIn({ findings }: LintResult): Refused['refused'] {
  const { line, message } = findings.find(({ severity }) => severity === 'error') ?? { line: undefined, message: 'it cannot be read' }
  return { line, message }
}

interface Known {
  readonly plan: ReleasePlan | undefined
  readonly marks: readonly Marks[]
  readonly graphs: readonly KindGraph[]
  readonly children: readonly ChildPipeline[]
}

/** The facts of the plan, and the marked jobs as publishers behind the marked gates. */
function factsOf(document: PipelineDocument, { plan, marks, graphs, children }: Known): ReleaseFacts {
  const planned = planFacts(plan)
  const gates = [...new Set(marks.flatMap((mark) => mark.gates))].filter((gate) => Object.hasOwn(document.jobs, gate))
  const inAllKinds = new Map(graphs.map(({ kind }) => [kind, gates]))
  const marked = marks.flatMap(({ publishes }) => publishes.map((name) => [name, inAllKinds] as const))
  return {
    ...planned,
    publishers: new Map([...marked, ...planned.publishers]),
    credentials: withFetched(planned.credentials, graphs),
    included: { ...nothingIncluded, children },
  }
}

function partsOf({ jobs }: PipelineDocument, plan: ReleasePlan | undefined): ReadonlySet<string> {
  const targets = plan?.releases.flatMap((release) => release.targets) ?? []
  const collects = Object.keys(jobs).filter((name) => name.startsWith('collect: ['))
  return new Set([...targets.flatMap((target) => [target.jobs.build, target.jobs.stage]), ...collects])
}

function jobsIn(graph: KindGraph): ReadonlyMap<string, ReadJob> {
  const needs = (name: string) => [...new Set(graph.jobs.get(name)?.ways.flatMap((way) => way.needs?.map(({ job }) => job) ?? []) ?? [])]
  return new Map(
    [...graph.jobs.values()].map((job) => [
      job.name,
      {
        manual: job.ways.every(({ start }) => start === 'manual'),
        waits: new Set(waitsFor(needs, job.name)),
        surely: () => certainInAllWays(graph, job),
      },
    ]),
  )
}

function certainInAllWays(graph: KindGraph, job: KindJob): ReadonlySet<string> {
  const [first = new Set<string>(), ...others] = job.ways.map((way) => certainAt(graph, job, way, () => false))
  return new Set([...first].filter((name) => others.every((certain) => certain.has(name))))
}

function errorsIn(document: PipelineDocument, facts: ReleaseFacts): readonly ReadError[] {
  return checkPipeline(document, facts).flatMap(({ job, facts: fact }) =>
    issueAt({ path: '' }, fact).severity === 'error' ? [{ job, facts: fact }] : [],
  )
}
