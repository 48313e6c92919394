import type { JsonValue } from '@stagegate/schema'
import { isObject } from './document.js'
import { gitlabLimits } from './limits.js'

/** The variables of one copy of a job, in the order of its matrix. */
export type Row = ReadonlyMap<string, string>

/** A mapping of a `parallel:matrix`, in its order. */
export type MatrixEntry = readonly (readonly [name: string, values: readonly string[]])[]

/** Every combination of values, the last variable changing fastest. GitLab refuses more than these, which nothing has checked yet. */
export function rowsFrom(entries: readonly MatrixEntry[]): readonly Row[] {
  return atMost(entries.flatMap(combinations))
}

function combinations(entry: MatrixEntry): readonly Row[] {
  return entry.reduce<readonly Row[]>(
    (rows, [name, values]) => atMost(rows.flatMap((before) => atMost(values).map((value) => new Map([...before, [name, value]])))),
    [new Map()],
  )
}

function atMost<T>(items: readonly T[]): readonly T[] {
  return items.slice(0, gitlabLimits.parallel + 1)
}

/** The rows of a `parallel` with a matrix; none of another one. */
export function matrixRows(parallel: JsonValue | undefined): readonly Row[] {
  const matrix = isObject(parallel) ? parallel['matrix'] : undefined
  if (!Array.isArray(matrix)) return []
  return rowsFrom(matrix.filter(isObject).map((row) => Object.entries(row).map(([name, values]) => [name, [values].flat().map(String)])))
}

/** The rows of a job's `parallel`; one without variables where it has no matrix. */
export function rowsOf(parallel: JsonValue | undefined): readonly Row[] {
  const rows = matrixRows(parallel)
  return rows.length === 0 ? [new Map()] : rows
}

/** GitLab's name of a copy: `deploy: [production, eu]`. */
export function copyName(job: string, row: Row): string {
  return `${job}: [${[...row.values()].join(', ')}]`
}

/** `$[[ matrix.NAME ]]` in the filter of a need, from the row of the job that needs. */
export function filledRow(row: Row, own: Row): { readonly row: Row; readonly unknown: string | undefined } {
  let unknown: string | undefined
  const filled = [...row].map(([key, value]) => {
    const text = value.replaceAll(/\$\[\[\s*matrix\.(\w+)\s*\]\]/g, (_, name: string) => {
      if (!own.has(name)) unknown ??= name
      return own.get(name) ?? ''
    })
    return [key, text] as const
  })
  return { row: new Map(filled), unknown }
}
