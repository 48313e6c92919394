import { kindVariable, type PlannedCondition, type ReleasePlan } from '@stagegate/schema'
import { all, always, any, compare, type Expression, nothing, parse, text, variable } from '../condition/index.js'
import { isObject, type PipelineDocument } from '../gitlab/document.js'
import { rulesIn } from '../graph/rules.js'
import { withToldKinds } from '../graph/told-kinds.js'

/** A pipeline whose workflow tells no kinds has those of the plan: its jobs ask for the conditions themselves. */
export function withPlannedKinds(document: PipelineDocument, plan: ReleasePlan | undefined): PipelineDocument {
  const isTold = rulesIn(document.workflow).some(({ variables }) => isObject(variables) && Object.hasOwn(variables, kindVariable))
  if (plan === undefined || isTold) return document
  const kinds = Object.entries(plan.kinds).map(([kind, { when, publishes }]) => ({ kind, condition: expressionOf(when), publishes }))
  return withToldKinds(document, kinds)
}

const names = { tag: 'CI_COMMIT_TAG', branch: 'CI_COMMIT_BRANCH', source: 'CI_PIPELINE_SOURCE' } as const

function expressionOf(condition: PlannedCondition): Expression {
  if ('all' in condition) return all(condition.all.map(expressionOf))
  if ('any' in condition) return any(condition.any.map(expressionOf))
  if ('unknown' in condition) {
    const parsed = parse(condition.unknown)
    return parsed.ok ? parsed.expression : always
  }
  const { fact, operator, operand } = condition
  const left = variable(names[fact])
  if (operator === '==' || operator === '!=') return compare(left, operator, operand === null ? nothing : text(operand))
  const [, flags = '', source = ''] = /^(?:\(\?([ismU]+)\))?(.*)$/s.exec(operand ?? '') ?? []
  return compare(left, operator, { kind: 'pattern', source, flags })
}
