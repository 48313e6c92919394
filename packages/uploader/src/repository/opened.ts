import { isStagegateError, type JsonObject, UsageError } from '@stagegate/schema'
import type { PublicRepository } from '../contract/capabilities.js'
import { checkedRepository } from '../contract/checked-repository.js'
import { carry } from '../transfer/carried-hosts.js'
import type { Environment, Opening, RepositoryKind } from './define.js'

/** The name of a repository in messages, and how its author can correct it. */
export interface RepositoryNaming {
  readonly name: string
  /** The end of the advice: "Correct its settings …". */
  readonly next: string
}

/**
 * Opens a repository of a kind.
 * @throws {UsageError} settings that the kind refuses, a credential that is not set, an invalid address
 */
export function openKind<Settings, R extends PublicRepository>(
  kind: RepositoryKind<Settings, R>,
  opening: Omit<Opening<Settings>, 'settings'> & { readonly settings: JsonObject },
  environment: Environment,
  called: RepositoryNaming,
): R {
  const settings = parseSettings(kind, opening.settings, called)
  try {
    const repository = { formats: kind.formats, ...checkedRepository(called.name, kind.open({ ...opening, settings }, environment)) }
    if (opening.role === 'staging') expectRead(repository, kind, called)
    if (environment.hosts !== undefined) carry(repository, environment.hosts)
    return repository
  } catch (cause) {
    if (isStagegateError(cause)) throw cause
    throw new UsageError({
      code: 'usage/repository',
      what: `it cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: `the repository ${called.name} of the type ${kind.type}`,
      next: `Correct its address ${called.next}, or correct the code that provides the type.`,
      cause,
    })
  }
}

/** @throws {UsageError} a write-only repository for staging */
function expectRead({ read }: PublicRepository, { type }: { readonly type: string }, { name }: RepositoryNaming): void {
  if (read !== undefined) return
  throw new UsageError({
    code: 'usage/repository',
    what: 'it has no read(), so nothing staged there could be published',
    where: `the repository ${name} of the type ${type}`,
    next: `Stage in a readable repository, or add read() to the type ${type}. Nothing was sent.`,
  })
}

/** @throws {UsageError} settings that the type refuses */
export function parseSettings<Settings>(
  kind: Pick<RepositoryKind<Settings>, 'parse' | 'type'>,
  settings: JsonObject,
  { name, next }: RepositoryNaming,
): Settings {
  try {
    return kind.parse(settings)
  } catch (cause) {
    if (isStagegateError(cause)) throw cause
    throw new UsageError({
      code: 'usage/settings',
      what: cause instanceof Error ? cause.message : String(cause),
      where: `the repository ${name} of the type ${kind.type}`,
      next: `Correct its settings ${next}.`,
      cause,
    })
  }
}

/** A repository of a plan is corrected in the plan's source. */
export function inPlan(name: string): RepositoryNaming {
  return { name, next: 'in pipeline.ts, and synth again' }
}
