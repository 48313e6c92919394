import { integer, oneOf } from './keyword.js'
import { either, fields, oneOrMany } from './keyword-forms.js'

const reasons = [
  'always',
  'unknown_failure',
  'script_failure',
  'api_failure',
  'stuck_or_timeout_failure',
  'stuck_pending_with_matching_runners',
  'stuck_pending_no_matching_runners',
  'no_updates_running',
  'no_updates_canceling',
  'runner_system_failure',
  'runner_configuration_error',
  'runner_external_dependency_failure',
  'runner_interrupted',
  'runner_unsupported',
  'stale_schedule',
  'job_execution_timeout',
  'server_timeout_running',
  'server_timeout_canceling',
  'archived_failure',
  'unmet_prerequisites',
  'scheduler_failure',
  'data_integrity_failure',
] as const

/** Why a job failed, in GitLab's words. @see https://docs.gitlab.com/ci/yaml/#retrywhen */
export type RetryReason = (typeof reasons)[number]

/** @see https://docs.gitlab.com/ci/yaml/#retry */
export interface RetryProps {
  /** From 0 to 2. */
  readonly max: number
  /** @default always */
  readonly when?: RetryReason | readonly RetryReason[] | undefined
  /** @default any */
  readonly exitCodes?: number | readonly number[] | undefined
}

export const retry = either<number, RetryProps>(
  (value): value is number => typeof value === 'number',
  integer(0, 2),
  fields<RetryProps>({ max: integer(0, 2), when: oneOrMany(oneOf(...reasons)), exitCodes: oneOrMany(integer(0, 255)) }, 'max'),
)
