import type { PublicRepository } from '../../contract/capabilities.js'

/** A repository with nothing in it, and the means to break things around it. Each case gets one of its own. */
export interface Place {
  /** The repository that is tried. */
  readonly repository: PublicRepository
  /** The same place opened again, as another process would. */
  readonly another?: (() => PublicRepository | Promise<PublicRepository>) | undefined
  /** The same place, whose server cannot be reached. */
  readonly unreachable?: (() => PublicRepository | Promise<PublicRepository>) | undefined
  /** The same place, whose server answers nothing of use, such as 500 to everything. */
  readonly failing?: (() => PublicRepository | Promise<PublicRepository>) | undefined
  /** The same place with a credential that the server does not know. */
  readonly refused?: (() => PublicRepository | Promise<PublicRepository>) | undefined
  /** The same place with a credential that may only read. */
  readonly readOnly?: (() => PublicRepository | Promise<PublicRepository>) | undefined
  /** The same place, whose server does the next write, and cuts the connection instead of an answer. */
  readonly losingAnswers?: (() => PublicRepository | Promise<PublicRepository>) | undefined
  /** Takes away what is at a location, behind the repository's back. */
  readonly remove?: ((location: string) => void | Promise<void>) | undefined
  /** Ends what the place needed. */
  readonly close?: (() => unknown) | undefined
}

/** The means that a place can give. */
export type Means = Exclude<keyof Place, 'repository' | 'close'>

/** Methods that a repository can have beside `observe` and `create`. */
export type Optional = 'read' | 'served' | 'copy' | 'tags' | 'referrers'

/**
 * Something that some cases need, and that a place can be without. `smallMemory`: it never holds a large body as a whole. `oneWinner`: of
 * several writers at once, its server takes one; a server that only looks before it writes takes the last one, after saying yes to others, or
 * keeps all of them. `deepNames`: images can have names of four parts. `attachments`: its server lists the manifests that are about another;
 * GitLab's registry does neither.
 */
export type Need = Means | Optional | 'smallMemory' | 'oneWinner' | 'deepNames' | 'attachments'

export const means: readonly Means[] = ['another', 'unreachable', 'failing', 'refused', 'readOnly', 'losingAnswers', 'remove']
export const optional: readonly Optional[] = ['read', 'served', 'copy', 'tags', 'referrers']
/** Those of which nothing shows before it is tried. */
export const ofServers: readonly Exclude<Need, Means | Optional>[] = ['smallMemory', 'oneWinner', 'deepNames', 'attachments']
export const needs: readonly Need[] = [...means, ...optional, ...ofServers]

/** What a repository takes, and what its tests are without. */
export interface ConformanceOptions {
  /** What it takes; each is tried. */
  readonly formats: readonly ('deb' | 'rpm' | 'file' | 'image')[]
  /**
   * What the place is without: the cases that need it are left out. A place that has it after all, or lacks something that is not named here,
   * fails, so that nothing is left out silently.
   * @default nothing
   */
  readonly without?: readonly Need[] | undefined
  /** Whether it has an index: `list()`, which makes what was created visible. @default false */
  readonly index?: boolean | undefined
  /** Its name in messages. @default the repository */
  readonly name?: string | undefined
  /** Where packages go. @default ubuntu/jammy and el/9 */
  readonly distributions?: { readonly deb?: string; readonly rpm?: string } | undefined
  /** How long what was accepted may stay absent, in milliseconds: servers take their time to list it. @default 10,000 */
  readonly listedWithin?: number | undefined
  /** How long a call may take, and how long one that is told to stop may take to do so, in milliseconds. @default 10,000 */
  readonly patience?: number | undefined
}
