import type { JsonObject } from '@stagegate/schema'
import type { Call } from '../contract/capabilities.js'
import type { AnyStore } from '../store/checked-store.js'
import type { Users } from '../store/index.js'
import type { Environment, Opening } from './define.js'

/** A store, and other ways to reach it. */
export interface OpenedStore {
  /** Its bytes by path. */
  readonly store: AnyStore
  /** Reads as users do, without the publisher's credential. @default they read the store itself */
  readonly users?: Users | undefined
  /** Where any program reads it: `https://downloads.example/linux`. Package managers read an index there. @default its readers need keys */
  readonly address?: string | undefined
  /** Makes sure of the place before anything is written to it: that nobody reads what is staged. @default nothing */
  readonly beforeWrite?: ((call: Call) => Promise<void>) | undefined
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
