import * as v from 'valibot'
import { dictionary, Instant, Label } from './atoms.js'
import { Outcome } from './receipt.js'

const { target: _, destination: __, ...evidence } = Outcome.entries

/** The outcome of one file at one repository, with the evidence: an `Outcome` for programs, which have no targets. */
export const FileOutcome = v.strictObject({
  /** The file as the program named it. */
  path: v.pipe(v.string(), v.minLength(1)),
  /** The repository's name in the program. */
  repository: Label,
  ...evidence,
})
export type FileOutcome = v.InferOutput<typeof FileOutcome>

/** A program's own word on who it is: `{ ci: 'jenkins', run: '4711', commit: '4f1c…' }`. Nobody proved it. */
export const ProgramOrigin = v.pipe(dictionary(Label, Label), v.minEntries(1, 'at least one entry, such as { ci, run, commit }'))
export type ProgramOrigin = Readonly<v.InferOutput<typeof ProgramOrigin>>

/** The receipt of a program that released files without a plan, a seal or GitLab. */
export const ProgramReceipt = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('ProgramReceipt'),
  /** Who released it, in the program's own words; absent where it names nobody. */
  by: v.exactOptional(ProgramOrigin),
  /** The product. */
  release: Label,
  version: Label,
  /** When this was written: at the beginning, with everything `undetermined`, and at the end. */
  writtenAt: Instant,
  outcomes: v.array(FileOutcome),
})
export type ProgramReceipt = v.InferOutput<typeof ProgramReceipt>
