/**
 * Servers for tests, with faults that a test scripts as data, and makers of small packages.
 * @module @stagegate/uploader/testing
 */
export * from './fault-proxy/index.js'
export { type CiLintOptions, CiLints, type Lint } from './gitlab/ci-lint.js'
export { type GenericFile, GenericPackages, type GenericPackagesOptions, type GenericUploader } from './gitlab/generic-packages.js'
export { type Job, type JobOptions, Jobs } from './gitlab/jobs.js'
export { PipelineJobs, type PipelineJobsOptions } from './gitlab/pipeline-jobs.js'
export { Pipelines, type PipelinesOptions, type RunningPipeline } from './gitlab/pipelines.js'
export { type GitlabOptions, type GitlabPart, type GitlabServer, startGitlab } from './gitlab/start.js'
export * from './packagecloud/index.js'
export { type DebOptions, makeDeb, makeRpm, type RpmOptions } from './packages/index.js'
export * from './registry/index.js'
export type { Fault, Faults, Misbehaviour } from './server/faults.js'
export type { Answer, Asked } from './server/respond.js'
export type { LoggedRequest } from './server/serve.js'
export type { ServerTls } from './server/tls.js'
export { webdav } from './webdav.js'
