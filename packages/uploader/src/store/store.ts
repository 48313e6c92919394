import type { Readable } from 'node:stream'
import type { Brand, Bytes, Content, Instant, Sha256 } from '@stagegate/schema'
import type { Body, Call, Written } from '../contract/capabilities.js'
import type { StorePath } from './path.js'

/** A version of one file, as its store distinguishes versions. Only the store interprets it. */
export type Version = string & Brand<'Version'>

/** The version with the store's own text. */
export function version(text: string): Version {
  // The cast: a version is a text that its store made.
  return text as Version
}

/** Facts about a path. Everything else is thrown, and a throw means "unknown". */
export type Sighting =
  | { readonly saw: 'absent' }
  | {
      readonly saw: 'present'
      /** The digest that the store confirms. `undefined`: only the bytes show it. */
      readonly sha256: Sha256 | undefined
      readonly size: Bytes | undefined
      readonly version: Version
    }

/** The bytes of a file, and their version. */
export interface Reading {
  /** Read it to its end, or destroy it. */
  readonly stream: Readable
  /** The version of these bytes. */
  readonly version: Version
  /** When it was written, by the server's clock, as web servers report it. @default unknown */
  readonly modified?: Instant | undefined
}

/**
 * Bytes by path. It replaces nothing. If a call throws, neither the state nor the result of the call is known; a `RepositoryRefusal` means
 * that asking again does not help.
 */
export interface Store {
  /** The server's origin. @default it shares a server with no other */
  readonly host?: string | undefined
  /** Looks whether a file is there. */
  observe(path: StorePath, call: Call): Promise<Sighting>
  /** Creates; never replaces. The store refuses bytes that are not the content of the body. */
  create(path: StorePath, body: Body, call: Call): Promise<Written>
  /** Reads a file. Rejects with `NotThere` if it is gone. */
  read(path: StorePath, call: Call): Promise<Reading>
}

/** The result of a compare-and-set. A throw means that it may have been done: look before sending anything again. */
export type Replaced =
  | { readonly outcome: 'replaced'; readonly version: Version }
  /** The file has changed since it was seen, and nothing was done. */
  | { readonly outcome: 'changed' }
  /** The store refused for good. */
  | Extract<Written, { readonly outcome: 'refused' }>

/** A file on a list. */
export interface Entry {
  /** Its path. */
  readonly path: StorePath
  /** Its length. `undefined`: unknown. */
  readonly size: Bytes | undefined
}

/** A store with files that move: an index. */
export interface MovingStore extends Store {
  /**
   * Replaces a file, if it has not changed since it was seen. If several writers do so at once, one gets `replaced` and the others
   * `changed`.
   */
  replaceIf(path: StorePath, body: Body, seen: Version | 'absent', call: Call): Promise<Replaced>
  /** The time by the server's clock. @default the local time */
  now?(call: Call): Promise<Instant>
  /** The files below a folder, or all of them; for cleaning up, and never to build an index. */
  list(folder: StorePath | undefined, call: Call): AsyncIterable<Entry>
}

/** A store that copies files of its own server without moving their bytes. */
export interface CopyingStore extends Store {
  /** The name by which other stores of the server copy a file. */
  nameOnHost(path: StorePath): string
  /**
   * Creates a file from the name of another store's file, which may be on any server; never replaces. `unsupported`: nothing was done, so
   * the bytes have to be sent.
   */
  copy(from: string, path: StorePath, expected: Content, call: Call): Promise<Written | { readonly outcome: 'unsupported' }>
}
