import * as v from 'valibot'
import { Instant, Label, Sha256 } from './atoms.js'
import { Coordinates } from './coordinates.js'
import { Origin } from './origin.js'
import { Count, Problem } from './receipt.js'
import { PlannedDestination } from './release-plan.js'

/**
 * The layers of an image whose manifests are the sealed ones: how many were read to their end and were right, and which were not read.
 * `there-before`: a receipt says that the release found the layer there, so it was only asked for.
 */
export const LayersRead = v.strictObject({
  read: Count,
  unread: v.array(v.strictObject({ digest: Sha256, because: v.picklist(['there-before', 'unreadable']) })),
})
export type LayersRead = v.InferOutput<typeof LayersRead>

export const Finding = v.strictObject({
  target: Label,
  destination: PlannedDestination,
  coordinates: Coordinates,
  /** `gone`: a receipt says that it was public. `refused`: the repository does not let us look, and will not before that is changed. */
  found: v.picklist(['sealed-bytes', 'other-bytes', 'not-there-yet', 'gone', 'index-broken', 'refused', 'unknown']),
  seen: v.exactOptional(Sha256),
  problem: v.exactOptional(Problem),
  layers: v.exactOptional(LayersRead),
  checkedAt: Instant,
})
export type Finding = v.InferOutput<typeof Finding>

/** The findings of a reader of the public repository. */
export const Verification = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('Verification'),
  origin: Origin,
  manifest: Sha256,
  release: Label,
  findings: v.array(Finding),
})
export type Verification = v.InferOutput<typeof Verification>
