import { stagingTag } from '@stagegate/schema'
import { Duration } from '../../duration.js'
import { GeneratedJob } from '../../job/job.js'
import type { RepositoryAddress } from '../../repository/index.js'
import { unique } from '../../secret.js'
import { settingsOf } from '../../settings.js'
import type { BuildOutput, BuildProps, ReleaseTarget } from '../target.js'

/** The author's script; what it builds are the job's artifacts. */
export function buildJob(
  target: ReleaseTarget,
  { needs = [], keep = Duration.days(3), tags, ...build }: BuildProps,
  { files, image }: Pick<BuildOutput, 'files' | 'image'>,
): GeneratedJob {
  // Without files, an image: the script pushes it to staging.
  const pushes = files.length === 0 && image !== undefined
  const staged = [...new Set([...target.routes.values()].flatMap(({ staging }) => staging ?? []))]
  return new GeneratedJob(
    () => target.jobName('build'),
    () => ({
      keywords: {
        stage: 'build',
        tags: tags ?? settingsOf(target).tags,
        ...build,
        ...(target.optional && { allowFailure: true }),
        ...(!pushes && { artifacts: { paths: files, expireIn: keep, access: 'developer' } }),
      },
      secrets: pushes ? unique(staged.flatMap(({ at }) => at.write)) : [],
      wholeCondition: false,
      byRoute: false,
      inKind: (kind) => {
        const route = target.routes.get(kind)
        if (route === undefined) return undefined
        const variables: Record<string, string> =
          pushes && route.staging !== undefined ? { STAGEGATE_IMAGE: reference(route.staging.at, image) } : {}
        return { start: 'automatic', needs, variables }
      },
    }),
  )
}

/** The reference under which a build pushes an image to staging; `stage` looks for the same tag. */
function reference({ origin, settings }: RepositoryAddress, image: string): string {
  const host = origin === '' ? '' : `${new URL(origin).host}/`
  const prefix = typeof settings['prefix'] === 'string' ? `${settings['prefix']}/` : ''
  return `${host}${prefix}${image}:${stagingTag('$CI_COMMIT_SHORT_SHA', '$CI_PIPELINE_ID')}`
}
