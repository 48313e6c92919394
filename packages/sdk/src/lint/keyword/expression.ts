import { type Expression, parse } from '../../condition/index.js'
import { blocksIn } from '../blocks.js'
import { type Check, ensure } from '../checks.js'
import { isText, type Yaml } from '../value.js'

/** Replaces each `$[[ inputs.NAME ]]`: GitLab allows one wherever a variable may be. */
export function withInputs(condition: string, variable: (index: number) => string): string {
  return blocksIn(condition)
    .map((part, index) => (index % 2 === 0 ? part : part.startsWith('inputs.') ? variable((index - 1) / 2) : `$[[ ${part} ]]`))
    .join('')
}

export function isExpression(value: Yaml): boolean {
  const parsed = isText(value) ? parse(withInputs(value, () => '$INPUT')) : undefined
  return parsed?.ok === true && !breaks(parsed.expression)
}

/** Whether GitLab fails on it: it looks for `true` and `false` as patterns, and compares a pattern on the left with nothing. */
function breaks(expression: Expression): boolean {
  switch (expression.kind) {
    case 'all':
    case 'any':
      return expression.of.some(breaks)
    case 'not':
      return breaks(expression.of)
    case 'comparison': {
      const { operator, left, right } = expression
      const matches = operator === '=~' || operator === '!~'
      if (matches ? right.kind === 'boolean' : left.kind === 'pattern') return true
      return breaks(left) || breaks(right)
    }
    default:
      return false
  }
}

export const expression: Check = ensure('U3', 'rule-if', isExpression, 'is not an expression that GitLab can parse')
