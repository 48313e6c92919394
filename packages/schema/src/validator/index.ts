/** The documents and their parts as schemas of valibot, for those who compose them. The parsers of this package use them. @module */
export { Approval } from './approval.js'
export { Bytes, Instant, JsonObject, JsonValue, Label, Seconds, Sha256, VariableName } from './atoms.js'
export { Content, Coordinates, Distribution, PackageCoordinates } from './coordinates.js'
export { DeploymentRecord } from './deployment-record.js'
export { Flavour, ImageCoordinates, ImageName, ImageTag, PartCoordinates, SealedTag } from './image.js'
export { Origin } from './origin.js'
export { PlannedCondition } from './planned-condition.js'
export { FileOutcome, ProgramOrigin, ProgramReceipt } from './program-receipt.js'
export { GateLook, ImageOutcome, Outcome, Problem, Receipt, Verdict } from './receipt.js'
export { ReleaseManifest, SealedTarget } from './release-manifest.js'
export {
  PlannedDeployment,
  PlannedDestination,
  PlannedFiles,
  PlannedImage,
  PlannedKind,
  PlannedModule,
  PlannedPackages,
  PlannedPage,
  PlannedProject,
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
export { Finding, LayersRead, Verification } from './verification.js'
