import type { ReleasePlan } from '@stagegate/schema'
import type { LintOptions } from '../lint/index.js'

export interface AuditOptions extends LintOptions {
  /** The file's name in findings. @default .gitlab-ci.yml */
  readonly file?: string | undefined
  /** Names of jobs that publish; `*` matches anything. In addition to those that a comment marks. */
  readonly publishes?: readonly string[] | undefined
  /** Names of jobs that must have succeeded before anything is published. In addition to those that a comment marks. */
  readonly gates?: readonly string[] | undefined
  /** Variables with the credentials of public repositories: every job that uses one publishes. */
  readonly secrets?: readonly string[] | undefined
  /** The release plan of a pipeline that Stagegate made: which jobs publish, and what comes before. */
  readonly plan?: ReleasePlan | undefined
  /** Included files that cannot be read but that somebody has reviewed, by their names in `unread`. */
  readonly trust?: readonly string[] | undefined
  /**
   * The file as people wrote it, where GitLab made the text from it: its comments and those of its local files count, and findings have the
   * lines of its jobs. @default the text itself
   */
  readonly written?: string | undefined
  /** Whether each gate of a job is a finding of its own, and its rules are facts: for whoever accepts findings. @default false */
  readonly eachGate?: boolean | undefined
}
