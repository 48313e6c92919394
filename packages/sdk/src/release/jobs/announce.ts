import { GeneratedJob, type Job, type JobDefinition, type Need } from '../../job/job.js'
import { unique } from '../../secret.js'
import type { Page } from '../page.js'
import type { ReleaseTarget } from '../target.js'
import { commandScript } from './command.js'
import { credentialJob } from './credential-job.js'
import { passedJobsIn } from './passed.js'
import { usersSecrets } from './users-secrets.js'

/** Makes the release's entry on a page of releases, after everything that the release requires is public and was read back. */
export function announceJob(page: Page): GeneratedJob {
  const { release, repo } = page
  return new GeneratedJob(
    () => `announce: [${release.prefix}${repo.label}]`,
    () => ({
      ...formOf(page, release.targets, []),
      inKind: (kind) => {
        if (!page.isIn(kind)) return undefined
        const needs = [release.jobs.prepare, release.jobs.seal, ...passedJobsIn(page, kind).map(passed)]
        return { start: 'automatic', needs, variables: {} }
      },
    }),
  )
}

/** Adds the artifacts of an optional target, published later, to the entry. */
export function lateAnnounceJob(page: Page, target: ReleaseTarget): GeneratedJob {
  const { release, repo } = page
  return new GeneratedJob(
    () => `announce: [${release.prefix}${target.label} in ${repo.label}]`,
    () => ({
      ...formOf(page, [target], ['--target', target.label]),
      inKind: (kind) => {
        if (!page.adds(target, kind)) return undefined
        // One call makes the entry with everything that is required, after all of it is public.
        const first = page.isIn(kind) ? [page.job] : passedJobsIn(page, kind)
        const needs = [release.jobs.prepare, target.jobs.seal, ...[release.jobs.seal, ...first, target.jobs.verify].map(passed)]
        return { start: 'automatic', needs, variables: {} }
      },
    }),
  )
}

function passed(job: Job): Need {
  return { job, artifacts: false }
}

function formOf({ release, repo }: Page, targets: readonly ReleaseTarget[], words: readonly string[]): Omit<JobDefinition, 'inKind'> {
  // Jobs that start automatically run as the person who pushed the tag, and the protected environment of the clicks may not accept that
  // person. This environment also gets variables of the scope public/*.
  const name = `public/${repo.label}/announce`
  return {
    keywords: {
      ...credentialJob(release, {
        stage: 'verify',
        environment: name,
        tier: 'production',
        lock: `${name}/${release.prefix}`,
      }),
      script: commandScript(release, ['announce', '--repository', repo.label, ...words]),
    },
    secrets: unique([...repo.at.write, ...usersSecrets(targets)]),
    wholeCondition: true,
    byRoute: true,
  }
}
