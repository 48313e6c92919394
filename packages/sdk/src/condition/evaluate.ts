import type { ComparisonOperator, Expression, PatternOperand } from './expression.js'
import { occursIn, readPattern } from './pattern.js'

/** The variables that GitLab knows when it reads rules. A variable that is not here is null; an empty string is not null. */
export type Variables = Readonly<Record<string, string>>

/**
 * Whether GitLab takes the expression for true, with these variables.
 *
 * This may surprise: `&&` and `||` answer one of their operands, and an empty string counts as true to them
 * (`truth.ts`); `=~` reads null as the empty string, so `$CI_COMMIT_TAG =~ /^v?/` holds on branches; where the
 * right side of `=~` is no pattern, it asks whether the right side contains the left. One thing is left out: a
 * variable of nothing but white space, standing alone, is set here and empty to GitLab.
 */
export function evaluate(expression: Expression, variables: Variables): boolean {
  const value = valueIn(expression, variables)
  return value !== null && value !== false && value !== ''
}

type Value = string | boolean | null | PatternOperand

function valueIn(expression: Expression, variables: Variables): Value {
  switch (expression.kind) {
    case 'variable':
      return Object.hasOwn(variables, expression.name) ? (variables[expression.name] ?? null) : null
    case 'text':
    case 'boolean':
      return expression.value
    case 'null':
      return null
    case 'pattern':
      return expression
    case 'not':
      return !evaluate(expression.of, variables)
    case 'comparison':
      return holds(valueIn(expression.left, variables), expression.operator, valueIn(expression.right, variables))
    case 'all':
      return firstOf(expression.of, variables, (value) => !counts(value))
    case 'any':
      return firstOf(expression.of, variables, counts)
  }
}

// `&&` answers its first operand that does not count as true, `||` its first that does; else both the last.
function firstOf(operands: readonly Expression[], variables: Variables, decides: (value: Value) => boolean): Value {
  let value: Value = null
  for (const operand of operands) {
    value = valueIn(operand, variables)
    if (decides(value)) return value
  }
  return value
}

const counts = (value: Value): boolean => value !== null && value !== false

function holds(left: Value, operator: ComparisonOperator, right: Value): boolean {
  switch (operator) {
    case '==':
      return equal(left, right)
    case '!=':
      return !equal(left, right)
    case '=~':
      return matches(left, right)
    case '!~':
      return !matches(left, right)
  }
}

// Strings and null compare as they are; a boolean compares with a string by its name.
function equal(left: Value, right: Value): boolean {
  if (typeof left === 'boolean' && typeof right === 'string') return String(left) === right
  if (typeof left === 'string' && typeof right === 'boolean') return left === String(right)
  return left === right
}

function matches(left: Value, right: Value): boolean {
  const input = typeof left === 'string' || typeof left === 'boolean' ? String(left) : ''
  if (typeof right === 'string') {
    const pattern = readPattern(right)
    return (pattern === undefined ? undefined : occursIn(pattern, input)) ?? right.includes(input)
  }
  if (right === null || typeof right === 'boolean') return false
  return occursIn(right, input) ?? false
}
