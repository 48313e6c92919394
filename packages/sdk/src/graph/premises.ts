import { any, type Expression, negate, present } from '../condition/index.js'

/** The conditions that an expression joins with `&&`. */
export function conjuncts(expression: Expression): readonly Expression[] {
  return expression.kind === 'all' ? expression.of.flatMap(conjuncts) : [expression]
}

/**
 * The same premises, shortened: `a` and `b || !a` become `a` and `b`, and `a || c` adds nothing to `a`. A pipeline that no earlier rule of
 * a workflow matched has the negation of each of them as a premise, so later rules would have to consider all of their comparisons.
 */
export function simplified(premises: readonly Expression[]): readonly Expression[] {
  for (let current = premises; ; ) {
    const said = new Set(current.flatMap((premise) => (premise.kind === 'any' ? [] : [textOf(premise)])))
    const next = current.flatMap((premise) => withoutSaid(premise, said))
    // Each round leaves fewer operands, or the same ones.
    if (next.length === current.length && next.every((premise, index) => premise === current[index])) return current
    current = next
  }
}

/** A disjunction without the operands that cannot be true; nothing if one of them is true anyway. */
function withoutSaid(premise: Expression, said: ReadonlySet<string>): readonly Expression[] {
  if (premise.kind !== 'any') return [premise]
  const isSaid = (part: Expression) => said.has(textOf(part))
  if (premise.of.some((operand) => conjuncts(operand).every(isSaid))) return []
  const left = premise.of.filter((operand) => !conjuncts(operand).some((part) => isSaid(present(negate(part)))))
  return left.length === premise.of.length ? [premise] : conjuncts(any(left))
}

const texts = new WeakMap<Expression, string>()

/** The same result for expressions that are the same. */
export function textOf(expression: Expression): string {
  const text = texts.get(expression) ?? JSON.stringify(expression)
  texts.set(expression, text)
  return text
}
