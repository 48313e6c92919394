/**
 * The half of the uploader that only GitLab's jobs call: who a job is, where seals are kept, whether a manifest may pass, pipelines of
 * another GitLab.
 * @module @stagegate/uploader/gitlab
 */
export type { DeploymentRecord, StartedPipeline } from '@stagegate/schema'
export { type AnnouncedAsset, type Announcement, announce } from './announce/announce.js'
export type { AnnounceOptions } from './announce/options.js'
export { openReleasePage, type ReleasePage } from './announce/page.js'
export type { LeftOut } from './announce/present.js'
export { canPass, systemCode } from './contract/system-error.js'
export { type DeployOptions, deploy, deployExitCode } from './deployment/deploy.js'
export type { DeployEvent, DeployHappening, PipelineKnownBy } from './deployment/journal.js'
export type { DeployLimits } from './deployment/limits.js'
export type { StartDecision } from './deployment/start-once.js'
export { type FindOptions, findFiles } from './file/find-files.js'
export { expectPlan } from './gate/expect-plan.js'
export { type Admission, admit, expectOrigin, expectRecorded, recordSeal } from './gate/gate.js'
export { gatingJobs, lookAtGate } from './gate/gating-jobs.js'
export { askForLint, type CiLint, type CiLintQuestion } from './gitlab/ci-lint.js'
export { GitlabApi, readApi } from './gitlab/gitlab-api.js'
export type { Patience } from './gitlab/patiently.js'
export { GitlabRefusal } from './gitlab/refusal.js'
export {
  type EnsuredEntry,
  type EnsureEntryOptions,
  ensureReleaseEntry,
  type ReleaseAsset,
  type ReleaseEntry,
} from './gitlab/release-entry.js'
export type { Resources } from './gitlab/resource.js'
export type { Uploader, UploadingPipeline } from './gitlab/uploader.js'
export { type Checkout, readCheckout } from './identity/checkout.js'
export { askForJob, type CurrentJob, type Expected, gitlabOrigin, refuseOtherInstance } from './identity/current-job.js'
export { refuseHostileVariables, trustVariables } from './identity/hostile-variables.js'
export { isOnThisMachine, rehearsalOrigin } from './identity/rehearsal.js'
export { makeFolder } from './make-folder.js'
export { findDeployment, findRelease, findTarget } from './plan.js'
export { directoryNotes } from './records/directory-notes.js'
export { directoryRecords } from './records/directory-records.js'
export { type GitlabNotesOptions, gitlabNotes, pipelineNotes, type StoredNote } from './records/gitlab-notes.js'
export { gitlabRecords } from './records/gitlab-records.js'
export type { Notes } from './records/notes.js'
export { type ApproveOptions, approve } from './verb/approve.js'
export { type SealSupplementOptions, sealSupplement } from './verb/seal-supplement.js'
export { withToCome } from './verb/to-come.js'
