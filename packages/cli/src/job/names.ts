import type { ReleasePlan } from '@stagegate/schema'
import { findRelease, findTarget } from '@stagegate/uploader/gitlab'

/** The name of the job for the one named target; for several, the release's own name replaces them. */
export function publishJobName(plan: ReleasePlan, targets: readonly string[] | undefined, release: string | undefined): string {
  return jobName(plan, 'publish', targets, release)
}
export function verifyJobName(plan: ReleasePlan, targets: readonly string[] | undefined, release: string | undefined): string {
  return jobName(plan, 'verify', targets, release)
}

function jobName(
  plan: ReleasePlan,
  phase: 'publish' | 'verify',
  targets: readonly string[] | undefined,
  release: string | undefined,
): string {
  const [only, ...others] = targets ?? []
  if (only !== undefined && others.length === 0) return findTarget(plan, only, release).target.jobs[phase]
  return `${phase} ${findRelease(plan, release).id}`
}
