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
export {
  Content,
  Coordinates,
  describeCoordinates,
  fileOf,
  isArchitecture,
  isCoordinates,
  isDistribution,
  isFileName,
  isPackage,
  PackageCoordinates,
} from './coordinates.js'
export { DeploymentRecord } from './deployment-record.js'
export { type ErrorParts, GateError, isStagegateError, StagegateError, UsageError } from './error.js'
export { type ErrorCode, errorCodes } from './error-codes.js'
export { canBeAllowed, hostileEffects, hostileVariables } from './hostile-variables.js'
export {
  Flavour,
  flavoured,
  ImageCoordinates,
  ImageName,
  ImageTag,
  isFlavour,
  isImageName,
  isImageTag,
  PartCoordinates,
  SealedTag,
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
  readTokenVariable,
  repositoryTypes,
  shortCommitLength,
  stagingTag,
} from './job-contract.js'
export { nearest } from './nearest.js'
export { describeRef, isOrigin, Origin } from './origin.js'
export { PlannedCondition } from './planned-condition.js'
export { FileOutcome, ProgramOrigin, ProgramReceipt } from './program-receipt.js'
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
export { describeProblem, GateLook, ImageOutcome, Outcome, Problem, Receipt, Verdict } from './receipt.js'
export { parseRegistryName, type RegistryName } from './registry-name.js'
export { ReleaseManifest, SealedTarget } from './release-manifest.js'
export type { PlannedFiles, PlannedImage } from './release-plan.js'
export {
  isModulePath,
  isPublishedFolder,
  PlannedDeployment,
  PlannedDestination,
  PlannedKind,
  PlannedRecords,
  PlannedRelease,
  PlannedRemote,
  PlannedRepository,
  PlannedRoute,
  PlannedTag,
  PlannedTarget,
  ReleasePlan,
} from './release-plan.js'
export { StagedArtifact, StagingAttempt, StagingRecord } from './staging-record.js'
export { parseUrl } from './url.js'
export { Finding, LayersRead, Verification } from './verification.js'
