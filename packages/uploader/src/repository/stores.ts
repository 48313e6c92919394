import { pathToFileURL } from 'node:url'
import { isKeyPrefix, type JsonObject, UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import type { PublicRepository } from '../contract/capabilities.js'
import { type AnyStore, checkedStore, isMoving } from '../store/checked-store.js'
import { DirectoryStore } from '../store/directory/index.js'
import { type MovingStore, type Users, usersOf } from '../store/index.js'
import { defineStore, type Environment, type OpenedStore, type Opening, type RepositoryKind, type StoreKind } from './define.js'
import { openGoogleBucket, parseGcsSettings } from './gcs/index.js'
import { openHttp, parseHttpSettings } from './http-files/index.js'
import { openBucket, parseS3Settings } from './s3/index.js'
import { named, pathSettings } from './settings.js'

/** The settings of a repository on a store. */
export const onStore = {
  /** The store, by its type and its own settings. */
  on: v.looseObject({ type: v.string() }),
  /** The folder of the store that it starts at. */
  path: v.optional(named(isKeyPrefix, 'a folder such as debian')),
} as const

/** Settings that fit `onStore`. */
export interface OnStore {
  readonly on: { readonly type: string; readonly [name: string]: unknown }
  readonly path?: string | undefined
}

/** An opened store, whose answers are checked. */
export interface ReadyStore<S extends AnyStore = AnyStore> extends Omit<OpenedStore, 'store' | 'users'> {
  readonly store: S
  readonly users: Users
}

const directory = defineStore({
  type: 'directory',
  parse: pathSettings('a directory'),
  open({ settings: { path }, role }, environment) {
    const folder = environment.directory(path)
    return { store: new DirectoryStore(folder, role === 'public'), address: pathToFileURL(folder).href }
  },
})

const s3 = defineStore({ type: 's3', parse: parseS3Settings, open: openBucket })
const gcs = defineStore({ type: 'gcs', parse: parseGcsSettings, open: openGoogleBucket })
const http = defineStore({ type: 'http-files', parse: parseHttpSettings, open: openHttp })

/** The kinds that come with Stagegate. */
const builtIn: readonly StoreKind<unknown>[] = [directory, s3, gcs, http]

/** Opens the store of a repository. It connects to nothing yet. @throws {UsageError} an unknown store, settings that it refuses */
export function openStore({ settings: { on }, ...opening }: Opening<OnStore>, environment: Environment): ReadyStore {
  const { type, ...settings } = on
  const kinds = [...builtIn, ...(environment.stores ?? [])]
  const kind = kinds.find((one) => one.type === type)
  if (kind === undefined)
    throw new UsageError({
      code: 'usage/repository',
      what: `it is on a store of the unknown type ${type}`,
      next: `The known types are: ${kinds.map((known) => known.type).join(', ')}. A store of your own needs its kind, or its module.`,
    })
  // The cast: settings are JSON, and parsed here.
  const { store, users, ...ways } = kind.open({ ...opening, settings: kind.parse(settings as JsonObject) }, environment)
  const checked = checkedStore(`of the type ${type}`, store)
  return { ...ways, store: checked, users: users ?? usersOf(checked) }
}

/** The same for a store whose files can move. @throws {UsageError} any other store */
export function openMovingStore(opening: Opening<OnStore>, environment: Environment): ReadyStore<MovingStore> {
  const { store, ...ways } = openStore(opening, environment)
  if (isMoving(store)) return { ...ways, store }
  throw new UsageError({
    code: 'usage/repository',
    what: `an index cannot be on a store of the type ${opening.settings.on.type}: it has no compare-and-set, so concurrent changes of the index would be lost`,
    next: 'Put the index on s3(…), gcs(…) or directory(…), and only plain files on this store. Nothing was sent.',
  })
}

/** A kind of repository that knows more kinds of stores. */
export function withStores<S, R extends PublicRepository>(
  kind: RepositoryKind<S, R>,
  stores: readonly StoreKind<unknown>[],
): RepositoryKind<S, R> {
  if (stores.length === 0) return kind
  return { ...kind, open: (opening, environment) => kind.open(opening, { ...environment, stores }) }
}
