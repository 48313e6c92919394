/**
 * The expressions of GitLab's `rules:if`, as plain data.
 *
 * `all` and `any` are `&&` and `||`. They keep their operands in order because GitLab's operators do not
 * answer a boolean: they hand on one of their operands, as Ruby's do (see `truth.ts`).
 */
export type Expression =
  | VariableOperand
  | TextOperand
  | PatternOperand
  | NullOperand
  | BooleanOperand
  | Comparison
  | { readonly kind: 'all'; readonly of: Operands }
  | { readonly kind: 'any'; readonly of: Operands }
  | { readonly kind: 'not'; readonly of: Expression }

export interface VariableOperand {
  readonly kind: 'variable'
  readonly name: string
}

export interface TextOperand {
  readonly kind: 'text'
  readonly value: string
}

/** `/source/flags`. The source is RE2 and holds its slashes unescaped; `print` escapes them. */
export interface PatternOperand {
  readonly kind: 'pattern'
  readonly source: string
  /** Any of `i`, `m`, `s`, `U`. */
  readonly flags: string
}

export interface NullOperand {
  readonly kind: 'null'
}

interface BooleanOperand {
  readonly kind: 'boolean'
  readonly value: boolean
}

export interface Comparison {
  readonly kind: 'comparison'
  readonly operator: ComparisonOperator
  readonly left: Expression
  readonly right: Expression
}

export type ComparisonOperator = '==' | '!=' | '=~' | '!~'

/** Two or more: one operand alone is itself. */
type Operands = readonly [Expression, Expression, ...Expression[]]

export const variable = (name: string): VariableOperand => ({ kind: 'variable', name })
export const text = (value: string): TextOperand => ({ kind: 'text', value })
export const nothing: NullOperand = { kind: 'null' }

export const compare = (left: Expression, operator: ComparisonOperator, right: Expression): Comparison => ({
  kind: 'comparison',
  operator,
  left,
  right,
})

/** True of every pipeline, in words that every GitLab reads (`true` and `false` are young). */
export const always: Expression = compare(nothing, '==', nothing)
/** True of no pipeline. */
export const never: Expression = compare(nothing, '!=', nothing)

/** The conjunction of the operands, those that are conjunctions themselves taken apart. */
export const all = (operands: readonly Expression[]): Expression => join('all', operands) ?? always

/** The disjunction of the operands, those that are disjunctions themselves taken apart. */
export const any = (operands: readonly Expression[]): Expression => join('any', operands) ?? never

/** The names of the variables that an expression reads, each once, in the order of reading. */
export const variablesIn = (expression: Expression): readonly string[] => [...new Set(namesIn(expression))]

function join(kind: 'all' | 'any', operands: readonly Expression[]): Expression | undefined {
  const [first, second, ...rest] = operands.flatMap((operand) => (operand.kind === kind ? operand.of : [operand]))
  return first === undefined || second === undefined ? first : { kind, of: [first, second, ...rest] }
}

function namesIn(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case 'variable':
      return [expression.name]
    case 'comparison':
      return [...namesIn(expression.left), ...namesIn(expression.right)]
    case 'all':
    case 'any':
      return expression.of.flatMap(namesIn)
    case 'not':
      return namesIn(expression.of)
    default:
      return []
  }
}
