import type { JsonObject, JsonValue } from '@stagegate/schema'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { rulesIn } from '../../graph/rules.js'
import { takesDefault } from '../../graph/visible.js'
import type { Reach } from '../../issue/facts.js'
import { publicEnvironment } from './environment.js'
import type { Credential, ReleaseFacts } from './facts.js'
import { fetchedBy } from './id-tokens.js'

/** How each job of the kind can write to a public repository, if it can. Exempt jobs are included. */
export function writersIn(graph: KindGraph, facts: ReleaseFacts): ReadonlyMap<string, Reach> {
  const known = writers.get(facts)?.get(graph)
  if (known !== undefined) return known
  const reachOf = reachesIn(graph, facts)
  const found = new Map(
    [...graph.jobs.values()].flatMap((job): [string, Reach][] => {
      const reach = reachOf(job)
      return reach === undefined ? [] : [[job.name, reach]]
    }),
  )
  const ofFacts = writers.get(facts) ?? new WeakMap<KindGraph, ReadonlyMap<string, Reach>>()
  writers.set(facts, ofFacts.set(graph, found))
  return found
}

/** Several checks use the writers of the same graph. */
const writers = new WeakMap<ReleaseFacts, WeakMap<KindGraph, ReadonlyMap<string, Reach>>>()

function reachesIn(graph: KindGraph, facts: ReleaseFacts): (job: KindJob) => Reach | undefined {
  const credentialIn = mentions(facts.credentials)
  const inDefaults = Object.entries(graph.defaults).flatMap(([keyword, value]) => {
    const credential = credentialIn(textsIn(value).join('\n'))
    return credential === undefined ? [] : [{ keyword, credential }]
  })
  return (job) => {
    if (facts.publishers.has(job.name)) return { by: 'release' }
    const declared = facts.secrets.get(job.name) ?? []
    const credential = facts.credentials.find(({ variable }) => declared.includes(variable))
    if (credential !== undefined) return { by: 'declared', ...named(credential) }
    const used = credentialIn(textOf(job.document)) ?? inDefaults.find(({ keyword }) => takesDefault(job.document, keyword))?.credential
    if (used !== undefined) return { by: 'used', ...named(used) }
    return fetchedBy(job, graph, facts.credentials) ?? (facts.hasScopes ? environmentReach(job, graph) : undefined)
  }
}

/**
 * Finds the first credential that a text uses: the shell's and GitLab's ways to write a variable, a program that gets its name, and a text
 * that is only the name. A sentence that mentions the name does not use it.
 */
export function mentions(credentials: readonly Credential[]): (text: string) => Credential | undefined {
  if (credentials.length === 0) return () => undefined
  const names = new RegExp(`\\b(?:${credentials.map(({ variable }) => variable).join('|')})\\b`, 'g')
  return (text) => {
    for (const { 0: name, index } of text.matchAll(names))
      if (isUsed(text, index, index + name.length)) return credentials.find(({ variable }) => variable === name)
    return undefined
  }
}

/** How much of a line before a name is searched: so the time grows only with the length of the text. */
const longestContext = 500

function isUsed(text: string, start: number, end: number): boolean {
  const before =
    text
      .slice(Math.max(0, start - longestContext), start)
      .split('\n')
      .at(-1) ?? ''
  if (/[$%:.[({=]['"`]?$/.test(before) || usingCommand.test(before)) return true
  return before.trim() === '' && /^[ \t]*(?:\n|$)/.test(text.slice(end, end + longestContext))
}

/** Commands and options that take the name of a variable, and commands that print all variables. */
const usingCommand = /(?:\b(?:printenv|export|unset|declare|read)|(?:^|\s)--?[\w-]{1,60})\s+['"]?$|\b(?:env|printenv|set)\b[^|]*\|/

function named({ variable, repository }: Credential): { readonly variable: string; readonly repository: string } {
  return { variable, repository }
}

/** GitLab gives the variables of a scope to every job that names its environment, even one that only accesses it. */
function environmentReach(job: KindJob, graph: KindGraph): Reach | undefined {
  const environment = publicEnvironment(job, graph)
  return environment?.is === 'certain' ? { by: 'environment', environment: environment.name } : undefined
}

const texts = new WeakMap<JsonObject, string>()

/** All texts of a job in one; the job is the same in all kinds. A condition tests a variable, and does not use it. */
function textOf(job: JsonObject): string {
  const known = texts.get(job)
  if (known !== undefined) return known
  const { rules: _, only: __, except: ___, ...rest } = job
  const without = rulesIn(job).map(({ if: ____, ...rule }) => rule)
  const text = [...textsIn(rest), ...without.flatMap(textsIn)].join('\n')
  texts.set(job, text)
  return text
}

/** Every text in a value, keys too. */
export function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return [value]
  return Object.entries(value ?? {}).flatMap(([key, one]) => [key, ...textsIn(one)])
}
