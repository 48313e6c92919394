import type { ReleasePlan } from '@stagegate/schema'
import { type LintResult, lintText, type ReadLocal } from '../lint/index.js'

/** One version of a pipeline: its YAML, and the plan beside it. */
export interface PipelineVersion {
  readonly yaml: string
  readonly plan?: ReleasePlan | undefined
  /** Reads a file that it includes with `local`, as it was then; without it none is looked at. */
  readonly readLocal?: ReadLocal | undefined
  /** Names of jobs that publish; `*` stands for anything. Beside those of the plan, and those that a comment marks. */
  readonly publishes?: readonly string[] | undefined
  /** Names of jobs that must have succeeded before anything is published. Beside those that a comment marks. */
  readonly gates?: readonly string[] | undefined
}

export function lintVersion({ yaml, readLocal }: PipelineVersion): LintResult {
  return lintText(yaml, { ...(readLocal && { readLocal }) })
}
