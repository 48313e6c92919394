import { join } from 'node:path'
import type { Instant, Origin, Outcome, ReleaseManifest, ReleasePlan, StagingRecord } from '@stagegate/schema'
import { builtLayout, createEnvironment, openRepositories, packageIn, publish, release, seal, stage } from '@stagegate/uploader'
import { directoryRecords, findTarget, recordSeal } from '@stagegate/uploader/gitlab'

/** What a job of a release works on. */
export interface Work {
  readonly verb: 'stage' | 'seal' | 'publish' | 'release'
  readonly plan: ReleasePlan
  readonly origin: Origin
  /** Directories lie below. */
  readonly base: string
  /** What was built for each target: a package, or an image's layout. */
  readonly built: Readonly<Record<string, string>>
  readonly records: readonly StagingRecord[]
  readonly manifest: ReleaseManifest
  /** Where seals are recorded. */
  readonly seals: string
  readonly now: Instant
  readonly variables: Readonly<Record<string, string>>
}

export interface Done {
  readonly records: readonly StagingRecord[]
  readonly manifest: ReleaseManifest
  readonly outcomes: readonly Outcome[]
}

// One at a time, so that there is never more than one artifact half sent.
const limits = { concurrency: 1 }

/** Stages, seals or publishes a whole release with the library, as the command does; or releases what was built, as a program does. */
export async function perform({ verb, plan, origin, base, built, records, manifest, seals, now, variables }: Work): Promise<Done> {
  const environment = createEnvironment({ variables, base, rehearsal: true })
  const open = (names: readonly string[]) => openRepositories(plan, new Map(names.map((name) => [name, 'write'])), environment)
  const done = { records, manifest, outcomes: [] }
  switch (verb) {
    case 'stage': {
      const repositories = open(['staging'])
      const staged: StagingRecord[] = []
      for (const [target, path] of Object.entries(built)) {
        const isImage = findTarget(plan, target).target.what.type === 'image'
        const what = isImage ? { files: [], built: await builtLayout(path) } : { files: [path] }
        staged.push(await stage(plan, { repositories, origin, limits, target, ...what }))
      }
      return { ...done, records: staged }
    }
    case 'seal':
      return { ...done, manifest: await recordSeal(seal(plan, records, { origin, now }), directoryRecords(join(base, seals))) }
    case 'publish': {
      const { outcomes } = await publish(manifest, { repositories: open(['staging', 'stable']), origin, limits })
      return { ...done, outcomes }
    }
    case 'release': {
      const stable = open(['stable']).get('stable')
      const files = Object.entries(built).flatMap(([target, path]) => (path.endsWith('.deb') ? [{ target, path }] : []))
      const { outcomes } = await release({
        name: manifest.release,
        version: manifest.version,
        files: files.map(({ path }) => path),
        at: (path) => packageIn(files.find((file) => file.path === path)?.target ?? '')(path),
        to: stable === undefined ? {} : { stable },
        limits,
      })
      const asOfJobs = outcomes.map(({ path: target, repository, ...outcome }) => ({
        target,
        destination: { repository, advisory: false },
        ...outcome,
      }))
      return { ...done, outcomes: asOfJobs }
    }
  }
}
