import type { Instant } from './atoms.js'
import type { Document } from './document.js'
import type { Evidence } from './receipt.js'

/** The outcome of one file at one repository, with the evidence: an `Outcome` for programs, which have no targets. */
export interface FileOutcome extends Evidence {
  /** The file as the program named it. */
  readonly path: string
  /** The repository's name in the program. */
  readonly repository: string
}

/** A program's own statement of who it is, with at least one entry: `{ ci: 'jenkins', run: '4711', commit: '4f1c…' }`. It is not verified. */
export type ProgramOrigin = Readonly<Record<string, string>>

/** The receipt of a program that released files without a plan, a seal or GitLab. */
export interface ProgramReceipt extends Document<'ProgramReceipt'> {
  /** Who released it, in the program's own words; absent if it names nobody. */
  readonly by?: ProgramOrigin
  /** The product. */
  readonly release: string
  /** The version that the program gave. */
  readonly version: string
  /** When this was written: at the beginning, with everything `undetermined`, and at the end. */
  readonly writtenAt: Instant
  /** One for each file at each repository. */
  readonly outcomes: readonly FileOutcome[]
}
