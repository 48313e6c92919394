import {
  compare,
  decide,
  type Expression,
  evaluate,
  negate,
  nothing,
  present,
  type Verdict,
  variable,
  variablesIn,
} from '../condition/index.js'

/** Premises that hold in a kind of pipeline, or for a job in it. */
export interface Known {
  readonly holds: readonly Expression[]
  /** Values that are certain; `null` for a variable that is certainly not set. */
  readonly values: Readonly<Record<string, string | null>>
}

/** Answers whether a question holds: proofs, or `sometimes`. */
export type Ask = (question: Expression, known: Known) => Verdict

/** Each open comparison doubles the work, so that no more than these are thought about at once. */
const mostComparisons = 10

/** In characters. A question with more premises is hardly asked again, and would be kept for nothing. */
const longestKey = 16 * 1024

/**
 * The entailment of conditions, made fit for thousands of jobs: what is asked again is remembered, what is written in a
 * premise needs no search, and only so many premises are used that the search stays small. To leave a premise out can
 * turn a proof into `sometimes`, never into another proof.
 */
export function asker(redefined: ReadonlySet<string>): Ask {
  const search: Search = (question, premises, values) => bySearch({ question, premises, values, redefined })
  const answers = new Map<string, Verdict>()
  const bySubject = new WeakMap<Known, WeakMap<Expression, Verdict>>()
  return (question, known) => {
    const subject = bySubject.get(known) ?? new WeakMap<Expression, Verdict>()
    bySubject.set(known, subject)
    const found = subject.get(question) ?? answer(question, known, { answers, search })
    subject.set(question, found)
    return found
  }
}

type Search = (question: Expression, premises: readonly Expression[], values: Known['values']) => Verdict

interface Memory {
  readonly answers: Map<string, Verdict>
  readonly search: Search
}

function answer(question: Expression, { holds, values }: Known, { answers, search }: Memory): Verdict {
  const asked = present(question)
  const names = variablesIn(asked)
  if (names.every((name) => Object.hasOwn(values, name))) return evaluate(asked, settled(values, names)) ? 'always' : 'never'
  const premises = holds.flatMap((premise) => conjuncts(present(premise)))
  const relevant = Object.entries(values).filter(
    ([name]) => names.includes(name) || premises.some((one) => variablesIn(one).includes(name)),
  )
  const key = JSON.stringify([asked, premises, relevant])
  const found = answers.get(key) ?? bySight(asked, premises) ?? search(asked, premises, Object.fromEntries(relevant))
  if (key.length <= longestKey) answers.set(key, found)
  return found
}

const texts = new WeakMap<Expression, string>()

/** A premise is looked at for every question. */
function textOf(expression: Expression): string {
  const text = texts.get(expression) ?? JSON.stringify(expression)
  texts.set(expression, text)
  return text
}

/** A premise, reduced to the question's own variables. */
function bySight(question: Expression, premises: readonly Expression[]): Verdict | undefined {
  const said = new Set(premises.map(textOf))
  const isSaid = (expression: Expression) => said.has(JSON.stringify(expression))
  const parts = conjuncts(question)
  if (parts.some((part) => isSaid(present(negate(part)))) || isSaid(present(negate(question)))) return 'never'
  return parts.every(isSaid) ? 'always' : undefined
}

interface Sought extends Pick<Known, 'values'> {
  readonly question: Expression
  readonly premises: readonly Expression[]
  readonly redefined: ReadonlySet<string>
}

function bySearch({ question, premises, values, redefined }: Sought): Verdict {
  const used: Expression[] = Object.entries(values).flatMap(([name, value]) =>
    value === null ? [compare(variable(name), '==', nothing)] : [],
  )
  const names = new Set(variablesIn(question))
  let open = comparisons(question)
  // Premises about the question's variables come first, then the order in which they are written.
  const speaking = premises.toSorted((a, b) => Number(speaksOf(b, names)) - Number(speaksOf(a, names)))
  for (const premise of speaking) {
    if (open + comparisons(premise) > mostComparisons) continue
    open += comparisons(premise)
    used.push(premise)
  }
  return decide(question, { variables: settled(values, Object.keys(values)), holds: used, redefined })
}

function speaksOf(premise: Expression, names: ReadonlySet<string>): boolean {
  return variablesIn(premise).some((name) => names.has(name))
}

function comparisons(expression: Expression): number {
  return expression.kind === 'all' || expression.kind === 'any' ? expression.of.reduce((sum, operand) => sum + comparisons(operand), 0) : 1
}

export function conjuncts(expression: Expression): readonly Expression[] {
  return expression.kind === 'all' ? expression.of.flatMap(conjuncts) : [expression]
}

function settled(values: Known['values'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = values[name]
      return value === undefined || value === null ? [] : [[name, value] as const]
    }),
  )
}
