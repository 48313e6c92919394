import { isDistribution, isKeyPrefix, type JsonObject, type JsonValue } from '@stagegate/schema'
import { type Keyword, oneOf, text } from '../form/keyword.js'
import { authorKeys, either, oneOrMany } from '../form/keyword-forms.js'
import { credential, neverUndefined, secret } from '../form/props.js'
import { Secret } from '../secret.js'
import type { Format, RepositoryAddress } from './address.js'

/** The options that all repositories with an index have. */
export interface TreeOptions {
  /** Where its files lie: `s3(…)`, `gcs(…)`, `directory(…)`, or a store of your own whose files can move, and whose kind a `module` brings. */
  readonly on: RepositoryAddress
  /** The folder that it begins at there: `debian`. @default all of it */
  readonly path?: string
  /**
   * The key that signs its indices, as `gpg --armor --export-secret-keys` prints it: a variable of the type File, protected, and scoped to the
   * environments `public/*`. Two keys while clients move from one to the other.
   */
  readonly signWith: Secret | readonly Secret[]
  /** The passphrase of the keys. @default they have none */
  readonly passphrase?: Secret
  /**
   * The certificates that its clients have, as armoured texts one after another: `readFileSync('release-key.asc', 'utf8')`. `verify` trusts no other; and an index that
   * another tool signed with one of them is taken over. @default those of the keys that sign, as they are published beside the index
   */
  readonly certificates?: string
  /** Whether a package lies under its own name, or under its digest. @default names */
  readonly pool?: 'names' | 'digests'
}

/** Their forms. An address is checked apart. */
export const treeForm = {
  path: text,
  signWith: oneOrMany(secret),
  passphrase: neverUndefined(credential),
  certificates: text,
  pool: oneOf('names', 'digests'),
} as const

/** A name for all distributions, or one for each. */
export function byDistribution(one: Keyword<string>): Keyword<string | Readonly<Record<string, string>>> {
  return either((value): value is string => typeof value === 'string', one, authorKeys(one))
}

/** @throws {TypeError} a key that is no distribution */
export function checkedByDistribution(chosen: string | Readonly<Record<string, string>> | undefined, option: string, such: string) {
  if (typeof chosen !== 'object') return chosen
  const wrong = Object.keys(chosen).find((key) => !isDistribution(key))
  if (wrong !== undefined) throw new TypeError(`Expected distributions such as ${such} in ${option}, got ${JSON.stringify(wrong)}`)
  return { ...chosen }
}

const stores: readonly string[] = ['s3', 'gcs', 'directory', 'http-files']

const movingSaid = 's3(…), gcs(…) or directory(…)'

/** Stores in words. */
export const storesSaid = 's3(…), gcs(…), directory(…) or httpFiles(…)'

/** Whether repositories can lie on it. A module says itself what its store can. */
export function isStore(on: unknown): on is RepositoryAddress {
  if (typeof on !== 'object' || on === null || !('type' in on) || isOnStore({ type: String(on.type) })) return false
  return stores.includes(String(on.type)) || ('module' in on && on.module !== undefined)
}

/** The parts of an address of a repository with an index. */
export interface TreeParts {
  readonly type: string
  readonly format: Format
  /** Its own settings. */
  readonly settings: Readonly<Record<string, JsonValue | undefined>>
}

/** @throws {TypeError} a store that cannot hold an index, a folder that is none, one variable for two things */
export function treeAddress({ on, path, signWith, passphrase, certificates, pool }: TreeOptions, parts: TreeParts): RepositoryAddress {
  if (!isStore(on))
    throw new TypeError(
      `Expected a store with compare-and-set, ${movingSaid}, in on, got ${typeof on === 'object' && on !== null ? String(Reflect.get(on, 'type')) : typeof on}`,
    )
  if (on.type === 'http-files')
    throw new TypeError(
      `Expected a store with compare-and-set, ${movingSaid}, in on. A web server has none, so concurrent changes of the index would be lost`,
    )
  if (path !== undefined && !isKeyPrefix(path))
    throw new TypeError(`Expected a folder such as debian, without slashes at its ends, in path, got ${JSON.stringify(path)}`)
  if (certificates !== undefined && !isCertificate(certificates))
    throw new TypeError('Expected the text of certificates, -----BEGIN PGP PUBLIC KEY BLOCK-----, in certificates')
  const keys = signWith instanceof Secret ? [signWith] : signWith
  if (keys.length < 1 || keys.length > 2)
    throw new TypeError(`Expected one key in signWith, or two during a change of keys, got ${keys.length}`)
  const signing = [...keys, ...(passphrase === undefined ? [] : [passphrase])]
  const variables = [...on.write, ...signing].map(({ variable }) => variable)
  const twice = variables.find((variable, number) => variables.indexOf(variable) !== number)
  if (twice !== undefined) throw new TypeError(`Expected a separate variable for each credential, but ${twice} is used for two`)
  const { settings, ...address } = on
  const own = {
    path,
    certificates,
    pool,
    ...parts.settings,
    signWith: keys.map(({ variable }) => variable),
    passphrase: passphrase?.variable,
  }
  return {
    ...address,
    type: parts.type,
    formats: [parts.format],
    write: [...on.write, ...signing],
    settings: { on: { type: on.type, ...settings }, ...defined(own) },
  }
}

/** No secret key may come into the plan. */
function isCertificate(given: string): boolean {
  return given.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----') && !given.includes('PRIVATE KEY')
}

function defined(settings: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  // The cast: those without a value are left out.
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as JsonObject
}

/** The place of its files: what lies on a store is a part of it. */
export function storeOf(address: RepositoryAddress): RepositoryAddress {
  const { on, path } = address.settings
  if (!isOnStore(address) || typeof on !== 'object' || on === null || Array.isArray(on)) return address
  const { type, ...settings } = on
  const folder = type === 's3' || type === 'gcs' ? 'prefix' : 'path'
  const below = [settings[folder] ?? [], path ?? []].flat().map(String).join('/')
  return { ...address, type: String(type), settings: { ...settings, ...(below !== '' && { [folder]: below }) } }
}

/** Whether it has an index of its own. */
export function isTree({ type }: Pick<RepositoryAddress, 'type'>): boolean {
  return type === 'apt' || type === 'yum'
}

/** Whether it lies on a store. */
function isOnStore(address: Pick<RepositoryAddress, 'type'>): boolean {
  return isTree(address) || address.type === 'files'
}
