import { type Flavour, stagingTag } from '@stagegate/schema'
import { Duration } from '../../duration.js'
import { isRecord } from '../../form/keyword.js'
import { GeneratedJob } from '../../job/job.js'
import type { ArtifactsProps } from '../../keyword/artifacts.js'
import type { RepositoryAddress } from '../../repository/index.js'
import { unique } from '../../secret.js'
import { settingsOf } from '../../settings.js'
import type { BuildArtifacts, BuildProps } from '../build-props.js'
import type { BuildOutput, ReleaseTarget } from '../target.js'

/** Runs the author's script and keeps the built files as artifacts. */
export function buildJob(
  target: ReleaseTarget,
  { needs = [], secrets = [], keep = Duration.days(3), tags, artifacts, ...build }: BuildProps,
  { files, image, flavour }: BuildOutput,
): GeneratedJob {
  // A target without files is an image: the script pushes it to staging.
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
        ...((!pushes || artifacts !== undefined) && { artifacts: kept(files, keep, artifacts) }),
      },
      secrets: unique([...secrets, ...(pushes ? staged.flatMap(({ at }) => at.write) : [])]),
      wholeCondition: false,
      byRoute: false,
      inKind: (kind) => {
        const route = target.routes.get(kind)
        if (route === undefined) return undefined
        const variables: Record<string, string> =
          pushes && route.staging !== undefined ? { STAGEGATE_IMAGE: reference(route.staging.at, image, flavour) } : {}
        return { start: 'automatic', needs, variables }
      },
    }),
  )
}

/** The target's files, with the author's other settings of artifacts. */
function kept(files: readonly string[], keep: Duration, more: BuildArtifacts = {}): ArtifactsProps {
  // The job reports values of another type.
  if (!isRecord(more)) return more
  return { access: 'developer', ...more, paths: files.length === 0 ? undefined : files, untracked: undefined, expireIn: keep }
}

/** The reference under which a build pushes an image to staging; `stage` looks for the same tag. */
function reference({ origin, settings }: RepositoryAddress, image: string, flavour: Flavour = {}): string {
  const host = origin === '' ? '' : `${new URL(origin).host}/`
  const prefix = typeof settings['prefix'] === 'string' ? `${settings['prefix']}/` : ''
  return `${host}${prefix}${image}:${stagingTag('$CI_COMMIT_SHORT_SHA', '$CI_PIPELINE_ID', flavour)}`
}
