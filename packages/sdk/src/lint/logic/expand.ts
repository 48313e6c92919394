import { isInteger, isList, isMap, rubyText, type Yaml, type YamlMap } from '../value.js'

/** The names of the jobs that `parallel` makes of one; `undefined` where it makes none of it. */
export function expandedNames(name: string, parallel: Yaml | undefined): readonly string[] | undefined {
  if (isInteger(parallel))
    return Array.from({ length: Math.max(0, Math.min(parallel, 1_000)) }, (_, index) => `${name} ${index + 1}/${parallel}`)
  const matrix = isMap(parallel) ? parallel.get('matrix') : undefined
  return isList(matrix) ? matrixRows(matrix).map((row) => nameOf(name, row)) : undefined
}

export type Row = ReadonlyMap<string, string>

export const nameOf = (name: string, row: Row): string => `${name}: [${[...row.values()].join(', ')}]`

/** Every combination of values, the last variable changing fastest. */
export function matrixRows(matrix: Yaml | undefined): readonly Row[] {
  return isList(matrix) ? matrix.filter(isMap).flatMap(combinations) : []
}

function combinations(row: YamlMap): readonly Row[] {
  return [...row].reduce<readonly Row[]>(
    (rows, [key, values]) =>
      rows.flatMap((before) => (isList(values) ? values : [values]).map((value) => new Map([...before, [rubyText(key), rubyText(value)]]))),
    [new Map()],
  )
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

export const matrixOf = (parallel: Yaml | undefined): Yaml | undefined => (isMap(parallel) ? parallel.get('matrix') : undefined)
