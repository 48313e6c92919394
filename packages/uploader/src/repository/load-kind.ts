import { createHash } from 'node:crypto'
import { bytes, type JsonObject, type PlannedRepository, sha256, UsageError } from '@stagegate/schema'
import { IndexBroken, NotThere } from '../contract/capabilities.js'
import { PutOff } from '../contract/put-off.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { shown } from '../contract/shown.js'
import { storePath, version } from '../store/index.js'
import { apt } from './apt/index.js'
import { defineRepository, defineStore, type RepositoryKind, type StoreKind } from './define.js'
import { files } from './files/index.js'
import { inPlan, parseSettings } from './opened.js'
import { withStores } from './stores.js'
import { yum } from './yum/index.js'

/** The tools that a module gets because it cannot import them: its errors are recognized by these classes. */
export interface RepositoryTools {
  /** Makes the type that the module defines. */
  readonly defineRepository: typeof defineRepository
  /** Makes the type of store that the module defines, for a repository on it. */
  readonly defineStore: typeof defineStore
  /** For `read`: the file is not there. */
  readonly NotThere: typeof NotThere
  /** For `served`: the index that users read is broken. */
  readonly IndexBroken: typeof IndexBroken
  /** The server asks to retry later. */
  readonly PutOff: typeof PutOff
  /** The server refuses until a person changes something. */
  readonly RepositoryRefusal: typeof RepositoryRefusal
  /** Makes a path in a store from a text. */
  readonly storePath: typeof storePath
  /** Makes the version of a file in a store from a text. */
  readonly version: typeof version
  /** Makes a digest from its hexadecimal digits. */
  readonly sha256: typeof sha256
  /** Makes a size from a number. */
  readonly bytes: typeof bytes
}

const tools: RepositoryTools = {
  defineRepository,
  defineStore,
  storePath,
  version,
  NotThere,
  IndexBroken,
  PutOff,
  RepositoryRefusal,
  sha256,
  bytes,
}

/**
 * The default export of a module that provides the type of a repository or of its store: the result of `defineRepository` or `defineStore`,
 * or a function that makes it from the tools that it gets.
 */
export type RepositoryModule = ModuleKind | ((tools: RepositoryTools) => ModuleKind)

/** The type of a repository, or of the store that a repository uses. */
export type ModuleKind = RepositoryKind<unknown> | StoreKind<unknown>

/** Repositories on a store. */
const onStores: readonly RepositoryKind<unknown>[] = [apt, yum, files]

/** How long a module may take to load, in milliseconds. Its real work starts when its repository is opened. */
const loadingTime = 30_000

/**
 * Loads the module of a planned repository from its bytes, if they have the plan's sha256. It runs with all rights of this process.
 * @param name the repository's, in the plan
 * @throws {UsageError} different bytes than the plan's; a module that cannot be loaded, or imports other files; no type, or the wrong one;
 *   settings that its type refuses
 */
export async function loadKind(
  name: string,
  { type, module, settings }: PlannedRepository,
  content: Uint8Array,
): Promise<RepositoryKind<unknown>> {
  if (module === undefined) throw wrong(name, 'no module', `the plan has no module for the type ${type}`)
  const { path } = module
  const seen = createHash('sha256').update(content).digest('hex')
  if (seen !== module.sha256) throw wrong(name, path, `its sha256 is ${seen}, but the plan has ${module.sha256}. It was not loaded`)
  const exported = await imported(name, path, content)
  // The cast: a function that a module in plain JavaScript exports is called with its declared type, and its result is checked.
  const kind = typeof exported === 'function' ? await made(name, path, exported as (given: RepositoryTools) => unknown) : exported
  const layout = onStores.find((one) => one.type === type)
  if (layout !== undefined) return layoutOn(layout, kind, { name, path, settings })
  if (!isKind(kind))
    throw wrong(name, path, 'its default export is not a type of repository made by defineRepository({ type, formats, parse, open })')
  if (kind.type !== type)
    throw wrong(name, path, `it provides the type ${shown(kind.type)}, but the repository has the type ${shown(type)}`)
  parseSettings(kind, settings, inPlan(name))
  return kind
}

/** A repository on the module's store. */
function layoutOn(
  layout: RepositoryKind<unknown>,
  kind: unknown,
  { name, path, settings }: { readonly name: string; readonly path: string; readonly settings: JsonObject },
): RepositoryKind<unknown> {
  if (!isStoreKind(kind)) throw wrong(name, path, 'its default export is not a type of store made by defineStore({ type, parse, open })')
  const { type: wanted, ...own } = parseOn(settings)
  if (kind.type !== wanted)
    throw wrong(name, path, `it provides the store ${shown(kind.type)}, but the repository is on ${shown(String(wanted))}`)
  parseSettings(layout, settings, inPlan(name))
  parseSettings(kind, own, inPlan(name))
  return withStores(layout, [kind])
}

function parseOn({ on }: JsonObject): JsonObject {
  return typeof on === 'object' && on !== null && !Array.isArray(on) ? on : {}
}

/** From the checked bytes, since the file may have changed. So the module has no folder to import from. */
async function imported(name: string, path: string, content: Uint8Array): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not load within ${loadingTime / 1000} s`)), loadingTime)
  })
  try {
    const loading = import(`data:text/javascript;base64,${Buffer.from(content).toString('base64')}`)
    const { default: exported }: { default?: unknown } = await Promise.race([loading, late])
    return exported
  } catch (cause) {
    throw wrong(name, path, `it cannot be loaded: ${messageOf(cause)}`, cause)
  } finally {
    clearTimeout(timer)
  }
}

/** Calls the function that a module exports. */
async function made(name: string, path: string, make: (given: RepositoryTools) => unknown): Promise<unknown> {
  try {
    return await make(tools)
  } catch (cause) {
    throw wrong(name, path, `its default export was called, and failed: ${messageOf(cause)}`, cause)
  }
}

function isKind(value: unknown): value is RepositoryKind<unknown> {
  return isStoreKind(value) && 'formats' in value && Array.isArray(value.formats)
}

function isStoreKind(value: unknown): value is StoreKind<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    'parse' in value &&
    typeof value.parse === 'function' &&
    'open' in value &&
    typeof value.open === 'function'
  )
}

/** Node repeats the whole module if its address has this form. */
function messageOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause)
  return message.replaceAll(/data:text\/javascript;base64,[A-Za-z0-9+/=]*/g, 'the module').slice(0, 300)
}

function wrong(name: string, path: string, what: string, cause?: unknown): UsageError {
  return new UsageError({
    code: 'usage/module',
    where: `${path}, the module of the repository ${name}`,
    what,
    next: 'A module is one file that imports only node: modules. Correct it, run stagegate synth, and commit both.',
    cause,
  })
}
