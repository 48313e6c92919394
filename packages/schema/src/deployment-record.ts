import type { Instant, Sha256 } from './atoms.js'
import type { JobDocument } from './document.js'

/** The pipeline that a deploy job started on another GitLab instance. */
export interface DeploymentRecord extends JobDocument<'DeploymentRecord'> {
  /** The digest of the manifest that was deployed. */
  readonly manifest: Sha256
  /** The release's id in the plan. */
  readonly release: string
  /** The deployment's id in the plan. */
  readonly deployment: string
  /** The instance: `https://ops.gitlab.example`. */
  readonly url: string
  /** The project's path or number there. */
  readonly project: string
  /** The branch or tag that the pipeline runs for. */
  readonly ref: string
  /** The value of its STAGEGATE_DEPLOYMENT_KEY, by which it is found again. */
  readonly key: string
  /** Absent as long as it is not known whether it was started. */
  readonly pipeline?: StartedPipeline
  /** When this job began. */
  readonly startedAt: Instant
}

/** A pipeline of another instance. */
export interface StartedPipeline {
  /** Its number there. */
  readonly id: number
  /** Its page. */
  readonly url: string
  /** GitLab's status, such as `success`; absent before it was checked. */
  readonly status?: string
  /** When it was last checked. */
  readonly seenAt?: Instant
}
