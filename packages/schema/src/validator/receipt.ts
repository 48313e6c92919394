import * as v from 'valibot'
import { verdicts } from '../receipt.js'
import { Bytes, Instant, Label, Sha256 } from './atoms.js'
import { Content, Coordinates } from './coordinates.js'
import { ImageTag } from './image.js'
import { Origin } from './origin.js'
import { PlannedDestination } from './release-plan.js'

export const Verdict = v.picklist(verdicts)

export const Problem = v.strictObject({
  code: v.string(),
  message: v.string(),
  causes: v.exactOptional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(400))), v.maxLength(10))),
  side: v.exactOptional(v.picklist(['source', 'destination'])),
})

export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

export const ImageOutcome = v.strictObject({
  blobs: v.strictObject({ moved: Count, mounted: Count, present: Count }),
  added: v.exactOptional(v.array(Sha256)),
  leftOut: v.exactOptional(v.array(Sha256)),
  tags: v.array(
    v.strictObject({ tag: ImageTag, before: v.nullable(Sha256), after: v.nullable(Sha256), because: v.exactOptional(v.string()) }),
  ),
})

const Milliseconds = Count

export const Outcome = v.strictObject({
  target: Label,
  destination: PlannedDestination,
  coordinates: Coordinates,
  expected: Content,
  seen: v.exactOptional(Sha256),
  verdict: Verdict,
  problem: v.exactOptional(Problem),
  bytesSent: Bytes,
  copiedByServer: v.exactOptional(v.literal(true)),
  startedAt: Instant,
  finishedAt: Instant,
  image: v.exactOptional(ImageOutcome),
  milliseconds: v.strictObject({ waiting: Milliseconds, looking: Milliseconds, sending: Milliseconds, confirming: Milliseconds }),
})

export const GateLook = v.strictObject({
  jobs: v.array(v.strictObject({ name: Label, id: Count, status: Label })),
  notAsked: v.exactOptional(v.string()),
})

export const Receipt = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('Receipt'),
  origin: Origin,
  manifest: Sha256,
  release: Label,
  startedBy: v.exactOptional(Label),
  approval: v.exactOptional(v.strictObject({ by: Label, approvedAt: Instant })),
  gate: v.exactOptional(GateLook),
  outcomes: v.array(Outcome),
})
