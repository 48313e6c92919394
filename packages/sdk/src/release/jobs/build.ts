import { Duration } from '../../duration.js'
import { GeneratedJob } from '../../gitlab/job.js'
import { settingsOf } from '../../settings.js'
import type { BuildProps, ReleaseTarget } from '../target.js'

/** The author's script; what it builds are the job's artifacts. */
export function buildJob(
  target: ReleaseTarget,
  { needs = [], keep = Duration.days(3), tags, ...build }: BuildProps,
  files: readonly string[],
): GeneratedJob {
  return new GeneratedJob(
    () => target.jobName('build'),
    () => ({
      keywords: {
        stage: 'build',
        tags: tags ?? settingsOf(target).tags,
        ...build,
        ...(target.optional && { allowFailure: true }),
        artifacts: { paths: files, expireIn: keep, access: 'developer' },
      },
      secrets: [],
      wholeCondition: false,
      byRoute: false,
      inKind: (kind) => (target.routes.has(kind) ? { start: 'automatic', needs, variables: {} } : undefined),
    }),
  )
}
