import * as v from 'valibot'
import { Bytes, Instant, Label, Sha256 } from './atoms.js'
import { Content, Coordinates } from './coordinates.js'
import { ImageTag } from './image.js'
import { Origin } from './origin.js'
import { PlannedDestination } from './release-plan.js'

export const Verdict = v.picklist(['published', 'already-public', 'conflict', 'tampered', 'missing', 'undetermined', 'failed'])
export type Verdict = v.InferOutput<typeof Verdict>

/** Why something is not as it should be: a stable code of `errorCodes`, and a sentence without secrets. */
export const Problem = v.strictObject({
  code: v.string(),
  message: v.string(),
  /** The errors that led to it, the nearest first: what a library only calls `fetch failed`, say. Absent where the message says all. */
  causes: v.exactOptional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(400))), v.maxLength(10))),
  /** The end of the transfer that it comes from: the source, which is staging when publishing, or the outcome's destination. Absent if neither is to blame. */
  side: v.exactOptional(v.picklist(['source', 'destination'])),
})
export type Problem = Readonly<v.InferOutput<typeof Problem>>

/** A problem on one line: the first of its message, and its causes. */
export function describeProblem({ message, causes = [] }: Pick<Problem, 'message' | 'causes'>): string {
  const [line = ''] = message.split('\n', 1)
  return causes.length === 0 ? line : `${line} (${causes.join('; ')})`
}

export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** For an image: how many blobs were moved, mounted or present, and each tag's digest before and after; `because` says why a tag stayed. */
export const ImageOutcome = v.strictObject({
  blobs: v.strictObject({ moved: Count, mounted: Count, present: Count }),
  /** The blobs that this run brought there, sent or mounted: those that nobody has pulled before. */
  added: v.exactOptional(v.array(Sha256)),
  /** Manifests that staging lists as attached to the image, and has no more. */
  leftOut: v.exactOptional(v.array(Sha256)),
  tags: v.array(
    v.strictObject({ tag: ImageTag, before: v.nullable(Sha256), after: v.nullable(Sha256), because: v.exactOptional(v.string()) }),
  ),
})
export type ImageOutcome = v.InferOutput<typeof ImageOutcome>

const Milliseconds = Count

/** The outcome of one artifact at one destination, with the evidence. */
export const Outcome = v.strictObject({
  target: Label,
  destination: PlannedDestination,
  coordinates: Coordinates,
  expected: Content,
  /** The digest that the destination has, where it could be read. */
  seen: v.exactOptional(Sha256),
  verdict: Verdict,
  problem: v.exactOptional(Problem),
  bytesSent: Bytes,
  startedAt: Instant,
  finishedAt: Instant,
  /** How long each phase took; `waiting` is for room, for a server, or for another try. */
  image: v.exactOptional(ImageOutcome),
  milliseconds: v.strictObject({ waiting: Milliseconds, looking: Milliseconds, sending: Milliseconds, confirming: Milliseconds }),
})
export type Outcome = v.InferOutput<typeof Outcome>

/** Whether the newest attempts of the jobs before the gate were looked at right before publishing, and how they had ended. */
export const GateLook = v.strictObject({
  jobs: v.array(v.strictObject({ name: Label, id: Count, status: Label })),
  /** Why nobody looked. */
  notAsked: v.exactOptional(v.string()),
})
export type GateLook = v.InferOutput<typeof GateLook>

/** The receipt of one publish job. */
export const Receipt = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('Receipt'),
  origin: Origin,
  /** The digest of the sealed manifest that was published from. */
  manifest: Sha256,
  release: Label,
  /** Who started the job, as GitLab says. */
  startedBy: v.exactOptional(Label),
  /** Who approved it, where one click stands for the whole release. */
  approval: v.exactOptional(v.strictObject({ by: Label, approvedAt: Instant })),
  gate: v.exactOptional(GateLook),
  outcomes: v.array(Outcome),
})
export type Receipt = v.InferOutput<typeof Receipt>
