import { type PlannedRepository, type ReleasePlan, UsageError } from '@stagegate/schema'
import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'
import { jobTokenVariable } from '../gitlab/job-token.js'
import { apt } from './apt/index.js'
import type { Access, Environment, RepositoryKind } from './define.js'
import { directory } from './directory/index.js'
import { files } from './files/index.js'
import { gcs } from './gcs/index.js'
import { gitlabPackages } from './gitlab-packages/index.js'
import { httpFiles } from './http-files/index.js'
import { ociLayout } from './oci-layout/index.js'
import { inPlan, openKind } from './opened.js'
import { packagecloud } from './packagecloud/index.js'
import { registry } from './registry/index.js'
import { s3 } from './s3/index.js'
import { yum } from './yum/index.js'

/** The kinds that come with Stagegate. */
export const builtIn: readonly RepositoryKind<unknown, StagingRepository & PublicRepository>[] = [
  directory,
  packagecloud,
  registry,
  ociLayout,
  gitlabPackages,
  s3,
  gcs,
  apt,
  yum,
  files,
  httpFiles,
]

/**
 * Opens the named repositories of a plan; it reads only their credentials.
 * @throws {UsageError} an unknown repository or type, settings that its type refuses, a credential that is not set, a staging repository
 *   that cannot be read
 * @example
 * const repositories = openRepositories(plan, new Map([['staging', 'read'], ['stable', 'write']]), createEnvironment())
 */
export function openRepositories(
  plan: ReleasePlan,
  wanted: ReadonlyMap<string, Access>,
  environment: Environment,
): ReadonlyMap<string, StagingRepository & PublicRepository>
/** With your own kinds in addition to the built-in ones: `[...builtIn, mine]`. */
export function openRepositories<R extends PublicRepository>(
  plan: ReleasePlan,
  wanted: ReadonlyMap<string, Access>,
  environment: Environment,
  kinds: readonly RepositoryKind<unknown, R>[],
): ReadonlyMap<string, R>
export function openRepositories(
  plan: ReleasePlan,
  wanted: ReadonlyMap<string, Access>,
  environment: Environment,
  kinds: readonly RepositoryKind<unknown>[] = builtIn,
): ReadonlyMap<string, PublicRepository> {
  const open = (name: string, access: Access) => {
    const planned = plan.repositories[name]
    if (planned === undefined) throw new UsageError({ code: 'usage/repository', what: `the plan has no repository ${name}` })
    return opened(name, kindOf(name, planned, kinds), { planned, access, environment })
  }
  return new Map([...wanted].map(([name, access]) => [name, open(name, access)]))
}

interface Opened {
  readonly planned: PlannedRepository
  readonly access: Access
  readonly environment: Environment
}

function opened(name: string, kind: RepositoryKind<unknown>, { planned, access, environment }: Opened): PublicRepository {
  const { role, origin, ca, settings } = planned
  const opening = { settings, role, origin, access, credentials: credentialsFor(planned, access, kind) }
  return openKind(kind, opening, ca === undefined ? environment : trusting(environment, { origin, ca }), inPlan(name))
}

function kindOf(name: string, { type }: PlannedRepository, kinds: readonly RepositoryKind<unknown>[]): RepositoryKind<unknown> {
  const kind = kinds.find((candidate) => candidate.type === type)
  if (kind !== undefined) return kind
  throw new UsageError({
    code: 'usage/repository',
    what: `the repository ${name} has the unknown type ${type}`,
    next: `The known types are: ${kinds.map((known) => known.type).join(', ')}.`,
  })
}

/** An environment that trusts the plan's authorities at the repository's own origin. */
function trusting(environment: Environment, { origin, ca }: { readonly origin: string; readonly ca: string }): Environment {
  const reach = environment.reach?.bind(environment)
  return {
    clock: environment.clock,
    hosts: environment.hosts,
    stores: environment.stores,
    directory: (path) => environment.directory(path),
    ...(reach && { reach: (to) => (to === origin ? { ...reach(to), ca } : reach(to)) }),
    ...(environment.signer && { signer: environment.signer.bind(environment) }),
    http: (to, credential, options) => environment.http(to, credential, to === origin ? { ca, ...options } : options),
  }
}

function credentialsFor(
  { credentials: { read, write } }: PlannedRepository,
  access: Access,
  { usersHaveJobToken = false }: RepositoryKind<unknown>,
): readonly string[] {
  if (access === 'write') return write
  if (access === 'read') return read
  return read.filter((name) => !write.includes(name) || (usersHaveJobToken && name === jobTokenVariable))
}
