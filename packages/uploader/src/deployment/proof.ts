import { deploymentVariables, digestOf, type Instant, type PlannedRemote, type ReleaseManifest } from '@stagegate/schema'
import type { Call } from '../contract/capabilities.js'
import { named, shown } from '../contract/shown.js'
import { filledIn, keyOf, type ReleaseVariables } from './key.js'
import type { Pipeline, ProjectPipelines } from './pipelines.js'

/** How many milliseconds a server's clock and the sealing job's may differ. */
const skew = 60_000

export interface ProofPorts {
  readonly manifest: ReleaseManifest
  readonly deployment: string
  readonly remote: PlannedRemote
  readonly pipelines: Pick<ProjectPipelines, 'variables'>
}

/** The variables about the release for a pipeline that is started with this key. */
export function givenTo(manifest: ReleaseManifest, key: string): ReleaseVariables {
  return {
    [deploymentVariables.version]: manifest.version,
    [deploymentVariables.manifestDigest]: digestOf(manifest),
    [deploymentVariables.key]: key,
  }
}

/**
 * Why a pipeline, as GitLab shows it, cannot belong to a deployment that was started up to so many times; `undefined` if it can.
 * A note alone proves nothing: others may be able to write one.
 */
export async function misfit(pipeline: Pipeline, starts: number, ports: ProofPorts, call: Call): Promise<string | undefined> {
  const keys = Array.from({ length: Math.max(1, starts) }, (_, index) => keyOf(ports.manifest, ports.deployment, index + 1))
  const found = [...visibleMisfits(pipeline, ports), await keyMisfit(pipeline, keys, ports, call)].filter((one) => one !== undefined)
  return found.length === 0 ? undefined : found.join(', and ')
}

/** The differences that show without the key. */
export function visibleMisfits({ id, ref, web_url, created_at }: Pipeline, { manifest, remote }: Omit<ProofPorts, 'pipelines'>): string[] {
  const { pathname } = new URL(web_url)
  const isThere = pathname.toLowerCase().endsWith(`/${remote.project}/-/pipelines/${id}`.toLowerCase())
  return [
    ...(isThere ? [] : [`it is at ${named(pathname)}, not in ${remote.project}`]),
    ...(ref === remote.ref ? [] : [`it is for ${named(ref)}, not for ${remote.ref}`]),
    ...(isBefore(created_at, manifest.sealedAt) ? [`it was created at ${created_at}, before the seal at ${manifest.sealedAt}`] : []),
  ]
}

function isBefore(created: string, sealedAt: Instant): boolean {
  return !(Date.parse(created) >= Date.parse(sealedAt) - skew)
}

/** A project that names its pipelines by the key shows it; otherwise its variables do, if the token may read them. */
async function keyMisfit({ id, name }: Pipeline, keys: readonly string[], ports: ProofPorts, call: Call): Promise<string | undefined> {
  if (keys.some((key) => key === name)) return undefined
  const called = `its name is ${name === null || name === undefined ? 'none' : shown(name)}, not ${keys.at(-1)}`
  const variables = await ports.pipelines.variables(id, call)
  if (variables === undefined) return `${called}, and the token cannot read its variables`
  const isGiven = keys.some((key) => {
    const expected = Object.entries(filledIn(ports.remote.variables, givenTo(ports.manifest, key)))
    // Without the key, these variables could belong to any pipeline of this release.
    return expected.some(([, value]) => value.includes(key)) && expected.every(([variable, value]) => variables.get(variable) === value)
  })
  return isGiven ? undefined : `${called}, and its variables are not those of this deployment`
}
