import type { Expression } from './expression.js'

/** The expression where the variable has this value, in every place. */
export function withValue(expression: Expression, name: string, value: string): Expression {
  const within = (part: Expression) => withValue(part, name, value)
  switch (expression.kind) {
    case 'variable':
      return expression.name === name ? { kind: 'text', value } : expression
    case 'comparison':
      return { ...expression, left: within(expression.left), right: within(expression.right) }
    case 'all':
    case 'any': {
      const [first, second, ...rest] = expression.of
      return { ...expression, of: [within(first), within(second), ...rest.map(within)] }
    }
    case 'not':
      return { ...expression, of: within(expression.of) }
    default:
      return expression
  }
}
