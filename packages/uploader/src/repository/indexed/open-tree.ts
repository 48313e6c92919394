import { UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Signer } from '../../contract/signer.js'
import { blocksIn, openVerifier } from '../../signing/index.js'
import { storePath } from '../../store/index.js'
import type { Environment, Opening } from '../define.js'
import { type OnStore, onStore, openMovingStore } from '../stores.js'
import { IndexedRepository } from './indexed-repository.js'
import type { Checking, Entry, Layout, ReadFile } from './layout.js'
import { publishedTo, sourcesOf } from './package-source.js'
import { UsersView } from './users-view.js'

/** The settings that all repositories with an index have. */
export const treeSettings = {
  ...onStore,
  /** The variables with the keys that sign. */
  signWith: v.pipe(
    v.array(v.string()),
    v.minLength(1, 'expected a signing key'),
    v.maxLength(2, 'expected one key, or two during a change of keys'),
  ),
  /** The variable with their passphrase. */
  passphrase: v.optional(v.string()),
  /** Certificates of the keys that clients trust. */
  certificates: v.optional(v.string()),
  pool: v.optional(v.picklist(['names', 'digests'])),
} as const

/** Settings that fit `treeSettings`. */
export interface TreeSettings extends OnStore {
  readonly signWith: readonly string[]
  readonly passphrase?: string | undefined
  readonly certificates?: string | undefined
}

/** The certificates of a tree, for its clients, below its folder. */
const keyringName = 'archive-keyring.asc'

/** Opens a repository with an index. It connects to nothing yet. @throws {UsageError} settings or credentials that do not fit */
export function openTree<E extends Entry>(
  layout: Layout<E>,
  opening: Opening<TreeSettings>,
  environment: Environment,
): IndexedRepository<E> {
  const { settings, access, credentials } = opening
  const { signWith, passphrase, certificates, path } = settings
  const ofSigning = [...signWith, ...(passphrase === undefined ? [] : [passphrase])]
  const ofStore = credentials.filter((name) => !ofSigning.includes(name))
  const { store, users, address, beforeWrite } = openMovingStore({ ...opening, credentials: ofStore }, environment)
  const keyring = storePath(path === undefined ? keyringName : `${path}/${keyringName}`)
  const signing = once(access === 'write' ? signerOf(opening, environment) : () => Promise.reject(notToWrite()))
  const checkingBy = async (...trusted: readonly string[]): Promise<Checking> => {
    const verifier = await openVerifier(trusted)
    return {
      cleartext: (document) => verifier.cleartext(document, environment.clock.now()),
      detached: (bytes, signature) => verifier.detached(bytes, signature, environment.clock.now()),
    }
  }
  const given = certificates === undefined ? [] : blocksIn(certificates)
  const asSigner = once(async () => checkingBy((await signing()).certificates, ...given))
  const asReader = (read: ReadFile) => async () => {
    const published = given.length > 0 ? undefined : await read(keyring)
    return checkingBy(...(published === undefined ? given : [published.toString('latin1')]))
  }
  return new IndexedRepository({
    store,
    layout,
    clock: environment.clock,
    beforeWrite,
    signing,
    checking: (read) => (access === 'write' ? asSigner : asReader(read)),
    keyring: async () => ({ path: keyring, bytes: Buffer.from((await signing()).certificates) }),
    source: sourcesOf({ layout, address, environment, certificates: publishedTo(users, keyring, certificates) }),
    users: new UsersView({ layout, readers: users, checking: asReader }),
  })
}

/** @throws {UsageError} a key that is not set, an environment that cannot sign */
function signerOf({ settings: { signWith, passphrase } }: Opening<TreeSettings>, environment: Environment): () => Promise<Signer> {
  if (environment.signer !== undefined) return environment.signer(signWith, passphrase)
  throw new UsageError({ code: 'usage/repository', what: 'its environment has no signer(), but an index must be signed' })
}

function notToWrite(): UsageError {
  return new UsageError({ code: 'usage/repository', what: 'it was opened for reading, and has no signing key' })
}

/** Makes it once, and again after a failure. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
