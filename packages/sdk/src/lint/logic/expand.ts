import { copyName, type Row, rowsFrom } from '../../gitlab/parallel.js'
import { isInteger, isList, isMap, rubyText, type Yaml } from '../value.js'

/** The names of the jobs that `parallel` makes from one; `undefined` if it makes none. */
export function expandedNames(name: string, parallel: Yaml | undefined): readonly string[] | undefined {
  if (isInteger(parallel))
    return Array.from({ length: Math.max(0, Math.min(parallel, 1_000)) }, (_, index) => `${name} ${index + 1}/${parallel}`)
  const matrix = isMap(parallel) ? parallel.get('matrix') : undefined
  return isList(matrix) ? matrixRows(matrix).map((row) => copyName(name, row)) : undefined
}

/** Every combination of values, as Ruby converts them to text. */
export function matrixRows(matrix: Yaml | undefined): readonly Row[] {
  if (!isList(matrix)) return []
  return rowsFrom(
    matrix
      .filter(isMap)
      .map((row) => [...row].map(([key, values]) => [rubyText(key), (isList(values) ? values : [values]).map(rubyText)] as const)),
  )
}

export const matrixOf = (parallel: Yaml | undefined): Yaml | undefined => (isMap(parallel) ? parallel.get('matrix') : undefined)
