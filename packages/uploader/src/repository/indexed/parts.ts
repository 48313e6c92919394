import type { Call } from '../../contract/capabilities.js'
import type { Clock } from '../../contract/clock.js'
import type { PackageSource } from '../../contract/package-source.js'
import type { MovingStore } from '../../store/index.js'
import type { Checking, Entry, Layout, ReadFile, Signing, TreeFile } from './layout.js'
import type { UsersView } from './users-view.js'

/** The parts of an `IndexedRepository`. */
export interface IndexedParts<E extends Entry> {
  readonly store: MovingStore
  readonly layout: Layout<E>
  /** The keys that sign its indices; nothing is listed without them. */
  readonly signing: () => Promise<Signing>
  /** Checks whether an index is signed by a key of this repository; its certificates may have to be read first. */
  readonly checking: (files: ReadFile) => () => Promise<Checking>
  readonly users: UsersView<E>
  /** Where package managers find an index. */
  readonly source: (index: string, call: Call) => Promise<PackageSource>
  readonly clock: Clock
  /** Checks the place before anything is written to it. @default no check */
  readonly beforeWrite: ((call: Call) => Promise<void>) | undefined
  /** The certificates of the keys that sign, for its clients. @default none are published */
  readonly keyring: (() => Promise<TreeFile>) | undefined
}
