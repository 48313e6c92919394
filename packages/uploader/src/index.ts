/**
 * Copies releases to public repositories: verified by digest, idempotent, safe to run again after any failure. `release`, `copyImage` and
 * `verifyFiles` need no GitLab.
 * @module @stagegate/uploader
 */
export {
  type Approval,
  type Brand,
  type Bytes,
  bytes,
  type Content,
  type Coordinates,
  checkReceipt,
  checkReleaseManifest,
  checkReleasePlan,
  checkStagingRecord,
  type Document,
  DocumentError,
  describeCoordinates,
  describeProblem,
  documentText,
  type ErrorParts,
  type Evidence,
  type FileCoordinates,
  type FileOutcome,
  type Finding,
  type FixedTag,
  type Flavour,
  type ForwardTag,
  fileOf,
  GateError,
  type GateLook,
  type ImageCoordinates,
  type ImageOutcome,
  type Instant,
  instant,
  isPackage,
  isStagegateError,
  type JobDocument,
  type JsonObject,
  type JsonValue,
  type LayersRead,
  later,
  type Origin,
  type Outcome,
  type PackageCoordinates,
  type PartCoordinates,
  type Phases,
  type PipelineFact,
  type PlannedCondition,
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
  type Problem,
  type ProgramOrigin,
  type ProgramReceipt,
  parseProgramReceipt,
  parseReceipt,
  parseReleaseManifest,
  parseReleasePlan,
  parseStagingRecord,
  parseVerification,
  type Receipt,
  type ReleaseManifest,
  type ReleasePlan,
  type SealedTag,
  type SealedTarget,
  type Seconds,
  type Sha256,
  type StagedArtifact,
  StagegateError,
  type StagingAttempt,
  type StagingRecord,
  sha256,
  UsageError,
  type Verdict,
  type Verification,
  verdicts,
} from '@stagegate/schema'
export {
  type Body,
  type Call,
  type Completable,
  type Descriptor,
  type Format,
  type ImageCapabilities,
  type ImageRepository,
  IndexBroken,
  type Indexed,
  type Installable,
  type Item,
  type Listed,
  type ListedReferrer,
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
export type {
  Brought,
  PackageClient,
  PackageManager,
  PackageManagerName,
} from './contract/package-manager.js'
export type { AptSource, DnfSource, PackageSource, Reach } from './contract/package-source.js'
export { PutOff } from './contract/put-off.js'
export { isFinal, RepositoryRefusal } from './contract/refusal.js'
export { type Operation, RepositoryError, type RepositoryErrorParts } from './contract/repository-error.js'
export type { Signer } from './contract/signer.js'
export type { DecisionLimits } from './decide/decide.js'
export { type Destined, type ExitCode, exitCodeOf, exitCodeOfError, exitCodeOfFindings, type Found } from './exit-code.js'
export { type ExpectedFile, parseSha256Sums } from './file/sha256sums.js'
export type {
  AwsAccount,
  AwsIssued,
  Credential,
  DownloadOptions,
  GoogleAccount,
  HttpAnswer,
  HttpClient,
  HttpDownload,
  HttpRequest,
  IssuedKeys,
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
export type { ClientOptions, Network, Tls } from './http/network.js'
export type { ForeseenParts } from './image/foresee-image.js'
export {
  type DebIdentity,
  inspectPackage,
  PackageError,
  type PackageErrorCode,
  type PackageErrorParts,
  type PackageFacts,
  type PackageIdentity,
  type RpmIdentity,
} from './package/index.js'
export { aptGet, dnf } from './package-manager/index.js'
export type { Ports, Repositories } from './ports.js'
export type { RecordStore } from './records/record-store.js'
export { type S3Credentials, type S3Options, type S3Role, s3 } from './repository/buckets.js'
export {
  type Access,
  defineRepository,
  defineStore,
  type Environment,
  type OpenedStore,
  type Opening,
  type RepositoryKind,
  type StoreKind,
} from './repository/define.js'
export { createEnvironment, type EnvironmentOptions } from './repository/environment.js'
export { type GcsKey, type GcsOptions, type GcsToken, gcs } from './repository/google-buckets.js'
export { loadKind, type ModuleKind, type RepositoryModule, type RepositoryTools } from './repository/load-kind.js'
export type { BuiltImage } from './repository/oci/built-image.js'
export { builtLayout } from './repository/oci-layout/index.js'
export { builtIn, openRepositories } from './repository/open.js'
export type { OpenOptions, ServerOptions } from './repository/opening.js'
export { type BucketOptions, type FilesOptions, files, type GcsBucketOptions, type Place, type StoreOptions } from './repository/place.js'
export {
  directory,
  type GitlabPackagesOptions,
  gitlabPackages,
  ociLayout,
  openRepository,
  type PackagecloudOptions,
  packagecloud,
  type RegistryOptions,
  registry,
} from './repository/places.js'
export {
  type AptRepositoryOptions,
  aptRepository,
  type TreeOptions,
  type YumRepositoryOptions,
  yumRepository,
} from './repository/trees.js'
export { type HttpFilesOptions, httpFiles } from './repository/web.js'
export { expectSigningCertificate } from './signing/certificates.js'
export type { AnyStore } from './store/checked-store.js'
export {
  type CopyingStore,
  type Entry as StoreEntry,
  type MovingStore,
  type Reading as StoreReading,
  type Replaced,
  type Sighting,
  type Store,
  type StorePath,
  storePath,
  type Users,
  usersOf,
  type Version as StoreVersion,
  version as storeVersion,
} from './store/index.js'
export { ContentMismatch } from './transfer/content-mismatch.js'
export type { Happening, TransferEvent } from './transfer/event.js'
export { type Host, HostGivenUp, type HostPorts, Hosts, type OnWait } from './transfer/host.js'
export { defaultLimits, type Limits } from './transfer/limits.js'
export { type CopiedImage, type CopyImageOptions, copyImage, type MovingTag } from './verb/copy-image.js'
export { type Fetched, type FetchOptions, fetchStaged } from './verb/fetch.js'
export { exitCodeOfForeseen, type Foreseen, foresee } from './verb/foresee.js'
export type { PackageManagers } from './verb/package-readers.js'
export { type PublishOptions, publish, receiptOf } from './verb/publish.js'
export { packageIn, type ReleaseOptions, release } from './verb/release.js'
export { seal } from './verb/seal.js'
export type { SealOptions } from './verb/sealing.js'
export { stage } from './verb/stage.js'
export { expectStaged } from './verb/staged.js'
export type { StageOptions } from './verb/staging.js'
export { StagingIncomplete } from './verb/staging-incomplete.js'
export { type VerifyOptions, verify } from './verb/verify.js'
export { type VerifiedFile, type VerifyFilesOptions, verifyFiles } from './verb/verify-files.js'
