import type { JsonObject } from '@stagegate/schema'
import type { Call, Format, PublicRepository, StagingRepository } from '../contract/capabilities.js'
import type { Reach } from '../contract/package-source.js'
import type { Signer } from '../contract/signer.js'
import type { Network } from '../http/network.js'
import type { AnyStore } from '../store/checked-store.js'
import type { Users } from '../store/index.js'
import type { Hosts } from '../transfer/host.js'

/** The means by which a repository reaches servers and files. */
export interface Environment extends Network {
  /**
   * How package managers reach this origin. @default they cannot read what this environment opens
   * @throws {UsageError} a server that wants a client certificate
   */
  reach?(origin: string): Reach
  /** Limits and back-off of servers, if others share them: the verbs use them for repositories that this environment opened. */
  readonly hosts?: Hosts | undefined
  /**
   * The keys that sign an index, by the names of their variables; they stay with the environment, too. @default nothing can be signed
   * @returns opens them, and rejects with a `UsageError` for a key that clients would refuse
   * @throws {UsageError} a key that is not set
   */
  signer?(keys: readonly string[], passphrase?: string | undefined): () => Promise<Signer>
  /** Kinds of stores in addition to the built-in ones. @default none */
  readonly stores?: readonly StoreKind<unknown>[] | undefined
  /** The absolute path of a directory that the settings name. Throws if it may not be used. */
  directory(path: string): string
}

/** The access that a repository is opened with: `users` has none of the publisher's credentials. */
export type Access = 'read' | 'write' | 'users'

/** A repository's name in the plan, and its purpose now. */
export interface Opening<Settings> {
  /** The kind's settings, as its `parse` returned them. */
  readonly settings: Settings
  /** Whether it is opened as a staging or as a public repository. */
  readonly role: 'staging' | 'public'
  /** Scheme, host and port of its server; empty if it needs none. */
  readonly origin: string
  /** The access that is needed now. */
  readonly access: Access
  /** Names of the variables with the credentials for this access; their values stay with the environment. */
  readonly credentials: readonly string[]
}

/** One kind of repository: `directory`, `packagecloud`, or a third party's. One without `read` can only be public. */
export interface RepositoryKind<Settings, R extends PublicRepository = PublicRepository> {
  /** Its name in plans. */
  readonly type: string
  /** The formats of artifacts that it accepts. */
  readonly formats: readonly Format[]
  /**
   * Whether `users` access keeps CI_JOB_TOKEN even if it is also a publisher's credential: GitLab gives it to every job. The repository
   * sends it only where visitors get nothing. @default false
   */
  readonly usersHaveJobToken?: boolean | undefined
  /** @throws {Error} with a sentence, if the settings are not valid for this kind */
  parse(settings: JsonObject): Settings
  /** Makes the repository. It connects to nothing yet. @throws {UsageError} credentials that do not fit */
  open(opening: Opening<Settings>, environment: Environment): R
}

/** An opened store, and how its users read it. */
export interface OpenedStore {
  /** Its bytes by path. */
  readonly store: AnyStore
  /** Reads as users do, without the publisher's credential. @default they read the store itself */
  readonly users?: Users | undefined
  /** Where any program reads it: `https://downloads.example/linux`. Package managers read an index there. @default its readers need keys */
  readonly address?: string | undefined
  /** Checks the place before anything is written to it: that nobody else can read staged files. @default no check */
  readonly beforeWrite?: ((call: Call) => Promise<void>) | undefined
}

/** An opened store that says how its users read. */
export interface ServedStore extends OpenedStore {
  readonly users: Users
}

/** One kind of store: a directory, a bucket, or a third party's. */
export interface StoreKind<Settings> {
  /** Its name in plans. */
  readonly type: string
  /** @throws {Error} with a sentence, if the settings are not valid for this kind */
  parse(settings: JsonObject): Settings
  /** Opens the store. It connects to nothing yet. @throws {UsageError} credentials that do not fit */
  open(opening: Opening<Settings>, environment: Environment): OpenedStore
}

/**
 * Gives the settings of a repository their type, and distinguishes readable repositories from write-only ones.
 * @example
 * const shelf = defineRepository({
 *   type: 'shelf',
 *   formats: ['file'],
 *   parse: ({ path }) => String(path),
 *   open: ({ settings: path }, environment) => directory(environment.directory(path)),
 * })
 * const repository = openRepository(shelf, { settings: { path: 'public' } })
 */
export function defineRepository<Settings>(
  kind: RepositoryKind<Settings, StagingRepository & PublicRepository>,
): RepositoryKind<Settings, StagingRepository & PublicRepository>
/** A write-only repository: it is refused for staging. */
export function defineRepository<Settings>(kind: RepositoryKind<Settings>): RepositoryKind<Settings>
export function defineRepository<Settings>(kind: RepositoryKind<Settings>): RepositoryKind<Settings> {
  return kind
}

/**
 * Gives the settings of a store their type. Repositories of files can use any store; a repository with an index needs a store with compare-and-set.
 * @example
 * const shelf = defineStore({
 *   type: 'shelf',
 *   parse: ({ of }) => String(of),
 *   open: () => ({ store: source }),
 * })
 * const downloads = files({ on: { kind: shelf, server: 'https://shelf.example', settings: { of: 'acme' } }, path: 'releases' })
 */
export function defineStore<Settings>(kind: StoreKind<Settings>): StoreKind<Settings> {
  return kind
}
