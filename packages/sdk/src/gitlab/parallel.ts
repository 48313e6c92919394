import type { JsonValue } from '@stagegate/schema'
import { isObject } from './document.js'
import { gitlabLimits } from './limits.js'

/** The variables of one copy of a job, in the order of its matrix. */
export type Row = Readonly<Record<string, string>>

/** Every combination of a `parallel:matrix`, the last variable changing fastest. */
export function matrixRows(matrix: JsonValue | undefined): readonly Row[] {
  return Array.isArray(matrix) ? matrix.flatMap((row) => (isObject(row) ? combinations(row) : [])) : []
}

function combinations(row: Readonly<Record<string, JsonValue>>): readonly Row[] {
  return Object.entries(row).reduce<readonly Row[]>(
    (rows, [name, values]) => rows.flatMap((before) => [values].flat().map((value) => ({ ...before, [name]: String(value) }))),
    [{}],
  )
}

/** The rows of a job's `parallel`; one without variables where it has no matrix. */
export function rowsOf(parallel: JsonValue | undefined): readonly Row[] {
  const matrix = isObject(parallel) ? parallel['matrix'] : undefined
  const rows = matrixRows(matrix)
  return rows.length === 0 ? [{}] : rows.slice(0, gitlabLimits.parallel)
}

/** GitLab's name of a copy: `deploy: [production, eu]`. */
export function copyName(job: string, row: Row): string {
  return `${job}: [${Object.values(row).join(', ')}]`
}
