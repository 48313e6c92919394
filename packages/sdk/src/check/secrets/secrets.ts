import type { JsonValue } from '@stagegate/schema'
import { isObject, type JobDocument, type PipelineDocument } from '../../gitlab/document.js'
import type { KindGraph } from '../../graph/kinds.js'
import { rulesIn } from '../../graph/rules.js'
import type { Found } from '../../issue/facts.js'
import { publicEnvironment } from '../gate/environment.js'
import type { ReleaseFacts } from '../gate/facts.js'
import { mentions, textsIn, writersIn } from '../gate/writers.js'
import { commandLinesOf } from './command-line.js'

/** Finds places where a credential must not be: other jobs, the YAML itself, a command line. */
export function checkSecrets(document: PipelineDocument, graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const names = new Set([...facts.credentials.map(({ variable }) => variable), ...[...facts.secrets.values()].flat()])
  return [
    ...checkReach(graphs, facts),
    ...checkEnvironments(graphs, facts),
    ...checkRenaming(document, facts),
    ...checkShared(document, facts),
    ...checkDefinitions(document, names),
    ...checkCommandLines(document, new Set([...names].filter((name) => !facts.files.has(name)))),
  ]
}

/** The credential of a public repository in a job that does not publish. */
function checkReach(graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const seen = new Set<string>()
  return graphs.flatMap((graph) =>
    [...writersIn(graph, facts)].flatMap(([job, reach]): Found[] => {
      const origin = facts.origins.get(job) ?? job
      if (reach.by === 'release' || facts.exempt.has(job) || seen.has(origin)) return []
      seen.add(origin)
      return [{ job, facts: { code: 'secrets/reachable', job: origin, kind: graph.kind, reach } }]
    }),
  )
}

/** A job that does not publish, with an environment whose name depends on unknown values. */
function checkEnvironments(graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  if (facts.credentials.length === 0) return []
  const found = new Map<string, Found>()
  const certain = new Set<string>()
  for (const graph of graphs) {
    for (const job of graph.jobs.values()) {
      if (facts.publishers.has(job.name) || facts.stagers.has(job.name) || facts.exempt.has(job.name)) continue
      const environment = publicEnvironment(job, graph)
      const origin = facts.origins.get(job.name) ?? job.name
      if (environment?.is === 'certain') certain.add(origin)
      if (environment === undefined || environment.is === 'certain' || found.get(origin)?.facts.code === 'secrets/environment') continue
      const code = environment.is === 'unknown' ? 'secrets/environment' : 'secrets/environment-default'
      found.set(origin, { job: origin, facts: { code, job: origin, environment: environment.name } })
    }
  }
  // The credential itself was already reported.
  return [...found].flatMap(([job, one]) => (certain.has(job) ? [] : [one]))
}

/** Finds credentials in the pipeline's own variables and inputs, which jobs see under any name. */
function checkRenaming({ variables, workflow, spec, include }: PipelineDocument, { credentials }: ReleaseFacts): readonly Found[] {
  const credentialIn = mentions(credentials)
  const parts = { variables, workflow: [workflow['name'] ?? '', ...variablesOfRules(workflow)], inputs: spec ?? {}, include: include ?? [] }
  return (['variables', 'workflow', 'inputs', 'include'] as const).flatMap((where): Found[] => {
    const credential = credentialIn(valuesIn(parts[where]).join('\n'))
    return credential === undefined ? [] : [{ job: undefined, facts: { code: 'secrets/renamed', variable: credential.variable, where } }]
  })
}

function variablesOfRules(holder: JobDocument): readonly JsonValue[] {
  return rulesIn(holder).flatMap((rule) => rule['variables'] ?? [])
}

/** Texts that are values. Those that are names are variables that the pipeline defines. */
function valuesIn(value: JsonValue | readonly JsonValue[]): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(valuesIn)
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(valuesIn) : []
}

/** The tokens of a deployment on another GitLab in a different job: anyone with them can deploy. */
function checkShared({ jobs }: PipelineDocument, { remotes, secrets }: ReleaseFacts): readonly Found[] {
  const owners = new Map([...remotes].flatMap(([owner, variables]) => variables.map((variable) => [variable, owner] as const)))
  if (owners.size === 0) return []
  const mentioned = new RegExp(`\\b(?:${[...owners.keys()].join('|')})\\b`)
  return Object.entries(jobs).flatMap(([job, body]): Found[] => {
    if (remotes.has(job)) return []
    const variable = secrets.get(job)?.find((name) => owners.has(name)) ?? mentioned.exec(textsIn(body).join('\n'))?.[0]
    const owner = variable === undefined ? undefined : owners.get(variable)
    return variable === undefined || owner === undefined ? [] : [{ job, facts: { code: 'secrets/shared', job, variable, owner } }]
  })
}

/** A variable with a secret's name whose value is in the pipeline: everybody can read it, and every job gets it. */
function checkDefinitions(document: PipelineDocument, names: ReadonlySet<string>): readonly Found[] {
  const outer: readonly (readonly [where: 'variables' | 'workflow', value: JsonValue])[] = [
    ['variables', document.variables],
    ...variablesOfRules(document.workflow).map((value) => ['workflow', value] as const),
  ]
  return [
    ...outer.flatMap(([where, value]) =>
      defined(value, names).map((variable): Found => ({ job: undefined, facts: { code: 'secrets/defined', variable, where } })),
    ),
    ...Object.entries(document.jobs).flatMap(([job, body]) => {
      const found = new Set([body['variables'], ...variablesOfRules(body)].flatMap((value) => defined(value, names)))
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
