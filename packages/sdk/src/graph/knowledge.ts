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
import { conjuncts, simplified, textOf } from './premises.js'

/** Premises that hold in a kind of pipeline, or for a job in it. */
export interface Premises {
  readonly holds: readonly Expression[]
  /** Values that are certain; `null` for a variable that is certainly not set. */
  readonly values: Readonly<Record<string, string | null>>
}

/** Answers whether a condition is true: a proof, or `sometimes`. */
export type Ask = (question: Expression, known: Premises) => Verdict

/** Each open comparison doubles the work, so no more than these are considered at once. */
const mostComparisons = 10

/**
 * Entailment of conditions that is fast enough for thousands of jobs. Repeated questions are remembered. A condition that is written in a
 * premise needs no search. Only premises that can affect the question are used, and only as many as keep the search small. Leaving out a
 * premise can turn a proof into `sometimes`, never into a different proof.
 */
export function asker(redefined: ReadonlySet<string>): Ask {
  const memory: Memory = { answers: new Map(), ids: new Map(), parts: new WeakMap(), asked: new WeakMap(), redefined }
  const bySubject = new WeakMap<Premises, WeakMap<Expression, Verdict>>()
  return (question, known) => {
    const subject = bySubject.get(known) ?? new WeakMap<Expression, Verdict>()
    bySubject.set(known, subject)
    const found = subject.get(question) ?? answer(question, known, memory)
    subject.set(question, found)
    return found
  }
}

/** One of the premises, split and simplified. */
interface Part {
  readonly expression: Expression
  /** The same result for parts that are the same. */
  readonly id: number
  readonly names: readonly string[]
  /** The variables, where those that GitLab's guarantees connect count as one: a tag means that there is no branch. */
  readonly groups: readonly string[]
}

interface Memory {
  readonly answers: Map<string, Verdict>
  readonly ids: Map<string, number>
  readonly parts: WeakMap<readonly Expression[], readonly Part[]>
  readonly asked: WeakMap<Expression, Part>
  readonly redefined: ReadonlySet<string>
}

function partsOf(holds: Premises['holds'], memory: Memory): readonly Part[] {
  const known = memory.parts.get(holds)
  if (known !== undefined) return known
  const premises = holds.flatMap((premise) => conjuncts(present(premise)))
  const parts = simplified(premises).map((expression) => partOf(expression, memory))
  memory.parts.set(holds, parts)
  return parts
}

function partOf(expression: Expression, { ids }: Memory): Part {
  const text = textOf(expression)
  const id = ids.get(text) ?? ids.size
  ids.set(text, id)
  const names = variablesIn(expression)
  return { expression, id, names, groups: names.map(groupOf) }
}

function groupOf(name: string): string {
  return /^CI_(?:COMMIT_(?:TAG|BRANCH)$|PIPELINE_SOURCE$|MERGE_REQUEST_)/.test(name) ? 'GitLab' : name
}

function askedOf(question: Expression, memory: Memory): Part {
  const asked = memory.asked.get(question) ?? partOf(present(question), memory)
  memory.asked.set(question, asked)
  return asked
}

function answer(question: Expression, { holds, values }: Premises, memory: Memory): Verdict {
  const asked = askedOf(question, memory)
  const { names } = asked
  if (names.every((name) => Object.hasOwn(values, name))) return evaluate(asked.expression, settled(values, names)) ? 'always' : 'never'
  const parts = speakingOf(asked, partsOf(holds, memory), values)
  const mentioned = new Set([...names, ...parts.flatMap((part) => part.names)])
  const relevant = Object.fromEntries(Object.entries(values).filter(([name]) => mentioned.has(name)))
  const key = `${asked.id} ${parts.map(({ id }) => id).join()} ${JSON.stringify(relevant)}`
  const found = memory.answers.get(key) ?? bySight(asked.expression, parts, memory) ?? bySearch({ asked, parts, values: relevant }, memory)
  memory.answers.set(key, found)
  return found
}

/**
 * The parts that share a variable with the question, or with another such part, and so on. A variable with a certain value connects
 * nothing.
 */
function speakingOf(asked: Part, parts: readonly Part[], values: Premises['values']): readonly Part[] {
  const groupsOf = (part: Part) =>
    part.names.some((name) => Object.hasOwn(values, name))
      ? part.groups.filter((_, at) => !Object.hasOwn(values, part.names[at] ?? ''))
      : part.groups
  const reached = new Set(groupsOf(asked))
  const found = new Map<number, Part>()
  for (let count = -1; count !== found.size; ) {
    count = found.size
    for (const part of parts) {
      if (found.has(part.id)) continue
      const groups = groupsOf(part)
      if (!groups.some((group) => reached.has(group))) continue
      found.set(part.id, part)
      for (const group of groups) reached.add(group)
    }
  }
  return [...found.values()]
}

/** A premise, reduced to the question's own variables. */
function bySight(question: Expression, parts: readonly Part[], memory: Memory): Verdict | undefined {
  const said = new Set(parts.map(({ id }) => id))
  const isSaid = (expression: Expression) => said.has(partOf(expression, memory).id)
  const asked = conjuncts(question)
  if (asked.some((part) => isSaid(present(negate(part)))) || isSaid(present(negate(question)))) return 'never'
  return asked.every(isSaid) ? 'always' : undefined
}

interface Sought extends Pick<Premises, 'values'> {
  readonly asked: Part
  readonly parts: readonly Part[]
}

function bySearch({ asked: { expression: question, names: own }, parts, values }: Sought, { redefined }: Memory): Verdict {
  const used: Expression[] = Object.entries(values).flatMap(([name, value]) =>
    value === null ? [compare(variable(name), '==', nothing)] : [],
  )
  const names = new Set(own)
  let open = comparisons(question)
  // Premises about the question's variables come first, then the others in the order in which they are written.
  const speaking = parts.toSorted((a, b) => Number(speaksOf(b, names)) - Number(speaksOf(a, names)))
  for (const { expression } of speaking) {
    if (open + comparisons(expression) > mostComparisons) continue
    open += comparisons(expression)
    used.push(expression)
  }
  return decide(question, { variables: settled(values, Object.keys(values)), holds: used, redefined })
}

function speaksOf(part: Part, names: ReadonlySet<string>): boolean {
  return part.names.some((name) => names.has(name))
}

function comparisons(expression: Expression): number {
  return expression.kind === 'all' || expression.kind === 'any' ? expression.of.reduce((sum, operand) => sum + comparisons(operand), 0) : 1
}

function settled(values: Premises['values'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = values[name]
      return value === undefined || value === null ? [] : [[name, value] as const]
    }),
  )
}
