import { isObject, type JobDocument, type PipelineDocument, text } from '../../gitlab/document.js'
import { audiencesIn, audiencesOf } from '../../graph/audience.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { fits } from '../../name-pattern.js'
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
  const places = placesIn(job.document)
  for (const { variable, repository, vault } of inVault) {
    const audience = audiences.find((aud) => canBe(aud, vault.aud))
    if (audience !== undefined) return { by: 'id-token', from: audience, variable, repository }
    const place = places.find((one) => one === placeOf(vault.path))
    if (place !== undefined) return { by: 'vault', from: vault.path, variable, repository }
  }
  return undefined
}

/** A variable whose value nobody knows can be anything. */
function canBe(audience: string, wanted: string): boolean {
  return fits(wanted, audience.replaceAll(/\$(?:\{\w+\}|\w+)/g, '*'))
}

/** The values that the job's own `secrets` fetch from Vault. */
function placesIn(document: JobDocument): readonly string[] {
  const { secrets } = document
  if (!isObject(secrets)) return []
  return Object.values(secrets).flatMap((secret) => {
    const vault = isObject(secret) ? secret['vault'] : undefined
    if (typeof vault === 'string') return [placeOf(vault)]
    if (!isObject(vault)) return []
    const engine = isObject(vault['engine']) ? text(vault['engine']['path']) : undefined
    return [placeOf(`${text(vault['path'])}/${text(vault['field'])}${engine === undefined ? '' : `@${engine}`}`)]
  })
}

/** GitLab's own engine path, where none is said. @see https://docs.gitlab.com/ci/yaml/#secretsvault */
function placeOf(path: string): string {
  return path.includes('@') ? path : `${path}@kv-v2`
}

/** Where a variable's secret comes from, by what the jobs of a pipeline say themselves: of pipelines whose tree is not known. */
export function vaultIn({ jobs }: PipelineDocument, variable: string): VaultPlace | undefined {
  for (const { secrets, id_tokens: tokens } of Object.values(jobs)) {
    const secret = isObject(secrets) ? secrets[variable] : undefined
    const [path] = placesIn({ secrets: { [variable]: secret ?? null } })
    if (path === undefined || !isObject(secret) || !isObject(tokens)) continue
    const shown = text(secret['token'])?.replace(/^\$\{?(\w+)\}?$/, '$1')
    const [aud] = audiencesIn(shown === undefined ? tokens : { token: tokens[shown] ?? null })
    if (aud !== undefined) return { path, aud }
  }
  return undefined
}
