/**
 * The documents of a release, and what both sides of the gate agree on.
 * @module @stagegate/schema
 */
export type { Approval } from './approval.js'
export { isIndexField, isSuiteName } from './apt.js'
export type { Brand, Bytes, Instant, JsonObject, JsonValue, Seconds, Sha256 } from './atoms.js'
export { canonical, digestOf } from './canonical.js'
export {
  type Content,
  type Coordinates,
  describeCoordinates,
  type FileCoordinates,
  fileOf,
  isArchitecture,
  isCoordinates,
  isDistribution,
  isFileName,
  isPackage,
  type PackageCoordinates,
} from './coordinates.js'
export type { DeploymentRecord, StartedPipeline } from './deployment-record.js'
export type { Document, JobDocument } from './document.js'
export { type ErrorParts, GateError, isStagegateError, StagegateError, UsageError } from './error.js'
export { type ErrorCode, errorCodes } from './error-codes.js'
export { canBeAllowed, hostileEffects, hostileVariables } from './hostile-variables.js'
export {
  type FixedTag,
  type Flavour,
  type ForwardTag,
  flavoured,
  type ImageCoordinates,
  isFlavour,
  isImageName,
  isImageTag,
  type PartCoordinates,
  type SealedTag,
} from './image.js'
export {
  credentialScriptTimeout,
  deploymentVariables,
  gitStrategy,
  holdMargin,
  incompleteExitCode,
  jobFiles,
  jobFolder,
  jobFolders,
  kindVariable,
  modulePath,
  notesPath,
  readTokenVariable,
  repositoryTypes,
  shortCommitLength,
  stagingTag,
} from './job-contract.js'
export { bytes, instant, isLabel, isSha256, isVariableName, later, seconds, sha256 } from './make-atom.js'
export { nearest } from './nearest.js'
export { describeRef, isOrigin, type Origin } from './origin.js'
export type { PipelineFact, PlannedCondition } from './planned-condition.js'
export type { FileOutcome, ProgramOrigin, ProgramReceipt } from './program-receipt.js'
export {
  checkApproval,
  checkReceipt,
  checkReleaseManifest,
  checkReleasePlan,
  checkStagingRecord,
  DocumentError,
  documentLimit,
  documentText,
  parseApproval,
  parseDeploymentRecord,
  parseProgramReceipt,
  parseReceipt,
  parseReleaseManifest,
  parseReleasePlan,
  parseStaging,
  parseStagingRecord,
  parseVerification,
} from './read.js'
export {
  describeProblem,
  type Evidence,
  type GateLook,
  type ImageOutcome,
  type Outcome,
  type Phases,
  type Problem,
  type Receipt,
  type Verdict,
  verdicts,
} from './receipt.js'
export { parseRegistryName, type RegistryName } from './registry-name.js'
export type { ReleaseManifest, SealedTarget } from './release-manifest.js'
export {
  isModulePath,
  isNotesPath,
  isPublishedFolder,
  type PlannedDeployment,
  type PlannedDestination,
  type PlannedFiles,
  type PlannedImage,
  type PlannedKind,
  type PlannedModule,
  type PlannedPackages,
  type PlannedPage,
  type PlannedProject,
  type PlannedRecords,
  type PlannedRelease,
  type PlannedRemote,
  type PlannedRepository,
  type PlannedRoute,
  type PlannedTag,
  type PlannedTarget,
  type ReleasePlan,
} from './release-plan.js'
export {
  type BucketAddressing,
  type BucketName,
  type BucketPlace,
  bucketPlace,
  googleOrigin,
  isBucketName,
  isKeyPrefix,
  isOfAws,
  isRegionName,
  isRoleName,
  parseReadAddress,
  type ReadAddress,
  stsOrigin,
} from './s3.js'
export type { StagedArtifact, StagingAttempt, StagingRecord } from './staging-record.js'
export { parseUrl } from './url.js'
export type { Finding, LayersRead, Verification } from './verification.js'
