import { GeneratedJob, type Job } from '../../job/job.js'
import type { PipelineKind } from '../../kind.js'
import type { Page } from '../page.js'
import { isolatedJob } from './credential-job.js'
import { portions } from './portions.js'

/** Waits for some verify jobs, since `announce` may be unable to need all of them directly. */
export function passedJob(page: Page, number: number): GeneratedJob {
  const { release, repo } = page
  return new GeneratedJob(
    () => `verified: [${release.prefix}${repo.label} ${number}]`,
    () => ({
      keywords: { ...isolatedJob(release, 'verify'), script: ['true'] },
      secrets: [],
      wholeCondition: false,
      byRoute: true,
      inKind: (kind) => {
        const part = partsOf(page, kind)[number - 1]
        if (part === undefined) return undefined
        return { start: 'automatic', needs: part.map((job) => ({ job, artifacts: false })), variables: {} }
      },
    }),
  )
}

/** How many such jobs the page needs in its largest kind. */
export function passedCount(page: Page, kinds: readonly PipelineKind[]): number {
  return Math.max(0, ...kinds.map((kind) => partsOf(page, kind).length))
}

/** The jobs that show that everything required in a kind was read back: verify jobs, or jobs that wait for them. */
export function passedJobsIn(page: Page, kind: PipelineKind): readonly Job[] {
  const { length } = partsOf(page, kind)
  return length > 0 ? page.passed.slice(0, length) : verifiedIn(page, kind)
}

function verifiedIn(page: Page, kind: PipelineKind): readonly Job[] {
  return page.goesThere(kind) ? page.release.announcedIn(kind).map(({ jobs }) => jobs.verify) : []
}

/** The verify jobs of a kind in portions, if there are more than an announcing job can need in addition to four others. */
function partsOf(page: Page, kind: PipelineKind): readonly (readonly Job[])[] {
  return portions(verifiedIn(page, kind), 4)
}
