import * as v from 'valibot'
import { Instant, Label, Sha256 } from './atoms.js'
import { Origin } from './origin.js'

/** Who approved which manifest, where one click stands for the whole release. */
export const Approval = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('Approval'),
  origin: Origin,
  /** The digest of the manifest that was approved. */
  manifest: Sha256,
  release: Label,
  /** Who started the job. */
  by: Label,
  approvedAt: Instant,
})
export type Approval = v.InferOutput<typeof Approval>
