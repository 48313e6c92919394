import { type GateLook, type ReleaseManifest, type ReleasePlan, readTokenVariable, UsageError } from '@stagegate/schema'
import { gatingJobs, lookAtGate, readApi } from '@stagegate/uploader/gitlab'
import type { Job } from './job.js'

/**
 * Checks once more the jobs before the gate, if there is a token for it. A rehearsal has no such jobs.
 * @throws {GateError} one of them has not passed
 */
export async function lookOnceMore({ plan, origin, environment }: Job, manifest: ReleaseManifest): Promise<GateLook | undefined> {
  if (origin.rehearsal) return undefined
  const token = process.env[readTokenVariable]
  if (token === undefined || token === '') return { jobs: [], notAsked: `${readTokenVariable} is not set` }
  refusePublishers(plan, token)
  return lookAtGate(manifest, gatingJobs(plan, manifest), readApi(plan.project, environment), environment)
}

/** The line of the log. */
export function gateLine({ jobs, notAsked }: GateLook): string {
  if (notAsked !== undefined) return `Not checked whether the jobs before the gate still pass: ${notAsked}.`
  return `The newest attempt of each of these jobs passed: ${jobs.map(({ name }) => name).join(', ')}.`
}

/** GitLab's API never sees a credential that publishes. */
function refusePublishers({ repositories }: ReleasePlan, token: string): void {
  const writing = Object.values(repositories).flatMap(({ credentials }) => credentials.write)
  const same = writing.find((name) => name === readTokenVariable || process.env[name] === token)
  if (same === undefined) return
  throw new UsageError({
    code: 'usage/read-token',
    what: `${readTokenVariable} holds the credential ${same}`,
    next: 'Nothing was sent. Give it a separate token with only the scope read_api, or remove the variable.',
  })
}
