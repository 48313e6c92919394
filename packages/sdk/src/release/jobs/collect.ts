import { jobFolders } from '@stagegate/schema'
import { GeneratedJob } from '../../job/job.js'
import type { PipelineKind } from '../../kind.js'
import type { Release } from '../release.js'
import { isolatedJob } from './credential-job.js'
import { portions } from './portions.js'

/** Passes the records of some stage jobs on to `seal`, which may be unable to need them all directly. */
export function collectJob(release: Release, number: number): GeneratedJob {
  return new GeneratedJob(
    () => `collect: [${release.prefix}${number}]`,
    () => ({
      keywords: {
        ...isolatedJob(release, 'stage'),
        script: [`ls ${jobFolders.records}/`],
        artifacts: { paths: [`${jobFolders.records}/`], expireIn: release.keep, access: 'developer' },
      },
      secrets: [],
      wholeCondition: false,
      byRoute: true,
      inKind: (kind) => {
        const part = parts(release, kind)[number - 1]
        return part === undefined ? undefined : { start: 'automatic', needs: part.map(({ jobs }) => jobs.stage), variables: {} }
      },
    }),
  )
}

/** How many collecting jobs the release needs in its largest kind. */
export function collectCount(release: Release, kinds: readonly PipelineKind[]): number {
  return Math.max(0, ...kinds.map((kind) => parts(release, kind).length))
}

/** The required targets of a kind in portions, if there are more than `seal` can need in addition to `prepare`. */
function parts(release: Release, kind: PipelineKind): readonly Release['targets'][] {
  return portions(release.requiredIn(kind), 1)
}
