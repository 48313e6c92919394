import { hostileVariables } from '@stagegate/schema'
import { isObject, type JobDocument, type PipelineDocument, textsOf } from '../../gitlab/document.js'
import { rowsOf } from '../../gitlab/parallel.js'
import { neededOfParentBy, parentVariable } from '../../gitlab/parent.js'
import { rulesIn } from '../../graph/rules.js'
import type { Found } from '../../issue/facts.js'
import { forwardedBy } from '../include/children.js'
import { at, type Family, type Started } from './family.js'

/**
 * Forwarded variables override those of the child's YAML and GitLab's own. So the child gets the parent's number, and nothing that would
 * invalidate its proof.
 * @see https://docs.gitlab.com/ci/yaml/#triggerforward
 */
export function checkForwards(family: Family, { graphs, starter, job }: Started): readonly Found[] {
  // A job that never exists is reported as that.
  const sets = graphs.some(({ jobs }) => jobs.has(starter)) ? forwardedBy(starter, job, graphs) : []
  const needsNumber = Object.values(family.child.jobs).some((one) => neededOfParentBy(one).length > 0)
  const wrong = sets.find((set) => !/^\$(?:CI_PIPELINE_ID|\{CI_PIPELINE_ID\})$/.test(set[parentVariable] ?? ''))
  const own = definedIn(family.child)
  const names = [...new Set(sets.flatMap((set) => Object.keys(set)))].filter((name) => name !== parentVariable)
  return [
    ...(needsNumber && wrong !== undefined
      ? at(family, starter, { code: 'child/parent-id', job: starter, found: wrong[parentVariable] })
      : []),
    ...names.flatMap((variable) => {
      const because = reasonOf(variable, own, family.allowed)
      return because === undefined ? [] : at(family, starter, { code: 'child/forwards', job: starter, variable, because })
    }),
    ...(forwardsAll(job) ? at(family, starter, { code: 'child/forwards-all', job: starter }) : []),
  ]
}

function reasonOf(name: string, own: ReadonlySet<string>, allowed: readonly string[]): 'outranks' | 'gitlab' | 'hostile' | undefined {
  if (own.has(name) || name.startsWith('STAGEGATE_') || name === parentVariable) return 'outranks'
  if (/^(?:CI|GITLAB)_/.test(name)) return 'gitlab'
  const isHostile = Object.hasOwn(hostileVariables, name.toUpperCase()) || name === 'PATH'
  return isHostile && !allowed.includes(name) ? 'hostile' : undefined
}

/** Whether it forwards the variables of the person who started the parent, of its schedule, and of reports that the job gets. */
function forwardsAll({ trigger }: JobDocument): boolean {
  const forward = isObject(trigger) && isObject(trigger['forward']) ? trigger['forward']['pipeline_variables'] : undefined
  return forward !== undefined && forward !== null && forward !== false
}

/** Every variable that the document sets anywhere. */
function definedIn({ variables, workflow, jobs }: PipelineDocument): ReadonlySet<string> {
  const holders = [workflow, ...Object.values(jobs)]
  return new Set([
    ...Object.keys(variables),
    ...holders.flatMap((holder) => [holder, ...rulesIn(holder)].flatMap((one) => Object.keys(textsOf(one['variables'])))),
    ...Object.values(jobs).flatMap((job) => rowsOf(job['parallel']).flatMap((row) => [...row.keys()])),
  ])
}
