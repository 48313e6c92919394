import type { Program } from '../app-props.js'
import { checkReleases } from '../check/releases.js'
import { recordedProblems } from '../construct.js'
import type { Recorded } from '../issue/facts.js'
import { Job } from '../job/job.js'
import { PipelineKind } from '../kind.js'
import { Release } from '../release/release.js'
import { allOf } from '../release/route.js'

/** The constructs of an app, and their problems. */
export interface Tree {
  readonly kinds: readonly PipelineKind[]
  readonly releases: readonly Release[]
  /** In the order of the document: jobs that gather records come after all others. */
  readonly jobs: readonly Job[]
  readonly problems: readonly Recorded[]
  readonly publishing: (kind: PipelineKind) => boolean
}

/** Phase 1: reads the tree, and changes nothing in it. */
export function readTree(app: Program): Tree {
  const releases = allOf(app, Release)
  const collects = new Set(releases.flatMap((release) => release.collects))
  const jobs = allOf(app, Job)
  return {
    kinds: allOf(app, PipelineKind),
    releases,
    jobs: [...jobs.filter((job) => !collects.has(job)), ...collects],
    problems: [...recordedProblems(app), ...checkReleases(app, app.props)],
    publishing: (kind) => releases.some((release) => release.publishesIn(kind)),
  }
}
