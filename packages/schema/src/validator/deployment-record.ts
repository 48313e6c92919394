import * as v from 'valibot'
import { Instant, Label, Sha256 } from './atoms.js'
import { Origin } from './origin.js'

export const DeploymentRecord = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('DeploymentRecord'),
  origin: Origin,
  manifest: Sha256,
  release: Label,
  deployment: Label,
  url: Label,
  project: Label,
  ref: Label,
  key: Label,
  pipeline: v.exactOptional(
    v.strictObject({
      id: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      url: v.string(),
      status: v.exactOptional(Label),
      seenAt: v.exactOptional(Instant),
    }),
  ),
  startedAt: Instant,
})
