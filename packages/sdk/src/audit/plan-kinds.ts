import { kindVariable, type PlannedCondition, type ReleasePlan } from '@stagegate/schema'
import { all, always, any, compare, type Expression, nothing, parse, present, text, variable } from '../condition/index.js'
import { isObject, type PipelineDocument } from '../gitlab/document.js'
import { rulesIn } from '../graph/rules.js'
import { type KindCondition, withToldKinds } from '../graph/told-kinds.js'
import { refusedKind } from '../kind.js'

/** A pipeline whose workflow tells no kinds has those of the plan: its jobs ask for the conditions themselves. */
export function withPlannedKinds(document: PipelineDocument, plan: ReleasePlan | undefined): PipelineDocument {
  const isTold = rulesIn(document.workflow).some(({ variables }) => isObject(variables) && Object.hasOwn(variables, kindVariable))
  return plan === undefined || isTold ? document : withToldKinds(document, Object.entries(plan.kinds).flatMap(conditionsOf))
}

function conditionsOf([kind, { when, publishes }]: [string, ReleasePlan['kinds'][string]]): readonly KindCondition[] {
  const condition = expressionOf(when)
  if (!publishes) return [{ kind, condition }]
  const isProtected = compare(variable('CI_COMMIT_REF_PROTECTED'), '==', text('true'))
  return [
    { kind, condition: all([present(condition), isProtected]) },
    { kind: refusedKind, condition },
  ]
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
