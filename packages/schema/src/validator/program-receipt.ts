import * as v from 'valibot'
import { dictionary, Instant, Label } from './atoms.js'
import { Outcome } from './receipt.js'

const { target: _, destination: __, ...evidence } = Outcome.entries

export const FileOutcome = v.strictObject({ path: v.pipe(v.string(), v.minLength(1)), repository: Label, ...evidence })

export const ProgramOrigin = v.pipe(dictionary(Label, Label), v.minEntries(1, 'at least one entry, such as { ci, run, commit }'))

export const ProgramReceipt = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('ProgramReceipt'),
  by: v.exactOptional(ProgramOrigin),
  release: Label,
  version: Label,
  writtenAt: Instant,
  outcomes: v.array(FileOutcome),
})
