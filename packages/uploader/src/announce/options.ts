import { parseRegistryName, UsageError } from '@stagegate/schema'
import { expectKnown, expectOptions, type Known } from '../contract/options.js'
import { type Ports, portOptions, repositoryNamed } from '../ports.js'
import type { AnnounceOptions } from './announce.js'

const announceOptions = {
  ...portOptions,
  repositories: 'needed',
  page: 'needed',
  repository: 'needed',
  origin: 'needed',
  notes: 'optional',
  registries: 'optional',
  ref: 'optional',
} as const satisfies Known & Record<keyof AnnounceOptions, unknown>

/** The ports among the options. @throws {UsageError} a wrong call; a repository that is not that of the page */
export function portsIn(options: AnnounceOptions): Ports {
  expectKnown('announce()', options, Object.keys(announceOptions))
  // A verb's `repository` is one that was opened; this one is a name.
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
