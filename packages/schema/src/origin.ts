import * as v from 'valibot'
import { Label, Sha256 } from './atoms.js'

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** The job that wrote a document, and its project. A rehearsal (a laptop, a test, the demo) is marked as one. */
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
export type Origin = v.InferOutput<typeof Origin>

export function isOrigin(value: unknown): value is Origin {
  return v.is(Origin, value)
}

/** `tag v1.2.3` or `branch main`. */
export function describeRef(ref: Origin['ref']): string {
  return 'tag' in ref ? `tag ${ref.tag}` : `branch ${ref.branch}`
}
