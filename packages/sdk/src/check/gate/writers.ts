import type { JsonObject, JsonValue } from '@stagegate/schema'
import { environmentsOf } from '../../graph/environment.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { takesDefault } from '../../graph/visible.js'
import type { Reach } from '../../issue/facts.js'
import { isPublicEnvironment } from './environment.js'
import type { Credential, ReleaseFacts } from './facts.js'
import { fetchedBy } from './id-tokens.js'

/** How each job of the kind can write to a public repository, if it can. Those that are exempt are among them. */
export function writersIn(graph: KindGraph, facts: ReleaseFacts): ReadonlyMap<string, Reach> {
  const credentialIn = mentions(facts.credentials)
  const inDefaults = Object.entries(graph.defaults).flatMap(([keyword, value]) => {
    const credential = credentialIn(textsIn(value).join('\n'))
    return credential === undefined ? [] : [{ keyword, credential }]
  })
  const reachOf = (job: KindJob): Reach | undefined => {
    if (facts.publishers.has(job.name)) return { by: 'release' }
    const declared = facts.secrets.get(job.name) ?? []
    const credential = facts.credentials.find(({ variable }) => declared.includes(variable))
    if (credential !== undefined) return { by: 'declared', ...named(credential) }
    const used = credentialIn(textOf(job.document)) ?? inDefaults.find(({ keyword }) => takesDefault(job.document, keyword))?.credential
    if (used !== undefined) return { by: 'used', ...named(used) }
    return fetchedBy(job, graph, facts.credentials) ?? environmentReach(job, graph)
  }
  return new Map(
    [...graph.jobs.values()].flatMap((job): [string, Reach][] => {
      const reach = reachOf(job)
      return reach === undefined ? [] : [[job.name, reach]]
    }),
  )
}

/** Finds the first credential that a text names. */
export function mentions(credentials: readonly Credential[]): (text: string) => Credential | undefined {
  if (credentials.length === 0) return () => undefined
  const mentioned = new RegExp(`\\b(?:${credentials.map(({ variable }) => variable).join('|')})\\b`)
  return (text) => {
    const word = mentioned.exec(text)?.[0]
    return word === undefined ? undefined : credentials.find(({ variable }) => variable === word)
  }
}

function named({ variable, repository }: Credential): { readonly variable: string; readonly repository: string } {
  return { variable, repository }
}

/** GitLab gives the variables of a scope to whatever job names its environment, also to one that only looks. */
function environmentReach(job: KindJob, graph: KindGraph): Reach | undefined {
  const environment = environmentsOf(job, graph).find(isPublicEnvironment)
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
