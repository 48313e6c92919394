import { isObject, type JobDocument, text, textsOf } from '../gitlab/document.js'
import type { KindGraph, KindJob } from './kinds.js'
import type { Clause } from './rules.js'
import { visibleValues } from './visible.js'

export function environmentOf(job: JobDocument): string | undefined {
  const { environment } = job
  return isObject(environment) ? text(environment['name']) : text(environment)
}

const reference = /\$(?:\{(\w+)\}|(\w+))/g

/** A text as GitLab expands it for the job; what is not known stays as it is. */
export function expanded(value: string, graph: Pick<KindGraph, 'variables'>, job: JobDocument, clause: Pick<Clause, 'variables'>): string {
  if (!value.includes('$')) return value
  const variables = { ...visibleValues(job, graph.variables), ...textsOf(job['variables']), ...clause.variables }
  return value.replaceAll(reference, (whole, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare ?? ''
    return Object.hasOwn(variables, name) ? (variables[name] ?? '') : whole
  })
}

/** The names that a job's environment can come to: one for each way in which it exists, and each value of its matrix. */
export function environmentsOf(job: KindJob, graph: Pick<KindGraph, 'variables'>): readonly string[] {
  const name = environmentOf(job.document)
  if (name === undefined) return []
  return job.ways.map((way) => expanded(name, graph, job.document, way)).flatMap((one) => ofMatrix(one, job.document))
}

/** More copies of one job GitLab does not make. */
const mostCopies = 200

function ofMatrix(name: string, { parallel }: JobDocument): readonly string[] {
  const matrix = isObject(parallel) ? parallel['matrix'] : undefined
  if (!Array.isArray(matrix) || !name.includes('$')) return [name]
  const mentioned = [...name.matchAll(reference)].map(([, braced, bare]) => braced ?? bare ?? '')
  let names = [name]
  for (const variable of new Set(mentioned)) {
    const values = matrix.flatMap((row) => (isObject(row) && Object.hasOwn(row, variable) ? [row[variable] ?? ''].flat() : [])).map(String)
    if (values.length === 0 || names.length * values.length > mostCopies) continue
    names = names.flatMap((one) =>
      values.map((value) =>
        one.replaceAll(reference, (whole: string, braced?: string, bare?: string) => ((braced ?? bare) === variable ? value : whole)),
      ),
    )
  }
  return names
}
