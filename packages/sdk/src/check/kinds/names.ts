import { isObject, text } from '../../gitlab/document.js'
import { isEnvironmentName } from '../../gitlab/names.js'
import { environmentOf } from '../../graph/environment.js'
import { expansionsOf } from '../../graph/expansion.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import type { Found } from '../../issue/facts.js'

const tiers = ['production', 'staging', 'testing', 'development', 'other']

/** Names that GitLab's linter accepts and GitLab itself does not: an invalid environment fails the job, an invalid lock locks nothing. */
export function checkNames(graphs: readonly KindGraph[]): readonly Found[] {
  const found = graphs.flatMap((graph) => [...graph.jobs.values()].flatMap((job) => namesOf(graph, job)))
  const seen = new Set<string>()
  return found.filter(({ facts }) => {
    const key = JSON.stringify(facts)
    return !seen.has(key) && seen.add(key)
  })
}

function namesOf(graph: KindGraph, job: KindJob): readonly Found[] {
  const { document, name } = job
  const group = text(document['resource_group'])
  const environment = environmentOf(document)
  if (group === undefined && environment === undefined) return []
  const tier = isObject(document['environment']) ? document['environment']['deployment_tier'] : undefined
  const forms = (value: string | undefined) =>
    value === undefined ? [] : expansionsOf(value, job, graph).filter((one) => !isEnvironmentName(one))
  return [
    ...forms(group).map((found): Found => ({ job: name, facts: { code: 'structure/resource-group', job: name, group: found } })),
    // A name that is wrong without any variable is already reported.
    ...(environment !== undefined && isEnvironmentName(environment) ? forms(environment) : []).map(
      (found): Found => ({ job: name, facts: { code: 'structure/environment-name', job: name, environment: found } }),
    ),
    ...(typeof tier === 'string' && !tiers.includes(tier)
      ? [{ job: name, facts: { code: 'structure/deployment-tier', job: name, tier, tiers } } as const]
      : []),
  ]
}
