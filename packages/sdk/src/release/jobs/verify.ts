import { incompleteExitCode, jobFolders } from '@stagegate/schema'
import { Duration } from '../../duration.js'
import { GeneratedJob } from '../../job/job.js'
import { readingOf } from '../read-back.js'
import type { ReleaseTarget } from '../target.js'
import { commandScript } from './command.js'
import { isolatedJob } from './credential-job.js'
import { usersSecrets } from './users-secrets.js'

/** Reads the public repository as its users do, without a publisher's credential. */
export function verifyJob(target: ReleaseTarget): GeneratedJob {
  return new GeneratedJob(
    () => target.jobName('verify'),
    () => {
      const { release, jobs, props } = target
      const { image } = readingOf(props.verify ?? 'http')
      return {
        keywords: {
          ...isolatedJob(release, 'verify'),
          ...(image !== undefined && { image }),
          timeout: Duration.hours(1),
          retry: { max: 2, when: ['runner_system_failure'], exitCodes: [incompleteExitCode] },
          script: commandScript(release, ['verify', '--target', target.label]),
          artifacts: {
            when: 'always',
            paths: [`${jobFolders.verifications}/`],
            reports: { junit: `${jobFolders.verifications}/*.junit.xml` },
            expireIn: 'never',
            access: 'developer',
          },
        },
        secrets: usersSecrets([target]),
        wholeCondition: false,
        byRoute: true,
        inKind: (kind) => {
          if ((target.routes.get(kind)?.public.length ?? 0) === 0) return undefined
          // An artifact that the receipt saw in public, and that is missing now, is gone and not late.
          const needs = [release.jobs.prepare, jobs.seal, jobs.publish]
          return { start: 'automatic', needs, variables: {} }
        },
      }
    },
  )
}
