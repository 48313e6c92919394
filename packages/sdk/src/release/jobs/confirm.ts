import { GeneratedJob } from '../../job/job.js'
import { settingsOf } from '../../settings.js'
import type { Deployment } from '../deployment.js'

/** Checks what a deployment really runs: the end of a pipeline does not prove that. */
export function confirmJob(deployment: Deployment, script: readonly string[]): GeneratedJob {
  const { release, label } = deployment
  return new GeneratedJob(
    () => `confirm: [${release.prefix}${label}]`,
    () => {
      const { image, tags } = settingsOf(release)
      return {
        keywords: { stage: 'deploy', image, tags, interruptible: false, script },
        secrets: [],
        wholeCondition: false,
        byRoute: false,
        inKind: (kind) => {
          if (!deployment.isIn(kind)) return undefined
          return {
            start: 'automatic',
            needs: [release.jobs.prepare, release.jobs.seal, { job: deployment.job, artifacts: false }],
            variables: {},
          }
        },
      }
    },
  )
}
