import { dirname, join } from 'node:path'
import { jobFolder, modulePath, type PlannedRepository, UsageError } from '@stagegate/schema'
import { type Access, builtIn, loadKind, openRepositories, type PublicRepository, type RepositoryKind } from '@stagegate/uploader'
import type { Job } from './job.js'
import { readBytesIfThere } from './plan-file.js'

/**
 * Opens the named repositories of the job's plan, those of a type that a module brings as well.
 * @throws {UsageError} as `openRepositories`; a module that is missing, or not the one that the plan pins
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
 * Loads every module that the plan has, so that one that cannot be used is found before anybody is asked to publish.
 * @throws {UsageError} as `openNamed`
 */
export async function tryModules({ plan }: Pick<Job, 'plan'>): Promise<void> {
  for (const [name, planned] of Object.entries(plan.repositories)) await kindsFor(name, planned)
}

/** A module brings the type of its own repository, and of no other one. */
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

/** As prepare hands it on, beside the command, or as it is committed: the digest is the plan's wherever it lies. */
function placesOf(path: string): readonly string[] {
  const beside = join(dirname(process.argv[1] ?? '.'), modulePath(path).slice(jobFolder.length + 1))
  return [modulePath(path), beside, path]
}
