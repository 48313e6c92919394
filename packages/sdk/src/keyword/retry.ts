import { integer, oneOf } from '../form/keyword.js'
import { either, fields, oneOrMany } from '../form/keyword-forms.js'
import { gitlabLimits } from '../gitlab/limits.js'
import { offeredReasons } from '../gitlab/retry-reasons.js'

/** Why a job failed, in GitLab's words. @see https://docs.gitlab.com/ci/yaml/#retrywhen */
export type RetryReason = (typeof offeredReasons)[number]

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
  integer(0, gitlabLimits.retries),
  fields<RetryProps>(
    { max: integer(0, gitlabLimits.retries), when: oneOrMany(oneOf(...offeredReasons)), exitCodes: oneOrMany(integer(0, 255)) },
    'max',
  ),
)
