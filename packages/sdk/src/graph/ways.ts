import { always, type Expression, negate, present, variablesIn } from '../condition/index.js'
import type { Ask, Premises } from './knowledge.js'
import { conjuncts } from './premises.js'
import type { Clause } from './rules.js'

/** One clause by which a job can exist in a kind. */
export interface ExistenceClause extends Clause {
  /** `always` if no pipeline of the kind matches another clause first, or none. */
  readonly decides: 'always' | 'sometimes'
  readonly start: 'automatic' | 'manual'
  /** All conditions of its rules that are true if the job exists in this way. */
  readonly known: Premises
}

/** How a job exists in a kind: at least one way. */
export interface Existence {
  readonly exists: 'always' | 'sometimes'
  readonly ways: readonly ExistenceClause[]
}

/** The clauses of a job, with everything that makes them equal to another job's. */
export interface Rulebook {
  readonly clauses: readonly Clause[]
  readonly key: string
  /** The variables that they test. */
  readonly names: readonly string[]
}

export function rulebook(clauses: readonly Clause[]): Rulebook {
  const names = new Set(clauses.flatMap(({ condition = always }) => variablesIn(condition)))
  return { clauses, key: JSON.stringify(clauses.map(({ if: written, uncertain, when }) => [written, uncertain, when])), names: [...names] }
}

interface Decision {
  readonly exists: 'always' | 'sometimes'
  readonly ways: readonly { readonly index: number; readonly decides: 'always' | 'sometimes'; readonly known: Premises }[]
}

/** The variables that a job's rules see. */
export interface Seen {
  readonly values: Premises['values']
  /** Variables with the same names as the workflow's that are not the workflow's. */
  readonly others: readonly string[]
}

/** Decides which clauses of a job can apply under the premises. Thousands of jobs share the same rules, which are decided once. */
export function decider(holds: readonly Expression[], ask: Ask): (rules: Rulebook, seen: Seen) => Existence | undefined {
  const premises = holds.flatMap((premise) => conjuncts(present(premise))).map((premise) => ({ premise, names: variablesIn(premise) }))
  const decided = new Map<string, Decision | undefined>()
  return ({ clauses, key, names }, { values, others }) => {
    const seen = Object.fromEntries(names.flatMap((name) => (Object.hasOwn(values, name) ? [[name, values[name] ?? null] as const] : [])))
    const whole = JSON.stringify([key, seen, others])
    if (!decided.has(whole))
      decided.set(whole, decisionOf(clauses, { holds: outside(premises, [...Object.keys(seen), ...others]), values: seen }, ask))
    const decision = decided.get(whole)
    return decision === undefined ? undefined : { exists: decision.exists, ways: decision.ways.flatMap((way) => wayOf(clauses, way)) }
  }
}

/**
 * The premises about variables that the job sees as they are. If it gives a variable its own value, the premise is about a different one.
 */
function outside(premises: readonly Premise[], others: readonly string[]): readonly Expression[] {
  return premises.filter(({ names }) => !names.some((name) => others.includes(name))).map(({ premise }) => premise)
}

interface Premise {
  readonly premise: Expression
  readonly names: readonly string[]
}

const negations = new WeakMap<Expression, Expression>()

/** The same object for the same condition, so that it is parsed once. */
function negationOf(condition: Expression): Expression {
  const known = negations.get(condition) ?? present(negate(condition))
  negations.set(condition, known)
  return known
}

function wayOf(clauses: readonly Clause[], { index, decides, known }: Decision['ways'][number]): readonly ExistenceClause[] {
  return clauses
    .slice(index, index + 1)
    .map((clause) => ({ ...clause, decides, start: clause.when === 'manual' ? 'manual' : 'automatic', known }))
}

/** How many skipped rules are remembered: with thousands, each would be compared with all rules before it. */
const mostNegations = 20

function decisionOf(clauses: readonly Clause[], { holds, values }: Premises, ask: Ask): Decision | undefined {
  const ways: Decision['ways'][number][] = []
  let left: readonly Expression[] = []
  let passed = holds
  let canBeSentAway = false
  for (const [index, { condition, uncertain, when }] of clauses.entries()) {
    const verdict = condition === undefined ? 'always' : ask(condition, { holds: passed, values })
    if (verdict === 'never') continue
    const decides = verdict === 'always' && !uncertain ? 'always' : 'sometimes'
    if (when === 'never') canBeSentAway = true
    else ways.push({ index, decides, known: { holds: condition === undefined ? passed : [condition, ...passed], values } })
    if (decides === 'always') return ways.length === 0 ? undefined : { exists: canBeSentAway ? 'sometimes' : 'always', ways }
    if (!uncertain) {
      left = [negationOf(condition ?? always), ...left].slice(0, mostNegations)
      passed = [...left, ...holds]
    }
  }
  return ways.length === 0 ? undefined : { exists: 'sometimes', ways }
}
