import type { Jobs } from './jobs.js'
import type { Projects } from './projects.js'

/** Settings of the generic packages of an instance. */
export interface GenericPackagesOptions {
  /** The projects, and who may come in. @default each running job, into its own project */
  readonly projects?: Projects | undefined
  /** The jobs that run, where no projects are given. */
  readonly jobs?: Jobs | undefined
  /**
   * The answer to a second file of one name in one package. `refused-unless-raced` looks for it before the body comes, so that two
   * uploads at one time both pass: the check is a query before an insert, without a unique index. @default added, as GitLab does unless told otherwise
   */
  readonly duplicates?: 'added' | 'refused' | 'refused-unless-raced' | undefined
  /** Of those that create one package at the same time, all but the first are answered with 500. @default false */
  readonly raceWith500?: boolean | undefined
  /** The most that a page of a list holds. @default 100 */
  readonly maxPerPage?: number | undefined
  /** Whether lists know `pagination=keyset`. @default true */
  readonly keyset?: boolean | undefined
  /** How often the packages are asked for before a new one is among them. @default 0 */
  readonly lag?: number | undefined
  /** Where a download comes from. Nobody knows whether the digest also stands on the way to the storage. @default gitlab */
  readonly downloads?: 'gitlab' | 'storage' | 'storage-with-checksum' | undefined
  /** Which packages give their files by name and version; `installable` are those of the states default, hidden and deprecated. @default all */
  readonly readable?: 'all' | 'installable' | undefined
  /** The longest file, in bytes. @default none */
  readonly maxFileSize?: number | undefined
  /** The names that protection rules are for, with `*`, and who may push all the same. @default none */
  readonly protectedNames?: Readonly<Record<string, 'maintainer' | 'nobody'>> | undefined
  /** Characters that this version refuses in file names: `~` before GitLab 16. @default none beyond GitLab's rule */
  readonly refusedCharacters?: string | undefined
  /** Which of a package's pipelines its list names: older versions name the one that created it. @default last */
  readonly namedPipeline?: 'first' | 'last' | undefined
  /** Whether the instance has a package registry at all. @default true */
  readonly enabled?: boolean | undefined
}
