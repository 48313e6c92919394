import type { Content, Instant, PackageCoordinates, Sha256 } from '@stagegate/schema'
import type { Signer } from '../../contract/signer.js'
import type { PackageBytes } from '../../package/bytes.js'
import type { StorePath } from '../../store/index.js'

/** A package, as an index lists it. */
export interface Entry {
  /** Identifies it: its name, version and architecture. */
  readonly key: string
  /** The path of its bytes in the tree. */
  readonly place: StorePath
  readonly content: Content
}

/** A file of the tree, with its bytes. */
export interface TreeFile {
  readonly path: StorePath
  readonly bytes: Buffer
}

/** Reads the bytes of a file of the tree; `undefined` if it does not exist. */
export type ReadFile = (path: StorePath) => Promise<Buffer | undefined>

/** Signs the file that users read first. */
export type Signing = Pick<Signer, 'clearsign' | 'detached'>

/** Checks whether something is signed by a key of the repository. */
export interface Checking {
  /** The text of a clearsigned document. @throws {StagegateError} no known key has signed it */
  cleartext(document: Uint8Array): Promise<{ readonly text: Uint8Array }>
  /** @throws {StagegateError} no known key has signed it */
  detached(bytes: Uint8Array, signature: Uint8Array): Promise<unknown>
}

/** How an index is written. */
export interface Writing {
  /** Its date. */
  readonly at: Instant
  /** The digest of the top file that it replaces. @default it is new */
  readonly former: Sha256 | undefined
  readonly signing: Signing
}

/** The files of one state of an index. */
export interface State {
  /** Named by their digests, and created before the top file moves. */
  readonly lower: readonly TreeFile[]
  /** The file that moves, through which users find all others. */
  readonly top: TreeFile
}

/** A file under a fixed name, for readers that do not read by digest; it moves after the top file. */
export type PlainFile =
  /** The same bytes as a file that is named by its digest. */
  | { readonly is: 'copy'; readonly path: StorePath; readonly sha256: Sha256; readonly bytes: () => Promise<Buffer | undefined> }
  | {
      readonly is: 'signature'
      readonly path: StorePath
      readonly of: Buffer
      /** Whether it is made if it does not exist; an existing one is always kept up to date. */
      readonly isWanted: boolean
    }

/** Something that an index lists: what must not vanish. */
export interface Listing {
  readonly key: string
  /** The digest of its bytes, with its kind. */
  readonly digest: string
}

/** One state of an index: everything that it lists. Never changes. */
export interface Catalogue<E extends Entry> {
  /** Its date. @default it is new */
  readonly date: Instant | undefined
  /** The digest of the top file that it replaced, if its writer recorded it. */
  readonly former: Sha256 | undefined
  /** The listed package with the name, version and architecture of these coordinates. */
  find(at: PackageCoordinates): Promise<Entry | undefined>
  /** Everything that it lists in the parts where these coordinates may be. */
  beside(at: PackageCoordinates): Promise<readonly Listing[]>
  /** Lists these, too. Nothing else changes. @throws {StagegateError} the index has properties that would change */
  with(entries: readonly E[]): Promise<Catalogue<E>>
  /** The files of a state that `with` returned. */
  write(writing: Writing): Promise<State>
  /** The files under plain names for a state that was read. */
  plain(): readonly PlainFile[]
}

/** How a package manager names an index, by a path of the tree. */
export type PackagesAt =
  | { readonly manager: 'apt'; readonly path: string; readonly suite: string; readonly component: string }
  /** `isSigned`: with a separate signature, which dnf can check. */
  | { readonly manager: 'dnf'; readonly path: string; readonly isSigned: boolean }

/** How one kind of repository is arranged in a tree. */
export interface Layout<E extends Entry> {
  /** The name of the index that lists an artifact, such as a suite. @throws {StagegateError} an artifact that has no place in it */
  indexOf(at: PackageCoordinates): string
  /** How package managers name an index. */
  packagesAt(index: string): PackagesAt
  /** The path of an artifact's bytes. */
  placeOf(at: PackageCoordinates, content: Content): StorePath
  /** The file of an index that moves. */
  topOf(index: string): StorePath
  /** The folder of the former top files of an index. */
  formersOf(index: string): StorePath
  /** The name of one of them there. */
  formerName(sha256: Sha256): string
  /** The entry of a package, from its own bytes. @throws {PackageError} */
  describe(at: PackageCoordinates, entry: Omit<Entry, 'key'>, bytes: PackageBytes): Promise<E>
  /**
   * Reads an index as its users do.
   * @param top `undefined`: there is none yet
   * @throws {IndexBroken} something that it names is gone, or has a different digest; or it cannot be understood
   * @throws {StagegateError} no known key has signed it
   */
  read(index: string, top: Buffer | undefined, files: ReadFile, checking: () => Promise<Checking>): Promise<Catalogue<E>>
}
