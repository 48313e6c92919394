import { environmentOf, environmentsOf } from '../../graph/environment.js'
import { canBegin } from '../../graph/expansion.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'

const publicFolder = 'public/'

/**
 * The environment through which a job gets the credentials of public repositories, whose variables have its scope. `unknown`: its name may
 * be one of them. `default`: only if the values of the YAML are overridden, by a schedule or a project variable for example.
 */
export function publicEnvironment(
  job: KindJob,
  graph: Pick<KindGraph, 'variables'>,
): { readonly name: string; readonly is: 'certain' | 'unknown' | 'default' } | undefined {
  const names = environmentsOf(job, graph)
  const certain = names.find((name) => name.startsWith(publicFolder))
  if (certain !== undefined) return { name: certain, is: 'certain' }
  const unknown = names.find((name) => canBegin(name, publicFolder))
  if (unknown !== undefined) return { name: unknown, is: 'unknown' }
  const written = environmentOf(job.document)
  return written !== undefined && canBegin(written, publicFolder) ? { name: written, is: 'default' } : undefined
}
