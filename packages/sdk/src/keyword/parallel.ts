import { checked, integer, isRecord, type Keyword, number, text } from '../form/keyword.js'
import { authorKeys, either, fields, list } from '../form/keyword-forms.js'
import { gitlabLimits } from '../gitlab/limits.js'

/** Variables of a group of jobs, one job for each combination of their values. The keys are names of variables. */
export type MatrixRow = Readonly<Record<string, string | number | readonly (string | number)[]>>

/** @see https://docs.gitlab.com/ci/yaml/#parallelmatrix */
export interface MatrixProps {
  readonly matrix: readonly MatrixRow[]
}

/** The number of jobs of all rows together. */
const most = gitlabLimits.parallel

const scalar = either<number, string>((value): value is number => typeof value === 'number', number, text)
const values = either<readonly (string | number)[], string | number>(
  (value): value is readonly (string | number)[] => Array.isArray(value),
  list(scalar),
  scalar,
)
const rows = list(authorKeys(values))
const sized: Keyword<readonly MatrixRow[]> = checked(
  {
    expected: `a list of rows with at least one variable, of 1 to ${most} combinations`,
    fits: (value) => !Array.isArray(value) || (value.every(hasVariable) && count(value) >= 1 && count(value) <= most),
  },
  () => undefined,
)

export const matrix = fields<MatrixProps>(
  {
    matrix: {
      ...rows,
      render(value, at, report) {
        sized.render(value, at, report)
        return rows.render(value, at, report)
      },
    },
  },
  'matrix',
)

/** @see https://docs.gitlab.com/ci/yaml/#parallel */
export const parallel = either<number, MatrixProps>((value): value is number => typeof value === 'number', integer(1, most), matrix)

function hasVariable(row: unknown): boolean {
  return !isRecord(row) || Object.keys(row).length > 0
}

function count(list: readonly unknown[]): number {
  const combinations = (row: unknown) =>
    isRecord(row) ? Object.values(row).reduce<number>((product, one) => product * (Array.isArray(one) ? one.length : 1), 1) : 1
  return list.map(combinations).reduce((sum, one) => sum + one, 0)
}
