import * as v from 'valibot'
import { Instant, Label, Sha256 } from './atoms.js'
import { Coordinates } from './coordinates.js'
import { Origin } from './origin.js'
import { Count, Problem } from './receipt.js'
import { PlannedDestination } from './release-plan.js'

export const LayersRead = v.strictObject({
  read: Count,
  unread: v.array(v.strictObject({ digest: Sha256, because: v.picklist(['there-before', 'unreadable']) })),
})

export const Finding = v.strictObject({
  target: Label,
  destination: PlannedDestination,
  coordinates: Coordinates,
  found: v.picklist(['sealed-bytes', 'other-bytes', 'not-there-yet', 'gone', 'index-broken', 'refused', 'unknown']),
  seen: v.exactOptional(Sha256),
  by: v.exactOptional(v.picklist(['apt', 'dnf'])),
  problem: v.exactOptional(Problem),
  layers: v.exactOptional(LayersRead),
  checkedAt: Instant,
})

export const Verification = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('Verification'),
  origin: Origin,
  manifest: Sha256,
  release: Label,
  findings: v.array(Finding),
})
