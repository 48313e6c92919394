import { type Origin, parseRegistryName, UsageError } from '@stagegate/schema'
import { expectKnown, expectOptions, type KnownOptions } from '../contract/options.js'
import { type Ports, portOptions, repositoryNamed } from '../ports.js'
import type { ReleasePage } from './page.js'

/** The options of `announce`. */
export interface AnnounceOptions extends Ports {
  /** The project's page of releases. */
  readonly page: ReleasePage
  /** The public repository, as the plan names it, whose files are the entry's assets. */
  readonly repository: string
  /** The job or program that announces. */
  readonly origin: Origin
  /** Release notes in Markdown. A new entry gets them; an existing one keeps its own. @default empty */
  readonly notes?: string | undefined
  /** Names of registries as people write them, by their names in the plan: `registry.gitlab.com/acme/hello`. @default their hosts' */
  readonly registries?: Readonly<Record<string, string>> | undefined
  /**
   * For a project other than the release's own: the branch or commit on which the tag is made, if it does not exist. Then the commit is not
   * compared. @default the tag exists, at the release's commit
   */
  readonly ref?: string | undefined
}

const announceOptions = {
  ...portOptions,
  repositories: 'needed',
  page: 'needed',
  repository: 'needed',
  origin: 'needed',
  notes: 'optional',
  registries: 'optional',
  ref: 'optional',
} as const satisfies KnownOptions & Record<keyof AnnounceOptions, unknown>

/** The ports among the options. @throws {UsageError} a wrong call; a repository that does not belong to the page */
export function portsIn(options: AnnounceOptions): Ports {
  expectKnown('announce()', options, Object.keys(announceOptions))
  // A verb's `repository` is an opened one; this one is a name.
  const { page, repository, origin, notes, registries = {}, ref, ...ports } = options
  expectOptions({ ...ports, origin }, 'repositories', 'origin')
  if (typeof page?.project !== 'string' || typeof page.api?.where !== 'function')
    throw wrong('page is not a page of releases', 'Pass what openReleasePage() returned.')
  if (typeof repository !== 'string' || repository === '') throw wrong('repository is not a name', 'Pass the name that the plan uses.')
  for (const [name, text] of Object.entries({ notes, ref }))
    if (text !== undefined && typeof text !== 'string') throw wrong(`${name} is not a string`, 'Leave it out, or pass a string.')
  if (ref === '') throw wrong('ref is empty', 'Name a branch or a commit, or leave it out.')
  if (typeof registries !== 'object' || registries === null)
    throw wrong('registries is not an object', "Write for example { hub: 'docker.io/acme' }.")
  for (const [name, text] of Object.entries(registries))
    if (typeof text !== 'string' || parseRegistryName(text.replace(/\/+$/, '')) === undefined)
      throw wrong(`registries.${name} is not a registry`, "Write for example 'registry.example/acme'.")
  if (repositoryNamed(options, repository, 'create').host !== page.api.origin)
    throw wrong(
      `the repository ${repository} is not at ${page.api.origin}, where the page is`,
      'Open both with the same repository name of the plan.',
    )
  return ports
}

function wrong(what: string, next: string): UsageError {
  return new UsageError({ code: 'usage/options', what, next: `${next} Nothing was done.` })
}
