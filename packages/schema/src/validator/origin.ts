import * as v from 'valibot'
import { Label, Sha256 } from './atoms.js'

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

export const Origin = v.strictObject({
  rehearsal: v.boolean(),
  instance: Label,
  project: v.strictObject({ id, path: Label }),
  pipeline: id,
  job: v.strictObject({ id, name: Label }),
  commit: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'a complete commit hash')),
  ref: v.union([v.strictObject({ tag: Label }), v.strictObject({ branch: Label })]),
  pipelineKind: Label,
  plan: Sha256,
})
