import { either, fields, integer, list, text } from './keyword.js'

/** @see https://docs.gitlab.com/ci/yaml/#retry */
export interface RetryProps {
  readonly max: number
  readonly when?: readonly string[] | undefined
  readonly exitCodes?: readonly number[] | undefined
}

export const retry = either<number, RetryProps>(
  (value): value is number => typeof value === 'number',
  integer(0, 2),
  fields<RetryProps>({ max: integer(0, 2), when: list(text), exitCodes: list(integer(0, 255)) }),
)
