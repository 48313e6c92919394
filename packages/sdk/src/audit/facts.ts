import { noFacts, type ReleaseFacts } from '../check/gate/facts.js'
import type { PipelineDocument } from '../gitlab/document.js'
import type { KindGraph } from '../graph/kinds.js'
import { fits } from '../name-pattern.js'
import type { AuditOptions } from './audit-options.js'
import { marksIn } from './marks.js'

/** The jobs that options and comments name. */
export interface Named {
  /** Patterns of the jobs that publish. */
  readonly published: readonly string[]
  readonly publishers: readonly string[]
  readonly gates: readonly string[]
  /** Gates that are no job. */
  readonly unknownGates: readonly string[]
}

export function namedIn(texts: readonly string[], options: Pick<AuditOptions, 'publishes' | 'gates'>, { jobs }: PipelineDocument): Named {
  const marks = texts.map(marksIn)
  const published = [...(options.publishes ?? []), ...marks.flatMap(({ publishes }) => publishes)]
  const gates = [...new Set([...(options.gates ?? []), ...marks.flatMap((mark) => mark.gates)])]
  return {
    published,
    publishers: Object.keys(jobs).filter((name) => published.some((pattern) => fits(name, pattern))),
    gates: gates.filter((gate) => Object.hasOwn(jobs, gate)),
    unknownGates: gates.filter((gate) => !Object.hasOwn(jobs, gate)),
  }
}

export function secretsOf(secrets: readonly string[]): ReleaseFacts['credentials'] {
  return secrets.map((variable) => ({ repository: 'a public repository', variable }))
}

export function factsOf(
  graphs: readonly KindGraph[],
  { publishers, gates }: Named,
  credentials: ReleaseFacts['credentials'],
): ReleaseFacts {
  const behindGates = (kinds: readonly KindGraph[]) => new Map(kinds.map(({ kind }) => [kind, gates]))
  return {
    ...noFacts,
    publishers: new Map(publishers.map((name) => [name, behindGates(graphs.filter(({ jobs }) => jobs.has(name)))])),
    // A job that is told by its credential can be in any kind.
    gates: behindGates(graphs.filter(({ jobs }) => credentials.length > 0 || publishers.some((name) => jobs.has(name)))),
    credentials,
  }
}

/** The plan's facts about the jobs, and those that options and comments add. */
export function withPlan(named: ReleaseFacts, planned: ReleaseFacts): ReleaseFacts {
  const gates = (kind: string) => [...new Set([...(planned.gates.get(kind) ?? []), ...(named.gates.get(kind) ?? [])])]
  return {
    ...planned,
    publishers: new Map([...named.publishers, ...planned.publishers]),
    gates: new Map([...planned.gates.keys(), ...named.gates.keys()].map((kind) => [kind, gates(kind)])),
    credentials: [...planned.credentials, ...named.credentials],
  }
}
