import { dirname, join } from 'node:path'
import { jobFolder, modulePath, type PlannedRepository, UsageError } from '@stagegate/schema'
import { type Access, builtIn, loadKind, openRepositories, type PublicRepository, type RepositoryKind } from '@stagegate/uploader'
import type { Job } from './job.js'
import { readBytesIfThere } from './plan-file.js'

/**
 * Opens the named repositories of the job's plan, including those whose type a module defines.
 * @throws {UsageError} as `openRepositories`; a module that is missing, or differs from the plan's
 */
export async function openNamed(
  { plan, environment }: Pick<Job, 'plan' | 'environment'>,
  wanted: ReadonlyMap<string, Access>,
): Promise<ReadonlyMap<string, PublicRepository>> {
  const opened = new Map<string, PublicRepository>()
  for (const [name, access] of wanted) {
    const kinds = await kindsFor(name, plan.repositories[name])
    for (const [, repository] of openRepositories(plan, new Map([[name, access]]), environment, kinds)) opened.set(name, repository)
  }
  return opened
}

/**
 * Loads every module of the plan, so that an unusable one is found before anybody has to publish.
 * @throws {UsageError} as `openNamed`
 */
export async function tryModules({ plan }: Pick<Job, 'plan'>): Promise<void> {
  for (const [name, planned] of Object.entries(plan.repositories)) await kindsFor(name, planned)
}

/** A module defines only the type of its own repository. */
async function kindsFor(name: string, planned: PlannedRepository | undefined): Promise<readonly RepositoryKind<unknown>[]> {
  if (planned?.module === undefined) return builtIn
  const { path } = planned.module
  for (const place of placesOf(path)) {
    const content = await readBytesIfThere(place)
    if (content !== undefined) return [await loadKind(name, planned, content)]
  }
  throw new UsageError({
    code: 'usage/module',
    where: `${path}, the module of the repository ${name}`,
    what: 'there is no such file',
    next: `In a job it comes from prepare, in ${modulePath(path)}. By hand, run the command in the folder of the release plan.`,
  })
}

/** As prepare passes it on, next to the command, or as it is committed: the digest must be the plan's in both cases. */
function placesOf(path: string): readonly string[] {
  const beside = join(dirname(process.argv[1] ?? '.'), modulePath(path).slice(jobFolder.length + 1))
  return [modulePath(path), beside, path]
}
