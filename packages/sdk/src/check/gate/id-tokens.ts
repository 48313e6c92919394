import { posix } from 'node:path'
import type { JsonValue } from '@stagegate/schema'
import { isObject, type JobDocument, type PipelineDocument, text } from '../../gitlab/document.js'
import { audiencesIn, audiencesOf } from '../../graph/audience.js'
import { canBe, expansionsOf } from '../../graph/expansion.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import type { VaultPlace } from '../../secret.js'
import type { Credential } from './facts.js'

interface Fetched {
  readonly by: 'id-token' | 'vault'
  readonly from: string
  readonly variable: string
  readonly repository: string
}

/**
 * The credential in Vault that a job can fetch: it asks for an ID token of that audience, whatever it does with it, or
 * names the same place. What the role in Vault lets through besides is not known here.
 */
export function fetchedBy(job: KindJob, graph: KindGraph, credentials: readonly Credential[]): Fetched | undefined {
  const inVault = credentials.flatMap(({ vault, ...credential }) => (vault === undefined ? [] : [{ ...credential, vault }]))
  if (inVault.length === 0) return undefined
  const audiences = audiencesOf(job, graph)
  const places = placesIn(job.document).flatMap((place) => expansionsOf(place, job, graph))
  for (const { variable, repository, vault } of inVault) {
    const audience = audiences.find((aud) => canBe(aud, vault.aud))
    if (audience !== undefined) return { by: 'id-token', from: audience, variable, repository }
    const place = places.find((one) => canBe(posix.join('/', one), placeOf(vault.path)))
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
    if (short === undefined) return []
    const engine = isObject(vault) && isObject(vault['engine']) ? text(vault['engine']['name']) : undefined
    return [placeOf(short, engine)]
  })
}

/**
 * The address of a secret that is written as `path/field@mount`. GitLab's runner joins the parts as a path, so that further slashes
 * change nothing; only the engine `kv-v2` adds `data`. Without a mount it is `kv-v2`.
 * @see helpers/vault/secret_engines of the runner, https://docs.gitlab.com/ci/yaml/#secretsvault
 */
function placeOf(short: string, engine = 'kv-v2'): string {
  const at = short.lastIndexOf('@')
  const [path, mount] = at === -1 ? [short, 'kv-v2'] : [short.slice(0, at), short.slice(at + 1)]
  return posix.join('/', mount, engine === 'kv-v2' ? 'data' : '', path)
}

/** Where a variable's secret comes from, by what the jobs of a pipeline say themselves: of pipelines whose tree is not known. */
export function vaultIn({ jobs }: PipelineDocument, variable: string): VaultPlace | undefined {
  for (const { secrets, id_tokens: tokens } of Object.values(jobs)) {
    const secret = isObject(secrets) ? secrets[variable] : undefined
    const path = isObject(secret) ? shortOf(secret['vault']) : undefined
    if (path === undefined || !isObject(secret) || !isObject(tokens)) continue
    const shown = text(secret['token'])?.replace(/^\$\{?(\w+)\}?$/, '$1')
    const [aud] = audiencesIn(shown === undefined ? tokens : { token: tokens[shown] ?? null })
    if (aud !== undefined) return { path, aud }
  }
  return undefined
}

/** A place in Vault as `path/field@engine`. */
function shortOf(vault: JsonValue | undefined): string | undefined {
  if (!isObject(vault)) return text(vault)
  const mount = isObject(vault['engine']) ? text(vault['engine']['path']) : undefined
  return `${text(vault['path'])}/${text(vault['field'])}@${mount ?? 'kv-v2'}`
}
