import * as v from 'valibot'
import { Instant, Label, Sha256 } from './atoms.js'
import { Origin } from './origin.js'

export const Approval = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('Approval'),
  origin: Origin,
  manifest: Sha256,
  release: Label,
  by: Label,
  approvedAt: Instant,
})
