import type { JsonValue } from '@stagegate/schema'
import { isObject, type PipelineDocument } from '../../gitlab/document.js'
import type { KindGraph } from '../../graph/kinds.js'
import type { ReleaseFacts } from '../gate/facts.js'
import { writersIn } from '../gate/writers.js'
import type { Found } from '../structure.js'
import { commandLinesOf } from './command-line.js'

/** Where a credential gets to that it should not: other jobs, the YAML itself, a command line. */
export function checkSecrets(document: PipelineDocument, graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const names = new Set([...facts.credentials.map(({ variable }) => variable), ...[...facts.secrets.values()].flat()])
  return [...checkReach(graphs, facts), ...checkDefinitions(document, names), ...checkCommandLines(document, names)]
}

/** The credential of a public repository in a job that does not publish. */
function checkReach(graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const seen = new Set<string>()
  return graphs.flatMap((graph) =>
    [...writersIn(graph, facts)].flatMap(([job, reach]): Found[] => {
      if (reach.by === 'release' || facts.exempt.has(job) || seen.has(job)) return []
      seen.add(job)
      return [{ job, facts: { code: 'secrets/reachable', job, kind: graph.kind, reach } }]
    }),
  )
}

/** A variable of a secret's name that is written into the pipeline: everybody can read it, and every job gets it. */
function checkDefinitions(document: PipelineDocument, names: ReadonlySet<string>): readonly Found[] {
  const rules = Array.isArray(document.workflow['rules']) ? document.workflow['rules'] : []
  const outer: readonly (readonly [where: 'variables' | 'workflow', value: JsonValue | undefined])[] = [
    ['variables', document.variables],
    ...rules.flat().map((rule) => ['workflow', isObject(rule) ? rule['variables'] : undefined] as const),
  ]
  return [
    ...outer.flatMap(([where, value]) =>
      defined(value, names).map((variable): Found => ({ job: undefined, facts: { code: 'secrets/defined', variable, where } })),
    ),
    ...Object.entries(document.jobs).flatMap(([job, body]) => {
      const own = Array.isArray(body['rules']) ? body['rules'].flat().map((rule) => (isObject(rule) ? rule['variables'] : undefined)) : []
      const found = new Set([body['variables'], ...own].flatMap((value) => defined(value, names)))
      return [...found].map((variable): Found => ({ job, facts: { code: 'secrets/defined', variable, where: job } }))
    }),
  ]
}

function defined(variables: JsonValue | undefined, names: ReadonlySet<string>): readonly string[] {
  return isObject(variables) ? Object.keys(variables).filter((name) => names.has(name)) : []
}

function checkCommandLines({ jobs }: PipelineDocument, names: ReadonlySet<string>): readonly Found[] {
  return Object.entries(jobs).flatMap(([job, body]) =>
    commandLinesOf(body, names).map(({ variable, line }): Found => ({ job, facts: { code: 'secrets/command-line', job, variable, line } })),
  )
}
