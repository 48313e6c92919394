/**
 * Servers for tests, with faults that a test scripts as data, and makers of small packages.
 * @module @stagegate/uploader/testing
 */
export {
  type BrokenPromise,
  type ConformanceCase,
  ConformanceError,
  type ConformanceOptions,
  type Means,
  type Need,
  type Optional,
  type Place as ConformancePlace,
  repositoryConformance,
} from './conformance/index.js'
export {
  type StoreConformanceOptions,
  type StoreMeans,
  type StoreNeed,
  type StorePlace,
  storeConformance,
} from './conformance/store/index.js'
export * from './fault-proxy/index.js'
export { type FileServer, type FileServerOptions, startFileServer } from './file-server/start.js'
export { type CiLintOptions, CiLints, type Lint } from './gitlab/ci-lint.js'
export { GenericPackages } from './gitlab/generic-packages.js'
export type { GenericPackagesOptions } from './gitlab/generic-packages-options.js'
export { type Job, type JobOptions, Jobs } from './gitlab/jobs.js'
export type { GenericFile, GenericFileOptions, GenericUploader, PackageStatus } from './gitlab/package-rows.js'
export { PipelineJobs, type PipelineJobsOptions } from './gitlab/pipeline-jobs.js'
export { Pipelines, type PipelinesOptions, type RunningPipeline } from './gitlab/pipelines.js'
export type { JobTokenPermission, Project as GitlabProject, Role as GitlabRole, Token as GitlabToken } from './gitlab/project.js'
export { Projects, type ProjectsOptions } from './gitlab/projects.js'
export { RateLimits, type RateLimitsOptions } from './gitlab/rate-limits.js'
export type { ReleaseLink, ReleaseLinkOptions, ReleaseLinkType } from './gitlab/release-links.js'
export type { GitlabRelease, ReleaseOptions } from './gitlab/release-rows.js'
export { Releases, type ReleasesOptions } from './gitlab/releases.js'
export {
  type GitlabAsked,
  type GitlabOptions,
  type GitlabPart,
  type GitlabServer,
  type GitlabSurroundings,
  startGitlab,
} from './gitlab/start.js'
export { type MemoryMethod, type MemoryRepository, memoryRepository, placeOf } from './memory-repository.js'
export * from './packagecloud/index.js'
export { type DebOptions, makeDeb, makeRpm, type RpmOptions } from './packages/index.js'
export * from './registry/index.js'
export * from './s3/index.js'
export type { EmulatedOptions, EmulatedServer } from './server/emulate.js'
export type { Fault, Faults, Misbehaviour } from './server/faults.js'
export type { Answer, Asked } from './server/respond.js'
export type { LoggedRequest } from './server/serve.js'
export type { ServerTls } from './server/tls.js'
export { type VirtualClock, type VirtualClockOptions, virtualClock } from './virtual-clock.js'
export { webdav } from './webdav.js'
