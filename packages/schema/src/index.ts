export { Approval } from './approval.js'
export {
  Bytes,
  bytes,
  Instant,
  instant,
  isLabel,
  isSha256,
  isVariableName,
  JsonObject,
  JsonValue,
  Label,
  later,
  Seconds,
  Sha256,
  seconds,
  sha256,
  VariableName,
} from './atoms.js'
export { canonical, digestOf } from './canonical.js'
export { Content, Coordinates, describeCoordinates, fileOf, isArchitecture, isDistribution, PackageCoordinates } from './coordinates.js'
export { type ErrorParts, GateError, isStagegateError, StagegateError, UsageError } from './error.js'
export { describeRef, Origin } from './origin.js'
export {
  DocumentError,
  documentLimit,
  documentText,
  parseApproval,
  parseReceipt,
  parseReleaseManifest,
  parseReleasePlan,
  parseStagingRecord,
  parseVerification,
} from './read.js'
export { Outcome, Problem, Receipt, Verdict } from './receipt.js'
export { ReleaseManifest, SealedTarget } from './release-manifest.js'
export {
  PlannedDestination,
  PlannedKind,
  PlannedRecords,
  PlannedRelease,
  PlannedRepository,
  PlannedRoute,
  PlannedTarget,
  ReleasePlan,
} from './release-plan.js'
export { StagedArtifact, StagingRecord } from './staging-record.js'
export { Finding, Verification } from './verification.js'
