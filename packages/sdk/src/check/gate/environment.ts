import { isObject, type JobDocument, text, textsOf } from '../../gitlab/document.js'
import type { KindGraph } from '../../graph/kinds.js'
import type { Clause } from '../../graph/rules.js'
import { visibleValues } from '../../graph/visible.js'

export function environmentOf(job: JobDocument): string | undefined {
  const { environment } = job
  return isObject(environment) ? text(environment['name']) : text(environment)
}

/** A text as GitLab expands it for the job; what is not known stays as it is. */
export function expanded(value: string, graph: Pick<KindGraph, 'known'>, job: JobDocument, clause: Pick<Clause, 'variables'>): string {
  const fixed = Object.fromEntries(
    Object.entries(graph.known.values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  const variables = { ...visibleValues(job, fixed), ...textsOf(job['variables']), ...clause.variables }
  return value.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare ?? ''
    return Object.hasOwn(variables, name) ? (variables[name] ?? '') : whole
  })
}

/** The environments whose scoped variables are the credentials of public repositories. */
export function isPublicEnvironment(name: string): boolean {
  return name.startsWith('public/')
}
