import type { ReleasePlan } from '@stagegate/schema'
import type { PipelineDocument } from '../gitlab/document.js'
import { type LintResult, lintText, type ReadLocal } from '../lint/index.js'
import { documentOf } from '../lint/resolve/document.js'

/** One version of a pipeline: its YAML, and the plan next to it. */
export interface PipelineVersion {
  readonly yaml: string
  readonly plan?: ReleasePlan | undefined
  /** Reads a file that it includes with `local`, in that version; without it, included files are not read. */
  readonly readLocal?: ReadLocal | undefined
  /** Names of jobs that publish; `*` matches anything. In addition to those of the plan and those that a comment marks. */
  readonly publishes?: readonly string[] | undefined
  /** Names of jobs that must have succeeded before anything is published. In addition to those that a comment marks. */
  readonly gates?: readonly string[] | undefined
}

/** A version with GitLab's judgement of it. */
export interface LintedVersion extends PipelineVersion {
  readonly lint: LintResult
  /** As GitLab reads it; `undefined` where it cannot be read. */
  readonly document: PipelineDocument | undefined
}

export function lintVersion(version: PipelineVersion): LintedVersion {
  const { yaml, readLocal } = version
  const lint = lintText(yaml, { ...(readLocal && { readLocal }) })
  return { ...version, lint, document: lint.resolved === undefined ? undefined : documentOf(lint.resolved) }
}
