import type { AnyStore } from '../../../store/checked-store.js'
import type { StorePath } from '../../../store/index.js'

/** A store with nothing in it, and the means to break things around it. Each case gets one of its own. */
export interface StorePlace {
  /** The store that is tried. */
  readonly store: AnyStore
  /** The same place opened again, as another process would. */
  readonly another?: (() => AnyStore | Promise<AnyStore>) | undefined
  /** The same place, whose server cannot be reached. */
  readonly unreachable?: (() => AnyStore | Promise<AnyStore>) | undefined
  /** The same place, whose server answers nothing of use, such as 500 to everything. */
  readonly failing?: (() => AnyStore | Promise<AnyStore>) | undefined
  /** The same place with a credential that the server does not know. */
  readonly refused?: (() => AnyStore | Promise<AnyStore>) | undefined
  /** The same place with a credential that may only read. */
  readonly readOnly?: (() => AnyStore | Promise<AnyStore>) | undefined
  /** The same place, whose server does the next write, and cuts the connection instead of an answer. */
  readonly losingAnswers?: (() => AnyStore | Promise<AnyStore>) | undefined
  /** Takes away a file, behind the store's back. */
  readonly remove?: ((path: StorePath) => void | Promise<void>) | undefined
  /** Ends what the place needed. */
  readonly close?: (() => unknown) | undefined
}

/** Means that a place can give. */
export type StoreMeans = Exclude<keyof StorePlace, 'store' | 'close'>

/**
 * Something that some cases need, and that a place can be without. `now`: the store tells its server's time. `oneWinner`: of several that create a
 * file at once, its server takes one.
 */
export type StoreNeed = StoreMeans | 'now' | 'oneWinner'

export const storeMeans: readonly StoreMeans[] = ['another', 'unreachable', 'failing', 'refused', 'readOnly', 'losingAnswers', 'remove']
export const storeNeeds: readonly StoreNeed[] = [...storeMeans, 'now', 'oneWinner']

/** What a store can do, and what its tests are without. */
export interface StoreConformanceOptions {
  /** Whether its files can move: `replaceIf()` and `list()`. @default false */
  readonly moves?: boolean | undefined
  /** Whether it copies files of its own server: `copy()`. @default false */
  readonly copies?: boolean | undefined
  /**
   * What the place is without: the cases that need it are left out. A place that has it after all, or lacks something that is not named here,
   * fails, so that nothing is left out silently.
   * @default nothing
   */
  readonly without?: readonly StoreNeed[] | undefined
  /** Its name in messages. @default the store */
  readonly name?: string | undefined
  /** How long a file that was created may stay absent, in milliseconds. One that moved is seen at once. @default 10,000 */
  readonly seenWithin?: number | undefined
  /** How long a call may take, and how long one that is told to stop may take to do so, in milliseconds. @default 10,000 */
  readonly patience?: number | undefined
}
