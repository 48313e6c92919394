export {
  type Body,
  type Call,
  type Descriptor,
  type Format,
  type ImageCapabilities,
  type ImageRepository,
  IndexBroken,
  type Item,
  NotThere,
  type Observable,
  type Observation,
  type Pointers,
  type PublicRepository,
  type Referrers,
  type Served,
  type ServerSideCopy,
  type Sink,
  type Source,
  type StagingRepository,
  type TagPlace,
  type Written,
} from './contract/capabilities.js'
export { type Clock, systemClock } from './contract/clock.js'
export { PutOff } from './contract/put-off.js'
export { isFinal, RepositoryRefusal } from './contract/refusal.js'
export { type Operation, RepositoryError } from './contract/repository-error.js'
export { canPass, systemCode } from './contract/system-error.js'
export { type Decision, type DecisionLimits, decide, type History, type Knowledge, type Staged, type State } from './decide/decide.js'
export { type DeployOptions, deploy, deployExitCode } from './deployment/deploy.js'
export type { DeployEvent, How } from './deployment/journal.js'
export type { DeployLimits } from './deployment/limits.js'
export type { StartDecision } from './deployment/start-once.js'
export { createEnvironment, type EnvironmentOptions } from './environment.js'
export { type ExitCode, exitCodeOf, exitCodeOfError, exitCodeOfFindings } from './exit-code.js'
export { type ExpectedFile, parseSha256Sums } from './file/sha256sums.js'
export { expectPlan } from './gate/expect-plan.js'
export { type Admission, admit, expectOrigin, expectRecorded, recordSeal } from './gate/gate.js'
export { gatingJobs, lookAtGate } from './gate/gating-jobs.js'
export { askForLint, type CiLint, type CiLintQuestion } from './gitlab/ci-lint.js'
export { JobApi, readApi } from './gitlab/job-api.js'
export type { Patience } from './gitlab/patiently.js'
export type {
  Credential,
  HttpAnswer,
  HttpClient,
  HttpDownload,
  HttpRequest,
  Multipart,
  Secret,
  SecretFunction,
  SecretName,
  SecretValue,
} from './http/index.js'
export {
  type BackOffClock,
  createHttpClient,
  type HttpClientOptions,
  HttpError,
  type HttpErrorCode,
  type HttpLimits,
  type ProxyFor,
  type Secrets,
} from './http/index.js'
export { type Checkout, readCheckout } from './identity/checkout.js'
export { askForJob, type CurrentJob, type Expected, gitlabOrigin, refuseOtherInstance } from './identity/current-job.js'
export { refuseHostileVariables, trustVariables } from './identity/hostile-variables.js'
export { isOnThisMachine, rehearsalOrigin } from './identity/rehearsal.js'
export { makeFolder } from './make-folder.js'
export { inspectPackage, PackageError, type PackageIdentity } from './package/index.js'
export { findDeployment, findRelease, findTarget } from './plan.js'
export type { Ports, Repositories } from './ports.js'
export { directoryNotes } from './records/directory-notes.js'
export { directoryRecords } from './records/directory-records.js'
export { type GitlabNotesOptions, gitlabNotes, type Kept, pipelineNotes } from './records/gitlab-notes.js'
export { gitlabRecords } from './records/gitlab-records.js'
export type { Notes } from './records/notes.js'
export type { RecordStore } from './records/record-store.js'
export type { Uploader, UploadingPipeline } from './records/uploader.js'
export { type Access, defineRepository, type Environment, type Opening, type RepositoryKind, type Tls } from './repository/define.js'
export { loadKind, type RepositoryModule, type RepositoryTools } from './repository/load-kind.js'
export { builtLayout } from './repository/oci-layout/index.js'
export { builtIn, openRepositories } from './repository/open.js'
export {
  directory,
  type OpenOptions,
  ociLayout,
  openRepository,
  type PackagecloudOptions,
  packagecloud,
  type RegistryOptions,
  registry,
  type ServerOptions,
} from './repository/places.js'
export { ContentMismatch } from './transfer/content-mismatch.js'
export type { TransferEvent } from './transfer/event.js'
export { type Host, HostGivenUp, type HostPorts, Hosts } from './transfer/host.js'
export { defaultLimits, type Limits } from './transfer/limits.js'
export { type ApproveOptions, approve } from './verb/approve.js'
export { type CopiedImage, type CopyImageOptions, copyImage, type MovingTag } from './verb/copy-image.js'
export { type Fetched, type FetchOptions, fetchStaged } from './verb/fetch.js'
export { exitCodeOfForeseen, type Foreseen, foresee } from './verb/foresee.js'
export { type PublishOptions, publish, receiptOf } from './verb/publish.js'
export { packageIn, type ReleaseOptions, release } from './verb/release.js'
export { seal } from './verb/seal.js'
export { type SealSupplementOptions, sealSupplement } from './verb/seal-supplement.js'
export type { SealOptions } from './verb/sealing.js'
export { stage } from './verb/stage.js'
export { expectStaged } from './verb/staged.js'
export type { StageOptions } from './verb/staging.js'
export { StagingIncomplete } from './verb/staging-incomplete.js'
export { withToCome } from './verb/to-come.js'
export { type VerifyOptions, verify } from './verb/verify.js'
export { type VerifiedFile, type VerifyFilesOptions, verifyFiles } from './verb/verify-files.js'
