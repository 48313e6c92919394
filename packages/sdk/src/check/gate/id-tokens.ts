import { posix } from 'node:path'
import type { JsonValue } from '@stagegate/schema'
import { isObject, type JobDocument, text } from '../../gitlab/document.js'
import { audiencesOf, hasToken } from '../../graph/audience.js'
import { canBe, expansionsOf } from '../../graph/expansion.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import type { Credential, FetchedFrom } from './facts.js'

interface Fetched {
  readonly by: 'id-token' | 'vault'
  readonly from: string
  readonly variable: string
  readonly repository: string
}

/**
 * The credential that a job can get with an ID token: it requests one with that audience, whatever it does with it, or names the same place
 * in Vault. What else a role in Vault or in a cloud accepts is not known here.
 */
export function fetchedBy(job: KindJob, graph: KindGraph, credentials: readonly Credential[]): Fetched | undefined {
  const audiences = audiencesOf(job, graph)
  const places = placesIn(job.document).flatMap((place) => expansionsOf(place, job, graph))
  for (const { variable, repository, vault, idToken } of credentials) {
    const wanted = vault?.aud ?? idToken?.aud
    const audience = wanted === undefined ? undefined : audiences.find((aud) => canBe(aud, wanted))
    if (audience !== undefined) return { by: 'id-token', from: audience, variable, repository }
    if (vault === undefined) continue
    const place = places.find((one) => canBe(posix.normalize(one), placeOf(vault.path, vault.engine)))
    if (place !== undefined) return { by: 'vault', from: vault.path, variable, repository }
  }
  return undefined
}

/** The values that the job's own `secrets` fetch from Vault, as addresses of its API. */
function placesIn({ secrets }: JobDocument): readonly string[] {
  if (!isObject(secrets)) return []
  return Object.values(secrets).flatMap((secret) => {
    const vault = isObject(secret) ? secret['vault'] : undefined
    const short = shortOf(vault)
    return short === undefined ? [] : [placeOf(short, engineOf(vault))]
  })
}

/**
 * The address of a secret written as `path/field@mount`. GitLab's runner joins the parts as a path, so more slashes change nothing; only
 * the engine `kv-v2` adds `data`. Without a mount it is `kv-v2`.
 * @see helpers/vault/secret_engines of the runner, https://docs.gitlab.com/ci/yaml/#secretsvault
 */
function placeOf(short: string, engine = 'kv-v2'): string {
  const at = short.lastIndexOf('@')
  const [path, mount] = at === -1 ? [short, 'kv-v2'] : [short.slice(0, at), short.slice(at + 1)]
  return posix.join('/', mount, engine === 'kv-v2' ? 'data' : '', path)
}

/** The credentials with the places and the audiences that a pipeline's own jobs name, for pipelines whose tree is unknown. */
export function withFetched(credentials: readonly Credential[], graphs: readonly KindGraph[]): readonly Credential[] {
  return credentials.flatMap((credential) => {
    const found = graphs.flatMap((graph) => [...graph.jobs.values()].flatMap((job) => waysOf(job, graph, credential.variable)))
    const ways = new Map(found.map((way) => [JSON.stringify(way), way]))
    return ways.size === 0 ? [credential] : [...ways.values()].map((way) => ({ ...credential, ...way }))
  })
}

function waysOf(job: KindJob, graph: KindGraph, variable: string): readonly Pick<Credential, 'vault' | 'idToken'>[] {
  const tokens = hasToken(job, graph, variable) ? audiencesOf(job, graph, variable) : []
  return [...vaultsOf(job, graph, variable).map((vault) => ({ vault })), ...tokens.map((aud) => ({ idToken: { aud } }))]
}

function vaultsOf(job: KindJob, graph: KindGraph, variable: string): readonly FetchedFrom[] {
  const { secrets } = job.document
  const secret = isObject(secrets) ? secrets[variable] : undefined
  const vault = isObject(secret) ? secret['vault'] : undefined
  const short = shortOf(vault)
  if (short === undefined || !isObject(secret)) return []
  const shown = text(secret['token'])?.replace(/^\$\{?(\w+)\}?$/, '$1')
  const paths = expansionsOf(short, job, graph)
  return audiencesOf(job, graph, shown).flatMap((aud) => paths.map((path) => ({ path, aud, engine: engineOf(vault) })))
}

function engineOf(vault: JsonValue | undefined): string | undefined {
  return isObject(vault) && isObject(vault['engine']) ? text(vault['engine']['name']) : undefined
}

/** A place in Vault as `path/field@engine`. */
function shortOf(vault: JsonValue | undefined): string | undefined {
  if (!isObject(vault)) return text(vault)
  const mount = isObject(vault['engine']) ? text(vault['engine']['path']) : undefined
  return `${text(vault['path'])}/${text(vault['field'])}@${mount ?? 'kv-v2'}`
}
