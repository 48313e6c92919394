import { GeneratedJob, type Job } from '../../job/job.js'
import type { PipelineKind } from '../../kind.js'
import type { Page } from '../page.js'
import { isolatedJob } from './credential-job.js'
import { portions } from './portions.js'

/** Waits for some verify jobs, of which `announce` may not need all itself. */
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

export function passedJobsIn(page: Page, kind: PipelineKind): readonly Job[] {
  return page.passed.slice(0, partsOf(page, kind).length)
}

/** The verify jobs of a kind in portions, where there are more than `announce` may need beside `prepare` and `seal`. */
function partsOf(page: Page, kind: PipelineKind): readonly (readonly Job[])[] {
  const verified = page.isIn(kind) ? page.release.announcedIn(kind).map(({ jobs }) => jobs.verify) : []
  return portions(verified, 2)
}
