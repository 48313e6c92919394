import type { JsonValue } from '@stagegate/schema'
import { isObject } from '../gitlab/document.js'
import { expansionsOf } from './expansion.js'
import type { KindGraph, KindJob } from './kinds.js'
import { takesDefault } from './visible.js'

/** The audiences of a job's ID tokens, in each way in which it exists; or only those of the token with this name. */
export function audiencesOf(job: KindJob, graph: KindGraph, name = ''): readonly string[] {
  const tokens = tokensOf(job, graph)
  const named = isObject(tokens) ? tokens[name] : undefined
  return [...new Set(audiencesIn(named === undefined ? tokens : { [name]: named }).flatMap((aud) => expansionsOf(aud, job, graph)))]
}

/** Whether a variable of a job is an ID token. */
export function hasToken(job: KindJob, graph: KindGraph, name: string): boolean {
  const tokens = tokensOf(job, graph)
  return isObject(tokens) && isObject(tokens[name])
}

function tokensOf({ document }: KindJob, { defaults }: KindGraph): JsonValue | undefined {
  return document['id_tokens'] ?? (takesDefault(document, 'id_tokens') ? defaults['id_tokens'] : undefined)
}

/** The audiences of the job's `id_tokens`. */
export function audiencesIn(tokens: JsonValue | undefined): readonly string[] {
  if (!isObject(tokens)) return []
  return Object.values(tokens)
    .flatMap((token) => (isObject(token) ? [token['aud'] ?? null] : []))
    .flat()
    .filter((aud) => typeof aud === 'string')
}
