import type { Readable } from 'node:stream'
import type { Brand, Bytes, Content, Instant, Sha256 } from '@stagegate/schema'
import type { Body, Call, Written } from '../contract/capabilities.js'
import type { StorePath } from './path.js'

/** A state of one file, as its store tells states apart. Nobody else reads anything from it. */
export type Version = string & Brand<'Version'>

/** The version that a store's own text names. */
export function version(text: string): Version {
  // The cast: a version is a text that its store made.
  return text as Version
}

/** Facts about a path. Everything else is thrown, and a throw means "unknown". */
export type Sighting =
  | { readonly saw: 'absent' }
  | {
      readonly saw: 'present'
      /** The digest that the store vouches for. `undefined`: only the bytes tell. */
      readonly sha256: Sha256 | undefined
      readonly size: Bytes | undefined
      readonly version: Version
    }

/** The bytes of a file, and the version that they are. */
export interface Reading {
  /** Read it to its end, or destroy it. */
  readonly stream: Readable
  /** The version that the bytes are. */
  readonly version: Version
  /** When it was written, by the server's clock, as web servers tell its readers. @default it is not known */
  readonly modified?: Instant | undefined
}

/**
 * Bytes by path. It replaces nothing. A call that throws says nothing of what is there, nor of what was done; a `RepositoryRefusal` says that
 * asking again is of no use.
 */
export interface Store {
  /** The server's origin. @default it shares with nobody */
  readonly host?: string | undefined
  /** Looks whether a file is there. */
  observe(path: StorePath, call: Call): Promise<Sighting>
  /** Creates; never replaces. The store refuses bytes that are not the content of the body. */
  create(path: StorePath, body: Body, call: Call): Promise<Written>
  /** Reads a file. Rejects with `NotThere` if it is gone. */
  read(path: StorePath, call: Call): Promise<Reading>
}

/** The end of a compare-and-set. A throw means that it may have been done: look before anything is sent again. */
export type Replaced =
  | { readonly outcome: 'replaced'; readonly version: Version }
  /** The file is not as it was seen, and nothing was done. */
  | { readonly outcome: 'changed' }
  /** The store said no for good. */
  | Extract<Written, { readonly outcome: 'refused' }>

/** A file on a list. */
export interface Entry {
  /** Where it lies. */
  readonly path: StorePath
  /** Its length. `undefined`: it is not known. */
  readonly size: Bytes | undefined
}

/** A store with files that move: an index. */
export interface MovingStore extends Store {
  /** Writes a file, if it still is as it was seen: one of several writers at once is told `replaced`, the others `changed`. */
  replaceIf(path: StorePath, body: Body, seen: Version | 'absent', call: Call): Promise<Replaced>
  /** The time by the server's clock. @default it is the one here */
  now?(call: Call): Promise<Instant>
  /** The files below a folder, or all of them; for cleaning up, and never for an index. */
  list(folder: StorePath | undefined, call: Call): AsyncIterable<Entry>
}

/** A store that copies files of its own server without moving their bytes. */
export interface CopyingStore extends Store {
  /** The name by which other stores of the server copy a file. */
  nameOnHost(path: StorePath): string
  /**
   * Creates from the name of a file of another store, which may be on any server; never replaces. `unsupported`: nothing was done, so the bytes have
   * to be sent.
   */
  copy(from: string, path: StorePath, expected: Content, call: Call): Promise<Written | { readonly outcome: 'unsupported' }>
}
