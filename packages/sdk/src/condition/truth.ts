import { all, always, any, type Comparison, type ComparisonOperator, compare, type Expression, never, nothing, text } from './expression.js'

/**
 * Rewrites a rules expression into comparisons joined by `&&` and `||` alone.
 *
 * GitLab's `&&` and `||` are Ruby's: they answer one of their operands, and to them an empty string counts as
 * true. Only the end result is asked whether it is empty. So, with X set to the empty string, `$X && $Y == "y"`
 * holds whenever Y does and `$X || $Y == "y"` never holds. A bare variable is therefore what it seems only when
 * it stands alone; here it becomes `$X != null && $X != ""`, and the result means the same in every position
 * and in every GitLab (older ones have no `!`).
 */
export function present(expression: Expression): Expression {
  switch (expression.kind) {
    case 'variable':
      return all([compare(expression, '!=', nothing), compare(expression, '!=', text(''))])
    case 'text':
      return expression.value === '' ? never : always
    case 'pattern':
      return always
    case 'null':
      return never
    case 'boolean':
      return expression.value ? always : never
    case 'comparison':
      return expression
    case 'all': {
      const last = expression.of.length - 1
      return all(expression.of.map((operand, index) => (index === last ? present(operand) : counted(operand))))
    }
    case 'any':
      return (
        expression.of.reduceRight<Expression | undefined>((rest, operand) => {
          if (rest === undefined) return present(operand)
          return any([present(operand), yieldsBoolean(operand) ? rest : all([negate(counted(operand)), rest])])
        }, undefined) ?? never
      )
    case 'not':
      return negate(expression.of)
  }
}

/** The exact complement: it holds where the expression does not. */
export function negate(expression: Expression): Expression {
  switch (expression.kind) {
    case 'variable':
      return any([compare(expression, '==', nothing), compare(expression, '==', text(''))])
    case 'comparison':
      return opposite(expression)
    case 'not':
      return present(expression.of)
    case 'all':
    case 'any':
      return complement(present(expression))
    default:
      return present(expression) === always ? never : always
  }
}

// De Morgan, on what `present` answers: comparisons, `all` and `any`.
function complement(expression: Expression): Expression {
  if (expression.kind === 'all') return any(expression.of.map(complement))
  if (expression.kind === 'any') return all(expression.of.map(complement))
  return expression.kind === 'comparison' ? opposite(expression) : negate(expression)
}

const opposites: Readonly<Record<ComparisonOperator, ComparisonOperator>> = { '==': '!=', '!=': '==', '=~': '!~', '!~': '=~' }

const opposite = ({ left, operator, right }: Comparison): Comparison => compare(left, opposites[operator], right)

// Whether `&&` and `||` take an operand for true: whether its value is neither null nor false.
function counted(expression: Expression): Expression {
  switch (expression.kind) {
    case 'variable':
      return compare(expression, '!=', nothing)
    case 'text':
      return always
    case 'all':
      return all(expression.of.map(counted))
    case 'any':
      return any(expression.of.map(counted))
    default:
      return present(expression)
  }
}

// An operand that answers true or false is empty exactly where it is false.
function yieldsBoolean(expression: Expression): boolean {
  switch (expression.kind) {
    case 'comparison':
    case 'not':
    case 'boolean':
    case 'null':
    case 'pattern':
      return true
    case 'all':
    case 'any':
      return expression.of.every(yieldsBoolean)
    default:
      return false
  }
}
