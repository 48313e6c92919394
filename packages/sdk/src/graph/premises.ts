import { any, type Expression, negate, present } from '../condition/index.js'

/** The conditions that an expression joins with `&&`. */
export function conjuncts(expression: Expression): readonly Expression[] {
  return expression.kind === 'all' ? expression.of.flatMap(conjuncts) : [expression]
}

/**
 * The same premises in fewer words: `a` and `b || !a` are `a` and `b`, and `a || c` adds nothing to `a`. A pipeline that no rule of a
 * workflow has taken so far brings the negation of each, so that later rules would have to think about all of their comparisons.
 */
export function simplified(premises: readonly Expression[]): readonly Expression[] {
  for (let current = premises; ; ) {
    const said = new Set(current.flatMap((premise) => (premise.kind === 'any' ? [] : [textOf(premise)])))
    const next = current.flatMap((premise) => withoutSaid(premise, said))
    // Each round leaves fewer operands, or the same.
    if (next.length === current.length && next.every((premise, index) => premise === current[index])) return current
    current = next
  }
}

/** A disjunction without the operands that cannot hold; nothing where one of them holds anyway. */
function withoutSaid(premise: Expression, said: ReadonlySet<string>): readonly Expression[] {
  if (premise.kind !== 'any') return [premise]
  const isSaid = (part: Expression) => said.has(textOf(part))
  if (premise.of.some((operand) => conjuncts(operand).every(isSaid))) return []
  const left = premise.of.filter((operand) => !conjuncts(operand).some((part) => isSaid(present(negate(part)))))
  return left.length === premise.of.length ? [premise] : conjuncts(any(left))
}

const texts = new WeakMap<Expression, string>()

/** The same for expressions that say the same. */
export function textOf(expression: Expression): string {
  const text = texts.get(expression) ?? JSON.stringify(expression)
  texts.set(expression, text)
  return text
}
