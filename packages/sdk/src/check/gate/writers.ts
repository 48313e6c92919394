import type { JsonObject, JsonValue } from '@stagegate/schema'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { environmentOf, expanded, isPublicEnvironment } from './environment.js'
import type { ReleaseFacts } from './facts.js'

/** Why a job can write to a public repository. */
export type Reach =
  | { readonly by: 'release' }
  | { readonly by: 'declared' | 'used'; readonly variable: string; readonly repository: string }
  | { readonly by: 'environment'; readonly environment: string }

/** How each job of the kind can write to a public repository, if it can. Those that are exempt are among them. */
export function writersIn(graph: KindGraph, facts: ReleaseFacts): ReadonlyMap<string, Reach> {
  const names = facts.credentials.map(({ variable }) => variable)
  const mentioned = names.length === 0 ? undefined : new RegExp(`\\b(?:${names.join('|')})\\b`)
  return new Map(
    [...graph.jobs.values()].flatMap((job): [string, Reach][] => {
      const reach = reachOf(job, graph, facts, mentioned)
      return reach === undefined ? [] : [[job.name, reach]]
    }),
  )
}

function reachOf(job: KindJob, graph: KindGraph, facts: ReleaseFacts, mentioned: RegExp | undefined): Reach | undefined {
  if (facts.publishers.has(job.name)) return { by: 'release' }
  const declared = facts.secrets.get(job.name) ?? []
  const credential = facts.credentials.find(({ variable }) => declared.includes(variable))
  if (credential !== undefined) return { by: 'declared', ...credential }
  const word = mentioned === undefined ? undefined : mentioned.exec(textOf(job.document))?.[0]
  const used = facts.credentials.find(({ variable }) => variable === word)
  if (used !== undefined) return { by: 'used', ...used }
  const name = environmentOf(job.document)
  if (name === undefined) return undefined
  // GitLab gives the variables of a scope to whatever job names its environment, also to one that only looks.
  const environment = job.ways.map((way) => expanded(name, graph, job.document, way)).find(isPublicEnvironment)
  return environment === undefined ? undefined : { by: 'environment', environment }
}

const texts = new WeakMap<JsonObject, string>()

/** Everything that a job says, in one text; the job is the same in all kinds. */
function textOf(job: JsonObject): string {
  const text = texts.get(job) ?? textsIn(job).join('\n')
  texts.set(job, text)
  return text
}

/** Every text in a value, keys too. */
export function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, one]) => [key, ...textsIn(one)]) : []
}
