import { type StagegateError, UsageError } from '@stagegate/schema'
import type { Call } from '../contract/capabilities.js'
import {
  fieldOf,
  isObject,
  isOptionalDigest,
  isOptionalSize,
  isStream,
  isWritten,
  nonsense,
  shownAnswer,
} from '../contract/checked-repository.js'
import { type StorePath, storePath } from './path.js'
import type { CopyingStore, Entry, MovingStore, Store } from './store.js'

/** Optional methods of a store. */
export type AnyStore = Store & Partial<Omit<MovingStore, keyof Store> & Omit<CopyingStore, keyof Store>>

interface Promised {
  readonly is: (answer: unknown) => boolean
  readonly expected: string
}

const written = "{ outcome: 'accepted' }, { outcome: 'exists' } or { outcome: 'refused', because: { code, message } }"
const promised: Readonly<Record<Exclude<keyof AnyStore, 'host' | 'list' | 'nameOnHost'>, Promised>> = {
  observe: { is: isSighting, expected: "{ saw: 'absent' } or { saw: 'present', sha256, size, version }" },
  create: { is: isWritten, expected: written },
  read: { is: isReading, expected: '{ stream, version }, and stream is a Readable of node:stream' },
  replaceIf: { is: isReplaced, expected: "{ outcome: 'replaced', version }, { outcome: 'changed' } or { outcome: 'refused', because }" },
  now: {
    is: (answer) => typeof answer === 'string' && !Number.isNaN(Date.parse(answer)),
    expected: 'a time such as 2026-01-02T03:04:05.000Z',
  },
  copy: { is: (answer) => isWritten(answer) || fieldOf(answer, 'outcome') === 'unsupported', expected: `${written}, or 'unsupported'` },
}

/**
 * The store with validated answers: an invalid one is an error that names the store, the method and the answer.
 * @throws {UsageError} a value that is not an object, lacks `observe`, `create` or `read`, or has only half of the methods of a moving
 *   store
 */
export function checkedStore<S extends AnyStore>(name: string, store: S): S {
  expectStore(name, store)
  const methods = Object.entries(promised).flatMap(([method, { is, expected }]) => {
    const own: unknown = Reflect.get(store, method)
    if (typeof own !== 'function') return []
    const asked = async (...given: readonly unknown[]): Promise<unknown> => {
      const answer: unknown = await Reflect.apply(own, store, given)
      if (is(answer)) return answer
      throw nonsense(name, method, answer, expected)
    }
    return [[method, asked]]
  })
  const { host, list } = store
  const named = store.nameOnHost === undefined ? {} : { nameOnHost: (path: StorePath) => store.nameOnHost?.(path) }
  const listed = list === undefined ? {} : { list: listedBy(name, (folder, call) => list.call(store, folder, call)) }
  // The cast: it has each method of the store, with the same arguments and result types.
  return { ...(host !== undefined && { host }), ...listed, ...named, ...Object.fromEntries(methods) } as S
}

/** Whether files of a store can move. */
export function isMoving(store: AnyStore): store is MovingStore {
  return store.replaceIf !== undefined
}

function expectStore(name: string, store: unknown): void {
  const wrong = (what: string): StagegateError =>
    new UsageError({
      code: 'usage/repository',
      where: `the store ${name}`,
      what,
      next: 'A store needs observe(), create() and read(). A store whose files can be replaced also needs replaceIf() and list(). Nothing was done.',
    })
  if (!isObject(store)) throw wrong(`it is ${shownAnswer(store)}`)
  for (const method of [...Object.keys(promised), 'list', 'nameOnHost']) {
    const own: unknown = Reflect.get(store, method)
    if (own === undefined && ['observe', 'create', 'read'].includes(method)) throw wrong(`it has no ${method}()`)
    if (own !== undefined && typeof own !== 'function') throw wrong(`its ${method} is not a method`)
  }
  const [moves, lists] = ['replaceIf', 'list'].map((method) => Reflect.get(store, method) !== undefined)
  const [copies, names] = ['copy', 'nameOnHost'].map((method) => Reflect.get(store, method) !== undefined)
  if (copies !== names) throw wrong('it has only one of copy() and nameOnHost()')
  if (moves !== lists) throw wrong(moves ? 'it has replaceIf() but no list()' : 'it has list() but no replaceIf()')
}

function listedBy(name: string, list: MovingStore['list']): MovingStore['list'] {
  return async function* listed(folder, call: Call): AsyncIterable<Entry> {
    for await (const entry of list(folder, call)) {
      if (!isEntry(entry)) throw nonsense(name, 'list', entry, '{ path, size } for each file')
      yield entry
    }
  }
}

function isEntry(entry: unknown): boolean {
  const path = fieldOf(entry, 'path')
  return typeof path === 'string' && isSound(path) && isOptionalSize(fieldOf(entry, 'size'))
}

function isSound(path: string): boolean {
  try {
    return storePath(path) === path
  } catch {
    return false
  }
}

function isVersion(version: unknown): boolean {
  return typeof version === 'string' && version !== '' && version !== 'absent'
}

function isSighting(answer: unknown): boolean {
  const saw = fieldOf(answer, 'saw')
  if (saw === 'absent') return true
  const isContent = isOptionalDigest(fieldOf(answer, 'sha256')) && isOptionalSize(fieldOf(answer, 'size'))
  return saw === 'present' && isContent && isVersion(fieldOf(answer, 'version'))
}

function isReading(answer: unknown): boolean {
  return isStream(fieldOf(answer, 'stream')) && isVersion(fieldOf(answer, 'version'))
}

function isReplaced(answer: unknown): boolean {
  const outcome = fieldOf(answer, 'outcome')
  if (outcome === 'replaced') return isVersion(fieldOf(answer, 'version'))
  return outcome === 'changed' || (outcome === 'refused' && isWritten(answer))
}
