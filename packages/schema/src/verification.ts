import * as v from 'valibot'
import { Instant, Label, Sha256 } from './atoms.js'
import { Coordinates } from './coordinates.js'
import { Origin } from './origin.js'
import { Problem } from './receipt.js'
import { PlannedDestination } from './release-plan.js'

export const Finding = v.strictObject({
  target: Label,
  destination: PlannedDestination,
  coordinates: Coordinates,
  found: v.picklist(['sealed-bytes', 'other-bytes', 'not-there-yet', 'index-broken', 'unknown']),
  seen: v.exactOptional(Sha256),
  problem: v.exactOptional(Problem),
  checkedAt: Instant,
})
export type Finding = v.InferOutput<typeof Finding>

/** What the public repository serves, seen as its users do. */
export const Verification = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('Verification'),
  origin: Origin,
  manifest: Sha256,
  release: Label,
  findings: v.array(Finding),
})
export type Verification = v.InferOutput<typeof Verification>
