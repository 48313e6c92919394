import { notesPath, type PlannedPage, type PlannedRepository, type ReleaseManifest, type ReleasePlan, UsageError } from '@stagegate/schema'
import type { Access } from '@stagegate/uploader'
import { type Announcement, announce, expectRecorded, findRelease, openReleasePage } from '@stagegate/uploader/gitlab'
import type { Command } from 'commander'
import { type Notes, notesIn, notesOfTag } from '../job/notes.js'
import { readFileIfThere } from '../job/plan-file.js'
import { openNamed } from '../job/repositories.js'
import { openSealed } from '../job/sealed.js'
import { whileRunning } from '../job/stop.js'
import { outputFor } from '../print/output.js'
import { type CommonOptions, jobOptions, manifestOption, newCommand } from './options.js'

const description = `Creates the release's entry on a page of releases in GitLab, in one call with everything: the files that are public there, the
images of the release, SHA256SUMS and the sealed manifest. It first checks that all of this is public as it was sealed. An existing entry gets
the assets that it lacks; nothing in it is changed or removed.`

interface Options extends CommonOptions {
  readonly repository: string
  readonly target?: string
  readonly manifest?: string
}

export function announceCommand(): Command {
  return jobOptions(newCommand('announce', 'create the release’s entry in GitLab when everything is public', description))
    .requiredOption('--repository <name>', 'the public repository in the project with the page')
    .option('--target <id>', 'add this optional target, which was published later')
    .option(...manifestOption)
    .action(async (options: Options) => {
      const output = outputFor(options.json === true)
      const target = options.target === undefined ? undefined : [options.target]
      const { job, manifest } = await openSealed({ ...options, target }, (plan) => announceJobName(plan, options))
      await expectRecorded(manifest, job.records)
      const page = pageOf(job.plan, manifest.release, options.repository)
      const notes = await notesFor(page, manifest)
      if (notes.because !== undefined) output.log(`No notes: ${notes.because}. You can write them on the page.`)
      const repositories = await openNamed(job, accessIn(manifest, options.repository))
      const made = await whileRunning((signal) =>
        announce(manifest, {
          page: openReleasePage(job.plan, options.repository, job.environment),
          repository: options.repository,
          repositories,
          origin: job.origin,
          notes: notes.text,
          registries: registriesIn(job.plan),
          ref: page.ref,
          clock: job.environment.clock,
          hosts: job.environment.hosts,
          signal,
        }),
      )
      for (const line of linesOf(made)) output.log(line)
      output.document(made)
    })
}

/** The job that announces. @throws {UsageError} the release has no such page, or the target has no job there */
function announceJobName(plan: ReleasePlan, { repository, release, target }: Options): string {
  const { job, late } = pageOf(plan, findRelease(plan, release).id, repository)
  const name = target === undefined ? job : late[target]
  if (name !== undefined) return name
  const known = Object.keys(late)
  throw new UsageError({
    code: 'usage/target',
    what: `${target} is not an optional target that goes to ${repository}`,
    next: known.length === 0 ? 'There are none: leave --target out.' : `The optional targets are: ${known.join(', ')}.`,
  })
}

function pageOf(plan: ReleasePlan, release: string, repository: string): PlannedPage {
  const { pages = [] } = findRelease(plan, release)
  const page = pages.find((one) => one.repository === repository)
  if (page !== undefined) return page
  throw new UsageError({
    code: 'usage/repository',
    what: `the plan does not announce ${release} on a page of releases of ${repository}`,
    next:
      pages.length === 0
        ? 'The plan has no page of releases: see gitlabRelease().'
        : `Its pages of releases are: ${pages.map((one) => one.repository).join(', ')}.`,
  })
}

/** The notes that prepare passed on; a tag's message comes from GitLab's answer about this job's tag. */
async function notesFor({ notes: path }: PlannedPage, { version }: ReleaseManifest): Promise<Notes> {
  if (path === undefined) return notesOfTag(process.env['CI_COMMIT_TAG_MESSAGE'] ?? '')
  const file = (await readFileIfThere(notesPath(path))) ?? (await readFileIfThere(path))
  return file === undefined ? { text: '', because: `${path} does not exist; in a job it comes from prepare` } : notesIn(path, file, version)
}

/** Only the page's own project is written to. */
function accessIn({ targets }: ReleaseManifest, repository: string): ReadonlyMap<string, Access> {
  const names = targets.flatMap(({ destinations }) => destinations.map((to) => to.repository))
  return new Map([...names.map((name) => [name, 'users'] as const), [repository, 'write']])
}

/** Names of registries as people write them before an image's name. */
function registriesIn({ repositories }: ReleasePlan): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(repositories).flatMap(([name, planned]) => (planned.type === 'registry' ? [[name, registryName(planned)]] : [])),
  )
}

function registryName({ origin, settings }: PlannedRepository): string {
  const { host } = new URL(origin)
  const { prefix } = settings
  return [host === 'registry-1.docker.io' ? 'docker.io' : host, ...(typeof prefix === 'string' ? [prefix] : [])].join('/')
}

function linesOf({ outcome, url, assets, leftOut, upcomingUntil }: Announcement): readonly string[] {
  const said = {
    created: `Created the entry with ${assets.length} assets`,
    completed: `Completed the existing entry: it now has all ${assets.length} assets`,
    there: `The entry already existed, with all ${assets.length} assets`,
  }
  return [
    ...assets.map(({ name, url: to }) => `asset      ${name}: ${to}`),
    ...leftOut.map(({ target, destination, because }) => `left out   ${target} in ${destination.repository}: ${because}`),
    `${said[outcome]}: ${url}`,
    ...(upcomingUntil === undefined ? [] : [`GitLab shows it as upcoming until its date, ${upcomingUntil}.`]),
  ]
}
