import * as v from 'valibot'
import { dictionary, JsonObject, Label, Seconds, VariableName } from './atoms.js'
import { Architecture, Distribution } from './coordinates.js'

/** How a kind's release gets its version: a tag's expression (RE2, first group), a variable, or it has none. */
const PlannedVersion = v.union([v.strictObject({ tag: v.string() }), v.strictObject({ variable: VariableName }), v.null()])

export const PlannedKind = v.strictObject({
  version: PlannedVersion,
  /** True where something is published: then the ref must be protected. */
  publishes: v.boolean(),
})
export type PlannedKind = v.InferOutput<typeof PlannedKind>

export const PlannedRepository = v.strictObject({
  role: v.picklist(['staging', 'public']),
  type: Label,
  /** The module that brings the repository's type, for third parties' ones. */
  module: v.exactOptional(v.string()),
  /** Scheme, host and port to which the credentials may go; empty for a directory. */
  origin: v.string(),
  settings: JsonObject,
  /** Names of environment variables, never values. */
  credentials: v.strictObject({ read: v.array(VariableName), write: v.array(VariableName) }),
})
export type PlannedRepository = v.InferOutput<typeof PlannedRepository>

export const PlannedDestination = v.strictObject({
  repository: Label,
  /** @default the target's own */
  distribution: v.exactOptional(Distribution),
  /** An advisory destination's failure does not fail the job. */
  advisory: v.boolean(),
})
export type PlannedDestination = v.InferOutput<typeof PlannedDestination>

export const PlannedRoute = v.strictObject({ staging: v.exactOptional(Label), public: v.array(PlannedDestination) })
export type PlannedRoute = v.InferOutput<typeof PlannedRoute>

export const PlannedTarget = v.strictObject({
  id: Label,
  optional: v.boolean(),
  what: v.strictObject({
    type: v.literal('package'),
    /** Globs of the built packages, from the project's root. */
    files: v.array(v.pipe(v.string(), v.minLength(1))),
    distribution: v.exactOptional(Distribution),
    architecture: v.exactOptional(Architecture),
  }),
  verify: v.picklist(['http', 'apt', 'dnf']),
  jobs: v.strictObject({ build: Label, stage: Label, seal: Label, publish: Label, verify: Label }),
  /** By pipeline kind. */
  routes: dictionary(Label, PlannedRoute),
})
export type PlannedTarget = v.InferOutput<typeof PlannedTarget>

const PlannedDeployment = v.strictObject({
  id: Label,
  job: Label,
  /** The job that checks what the deployment really runs; others wait for it. */
  confirm: v.exactOptional(Label),
  environment: v.exactOptional(Label),
  kinds: v.array(Label),
  gates: v.boolean(),
})

export const PlannedRelease = v.strictObject({
  id: Label,
  hold: Seconds,
  approval: v.picklist(['each', 'once']),
  jobs: v.strictObject({ seal: Label, approve: v.exactOptional(Label) }),
  targets: v.array(PlannedTarget),
  deployments: v.array(PlannedDeployment),
})
export type PlannedRelease = v.InferOutput<typeof PlannedRelease>

/** Where `seal` records which manifest a version has: the project's own generic packages, or a directory. */
export const PlannedRecords = v.variant('type', [
  v.strictObject({ type: v.literal('gitlab') }),
  v.strictObject({ type: v.literal('directory'), path: v.pipe(v.string(), v.minLength(1)) }),
])
export type PlannedRecords = v.InferOutput<typeof PlannedRecords>

/** All that the jobs need to know; written by `synth`, committed, read by every command. */
export const ReleasePlan = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('ReleasePlan'),
  /** What wrote it: `@stagegate/sdk 1.2.3`. */
  generator: Label,
  records: PlannedRecords,
  /** Variables such as HTTPS_PROXY that a credential job may find set. */
  allowedVariables: v.array(VariableName),
  kinds: dictionary(Label, PlannedKind),
  repositories: dictionary(Label, PlannedRepository),
  releases: v.array(PlannedRelease),
})
export type ReleasePlan = v.InferOutput<typeof ReleasePlan>
