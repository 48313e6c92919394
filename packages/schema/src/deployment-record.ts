import * as v from 'valibot'
import { Instant, Label, Sha256 } from './atoms.js'
import { Origin } from './origin.js'

/** The pipeline that a deploy job started on another GitLab instance. */
export const DeploymentRecord = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('DeploymentRecord'),
  origin: Origin,
  /** The digest of the manifest that was deployed. */
  manifest: Sha256,
  release: Label,
  deployment: Label,
  /** The instance. */
  url: Label,
  project: Label,
  ref: Label,
  /** The value of its STAGEGATE_DEPLOYMENT_KEY, by which it is found again. */
  key: Label,
  /** Absent as long as it is not known whether it was started. */
  pipeline: v.exactOptional(
    v.strictObject({
      id: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      url: v.string(),
      /** GitLab's word, such as `success`; absent before it was looked at. */
      status: v.exactOptional(Label),
      seenAt: v.exactOptional(Instant),
    }),
  ),
  /** When this job began. */
  startedAt: Instant,
})
export type DeploymentRecord = v.InferOutput<typeof DeploymentRecord>
