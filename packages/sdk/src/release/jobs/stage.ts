import { jobFolders, kindVariable } from '@stagegate/schema'
import { GeneratedJob } from '../../job/job.js'
import { unique } from '../../secret.js'
import type { ReleaseTarget } from '../target.js'
import { commandScript } from './command.js'
import { credentialJob } from './credential-job.js'

/** Uploads to staging and writes the staging record. */
export function stageJob(target: ReleaseTarget): GeneratedJob {
  return new GeneratedJob(
    () => target.jobName('stage'),
    () => {
      const { release, jobs } = target
      const repositories = new Set([...target.routes.values()].flatMap(({ staging }) => staging ?? []))
      const [only] = repositories
      const name = repositories.size === 1 && only !== undefined ? only.label : '$STAGEGATE_REPOSITORY'
      return {
        keywords: {
          ...credentialJob(release, {
            stage: 'stage',
            environment: `staging/${name}`,
            tier: 'staging',
            lock: `staging/${name}/${release.prefix}${target.label}`,
          }),
          ...(target.optional && { allowFailure: true }),
          script: commandScript(release, ['stage', '--target', target.label]),
          artifacts: { when: 'always', paths: [`${jobFolders.records}/`], expireIn: release.keep, access: 'developer' },
        },
        secrets: unique([...repositories].flatMap(({ at }) => at.write)),
        wholeCondition: true,
        byRoute: true,
        inKind: (kind) => {
          const staging = target.routes.get(kind)?.staging
          if (staging === undefined) return undefined
          // The job inherits no variables, so its rule sets the kind.
          const variables = { [kindVariable]: kind.label, ...(repositories.size > 1 && { STAGEGATE_REPOSITORY: staging.label }) }
          return { start: 'automatic', needs: [release.jobs.prepare, jobs.build], variables }
        },
      }
    },
  )
}
