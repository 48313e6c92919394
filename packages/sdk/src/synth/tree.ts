import type { Sha256 } from '@stagegate/schema'
import type { Program } from '../app-props.js'
import { readModules } from '../check/modules.js'
import { checkNotes } from '../check/notes.js'
import { checkReleases } from '../check/releases.js'
import { recordedProblems } from '../construct.js'
import type { Recorded } from '../issue/facts.js'
import { Job } from '../job/job.js'
import { PipelineKind } from '../kind.js'
import type { ReadLocal } from '../lint/index.js'
import { Release } from '../release/release.js'
import { allOf } from '../release/route.js'

/** The constructs of an app, and their problems. */
export interface Tree {
  readonly kinds: readonly PipelineKind[]
  readonly releases: readonly Release[]
  /** In the order of the document: jobs that collect for others come last. */
  readonly jobs: readonly Job[]
  readonly problems: readonly Recorded[]
  /** The digests, by path, of the modules that define types of repositories. */
  readonly modules: ReadonlyMap<string, Sha256>
  readonly publishing: (kind: PipelineKind) => boolean
}

/** Phase 1: reads the tree and the modules that it names, and changes nothing in it. */
export function readTree(app: Program, readLocal: ReadLocal | undefined): Tree {
  const modules = readModules(app, readLocal)
  const releases = allOf(app, Release)
  const collects = new Set(
    releases.flatMap((release) => [...release.collects, ...release.pages.flatMap(({ jobs, passed }) => [...passed, ...jobs])]),
  )
  const jobs = allOf(app, Job)
  return {
    kinds: allOf(app, PipelineKind),
    releases,
    jobs: [...jobs.filter((job) => !collects.has(job)), ...collects],
    problems: [...recordedProblems(app), ...checkReleases(app, app.props), ...modules.problems, ...checkNotes(app, readLocal)],
    modules: modules.digests,
    publishing: (kind) => releases.some((release) => release.publishesIn(kind)),
  }
}
