import { jobFolders } from '@stagegate/schema'
import { GeneratedJob, type JobInKind, type Need } from '../../job/job.js'
import type { PipelineKind } from '../../kind.js'
import { unique } from '../../secret.js'
import { leading } from '../route.js'
import type { ReleaseTarget } from '../target.js'
import { commandScript } from './command.js'
import { credentialJob } from './credential-job.js'

/** Waits for a click, then copies the sealed artifacts from staging to their public repositories. */
export function publishJob(target: ReleaseTarget): GeneratedJob {
  return new GeneratedJob(
    () => target.jobName('publish'),
    () => {
      const { release } = target
      const published = [...target.routes.values()].filter((route) => route.public.length > 0)
      const environments = new Set(published.map((route) => leading(route)?.label ?? ''))
      const [only = ''] = environments
      const name = environments.size > 1 ? '$STAGEGATE_REPOSITORY' : only
      return {
        keywords: {
          ...credentialJob(release, {
            stage: 'publish',
            environment: `public/${name}`,
            tier: 'production',
            deploys: release.approvals,
            lock: `public/${name}/${release.prefix}${target.label}`,
          }),
          script: commandScript(release, ['publish', '--target', target.label]),
          artifacts: {
            when: 'always',
            paths: [`${jobFolders.receipts}/`],
            reports: { junit: `${jobFolders.receipts}/*.junit.xml` },
            expireIn: 'never',
            access: 'developer',
          },
        },
        secrets: unique(
          published.flatMap((route) => [...(route.staging?.at.read ?? []), ...route.public.flatMap(({ repo }) => repo.at.write)]),
        ),
        wholeCondition: true,
        byRoute: true,
        inKind: (kind) => {
          const route = target.routes.get(kind)
          if (route === undefined || route.public.length === 0) return undefined
          const variables: Record<string, string> = environments.size > 1 ? { STAGEGATE_REPOSITORY: leading(route)?.label ?? '' } : {}
          return { ...startIn(kind, target), variables }
        },
      }
    },
  )
}

/** How the job starts in a kind, and which jobs it waits for. */
function startIn(kind: PipelineKind, { release, jobs, optional }: ReleaseTarget): Pick<JobInKind, 'start' | 'needs'> {
  // An optional target is sealed after the approval, so the approval of the release does not cover it. It has its own click.
  const once = release.approval === 'once' && !optional
  const seals: readonly Need[] = optional ? [{ job: release.jobs.seal, artifacts: false }, jobs.seal] : [jobs.seal]
  const needs = [release.jobs.prepare, ...seals, ...(once ? [release.jobs.approve] : []), ...release.gatesIn(kind)]
  return { start: once ? 'automatic' : 'blocking', needs }
}
