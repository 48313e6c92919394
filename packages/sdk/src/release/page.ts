import { Job } from '../job/job.js'
import type { PipelineKind } from '../kind.js'
import { madeAt } from '../source-location.js'
import { announceJob, lateAnnounceJob } from './jobs/announce.js'
import { passedCount, passedJob } from './jobs/passed.js'
import type { Release } from './release.js'
import type { PublicRepo } from './repositories.js'
import type { ReleaseTarget } from './target.js'

/** A page of releases that announces a release after all of it is public. */
export class Page {
  readonly release: Release
  /** The public repository in the page's project. */
  readonly repo: PublicRepo
  readonly job: Job
  readonly #late = new Map<ReleaseTarget, Job>()
  readonly #passed: Job[] = []

  constructor(release: Release, repo: PublicRepo) {
    this.release = release
    this.repo = repo
    this.job = new Job(release, `announce ${repo.label}`, announceJob(this))
  }

  /** An optional target is announced separately and later, if its files go to the page or if it is an image that the entry lists. */
  add(target: ReleaseTarget): void {
    const { release, repo } = this
    if (target.optional && (target.isImage || pagesOf(target).has(repo))) {
      const job = madeAt(target.source, () => new Job(release, `announce ${target.label} in ${repo.label}`, lateAnnounceJob(this, target)))
      this.#late.set(target, job)
    }
    // If there are more verify jobs than the job can need, jobs in between collect them.
    for (let number = this.#passed.length + 1; number <= passedCount(this, [...target.routes.keys()]); number++) {
      const id = `passed ${number} for ${repo.label}`
      this.#passed.push(madeAt(release.source, () => new Job(release, id, passedJob(this, number))))
    }
  }

  get late(): ReadonlyMap<ReleaseTarget, Job> {
    return this.#late
  }

  /** The jobs that wait for verify jobs, if there are too many. */
  get passed(): readonly Job[] {
    return this.#passed
  }

  get jobs(): readonly Job[] {
    return [this.job, ...this.#late.values()]
  }

  /** Whether the entry of this kind has something that the release requires: files on the page, or images. */
  isIn(kind: PipelineKind): boolean {
    return this.goesThere(kind) && this.release.announcedIn(kind).some((target) => target.isImage || this.has(target, kind))
  }

  /** Whether anything is published on the page in this kind. */
  goesThere(kind: PipelineKind): boolean {
    return this.release.targets.some((target) => this.has(target, kind))
  }

  has({ routes }: ReleaseTarget, kind: PipelineKind): boolean {
    return routes.get(kind)?.public.some(({ repo }) => repo === this.repo) ?? false
  }

  /** Whether an optional target is added to the entry in this kind, with its files or as an image that the entry lists. */
  adds(target: ReleaseTarget, kind: PipelineKind): boolean {
    const isPublished = (target.routes.get(kind)?.public.length ?? 0) > 0
    return this.has(target, kind) || (target.isImage && isPublished && this.goesThere(kind))
  }
}

/** The pages that a target is published on, in any kind. */
export function pagesOf({ routes }: ReleaseTarget): ReadonlySet<PublicRepo> {
  const repos = [...routes.values()].flatMap((route) => route.public.map(({ repo }) => repo))
  return new Set(repos.filter(({ at }) => at.page !== undefined))
}
