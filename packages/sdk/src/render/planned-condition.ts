import type { PlannedCondition } from '@stagegate/schema'
import { type Comparison, type Expression, present, print } from '../condition/index.js'
import { re2Text } from '../condition/pattern.js'

const facts = { CI_COMMIT_TAG: 'tag', CI_COMMIT_BRANCH: 'branch', CI_PIPELINE_SOURCE: 'source' } as const

/** A condition in terms of the facts that a job can ask GitLab for. Other parts stay as rules have them, for people to read. */
export function plannedCondition(condition: Expression): PlannedCondition {
  return planned(present(condition))
}

// The result of `present`: comparisons, joined by `all` and `any`.
function planned(expression: Expression): PlannedCondition {
  switch (expression.kind) {
    case 'all':
      return { all: expression.of.map(planned) }
    case 'any':
      return { any: expression.of.map(planned) }
    default:
      return (expression.kind === 'comparison' ? factual(expression) : undefined) ?? { unknown: print(expression).text }
  }
}

function factual({ left, operator, right }: Comparison): PlannedCondition | undefined {
  const fact = left.kind === 'variable' ? Object.entries(facts).find(([name]) => name === left.name)?.[1] : undefined
  if (fact === undefined) return undefined
  if (operator === '=~' || operator === '!~') return right.kind === 'pattern' ? { fact, operator, operand: re2Text(right) } : undefined
  if (right.kind === 'text') return { fact, operator, operand: right.value }
  return right.kind === 'null' ? { fact, operator, operand: null } : undefined
}
