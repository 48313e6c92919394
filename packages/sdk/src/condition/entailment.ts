import { evaluate, type Variables } from './evaluate.js'
import { type Comparison, compare, type Expression, variablesIn } from './expression.js'
import { present } from './truth.js'

export type Verdict = 'always' | 'never' | 'sometimes'

export interface Given {
  /** Known for certain. A variable that is not here may have any value, or none. */
  readonly variables: Variables
  /** Known to hold. */
  readonly holds: readonly Expression[]
  /** Variables of GitLab's that the pipeline gives values of its own: no law holds of them. */
  readonly redefined?: ReadonlySet<string> | undefined
}

/** More steps than this and the answer is the safe one. */
const maximumSteps = 2 ** 14

/**
 * Whether the question holds in every pipeline of which the given is true, in none, or perhaps in some.
 *
 * `always` and `never` are proofs; `sometimes` also stands for not knowing. Where the given contradicts itself
 * there is no such pipeline, and the answer is `never`.
 *
 * Also known, unless the pipeline redefines the variable: a variable has one value; CI_COMMIT_REF_PROTECTED is "true" or "false";
 * GitLab sets no two of CI_COMMIT_TAG and CI_COMMIT_BRANCH, and neither in a merge request's pipeline, nor any CI_MERGE_REQUEST_… in
 * another. (Pipeline variables can override all of them: rules do not guard against people.)
 * @see https://docs.gitlab.com/ci/variables/predefined_variables/
 *
 * @example
 * decide(tag(/^v/).ast, { variables: {}, holds: [branch('main').ast] }) // 'never'
 */
export function decide(question: Expression, { variables, holds, redefined = nothingRedefined }: Given): Verdict {
  const search = new Search({ question: present(question), premises: holds.map(present), known: variables, redefined })
  return search.verdict()
}

const nothingRedefined: ReadonlySet<string> = new Set()

/** A value that no comparison names: neither null, nor empty, nor one of the literals. */
const other = Symbol('other')
type Possible = string | null | typeof other
type Truth = boolean | 'open'

interface Sought {
  readonly question: Expression
  readonly premises: readonly Expression[]
  readonly known: Variables
  readonly redefined: ReadonlySet<string>
}

class Search {
  readonly #question: Expression
  readonly #premises: readonly Expression[]
  readonly #isGitLabs: (name: string) => boolean
  readonly #unknown: readonly string[]
  readonly #domains: ReadonlyMap<string, readonly Possible[]>
  /** Each comparison of the expressions, asked in its positive form. */
  readonly #forms = new Map<Comparison, Form>()
  readonly #values = new Map<string, Possible>()
  /** Comparisons that the values leave open, such as a pattern on `other`: guessed both ways. */
  readonly #guesses = new Map<string, boolean>()
  readonly #seen = new Set<boolean>()
  #steps = 0

  constructor({ question, premises, known, redefined }: Sought) {
    this.#question = question
    this.#premises = premises
    this.#isGitLabs = (name) => !redefined.has(name) && !Object.hasOwn(known, name)
    const everything = [question, ...premises]
    const comparisons = everything.flatMap(comparisonsIn)
    for (const comparison of comparisons) this.#forms.set(comparison, formOf(comparison))
    this.#unknown = [...new Set(everything.flatMap(variablesIn))].filter((name) => !Object.hasOwn(known, name))
    this.#domains = new Map(this.#unknown.map((name) => [name, this.#domainOf(name, comparisons)]))
    for (const [name, value] of Object.entries(known)) this.#values.set(name, value)
  }

  #domainOf(name: string, comparisons: readonly Comparison[]): readonly Possible[] {
    if (name === 'CI_COMMIT_REF_PROTECTED' && this.#isGitLabs(name)) return ['true', 'false']
    return [null, ...new Set(['', ...literalsOf(name, comparisons)]), other]
  }

  verdict(): Verdict {
    this.#explore(0)
    if (this.#steps > maximumSteps || this.#seen.size === 2) return 'sometimes'
    return this.#seen.has(true) ? 'always' : 'never'
  }

  // Goes through the possible pipelines, leaving out the branches that a premise excludes or that tell nothing new.
  #explore(depth: number): void {
    this.#steps += 1
    if (this.#steps > maximumSteps || this.#seen.size === 2) return
    const premises = allOf(this.#premises.map((premise) => this.#truth(premise)))
    if (premises === false) return
    const answer = this.#truth(this.#question)
    if (answer !== 'open') {
      if (this.#seen.has(answer)) return
      if (premises === true) {
        this.#seen.add(answer)
        return
      }
    }
    const name = this.#unknown[depth]
    if (name === undefined) this.#guess(depth)
    else this.#assign(name, depth)
  }

  #assign(name: string, depth: number): void {
    for (const value of this.#domains.get(name) ?? []) {
      this.#values.set(name, value)
      if (this.#possible()) this.#explore(depth + 1)
    }
    this.#values.delete(name)
  }

  #guess(depth: number): void {
    const comparison = this.#openComparison()
    // With nothing left to guess every truth is known, and `#explore` has ended before.
    if (comparison === undefined) return
    const { key } = comparison
    for (const truth of [true, false]) {
      this.#guesses.set(key, truth)
      this.#explore(depth)
    }
    this.#guesses.delete(key)
  }

  #possible(): boolean {
    const isSet = (name: string) => this.#isGitLabs(name) && (this.#values.get(name) ?? null) !== null
    const [isTag, isBranch] = [isSet('CI_COMMIT_TAG'), isSet('CI_COMMIT_BRANCH')]
    if (isTag && isBranch) return false
    return !(isTag || isBranch) || !this.#isOfMergeRequest(isSet)
  }

  #isOfMergeRequest(isSet: (name: string) => boolean): boolean {
    const source = 'CI_PIPELINE_SOURCE'
    if (isSet(source) && this.#values.get(source) === 'merge_request_event') return true
    return [...this.#values.keys()].some((name) => name.startsWith('CI_MERGE_REQUEST_') && isSet(name))
  }

  #openComparison(): Form | undefined {
    for (const expression of [...this.#premises, this.#question]) {
      const open = comparisonsIn(expression).find((comparison) => this.#truth(comparison) === 'open')
      if (open !== undefined) return this.#forms.get(open)
    }
    return undefined
  }

  #truth(expression: Expression): Truth {
    switch (expression.kind) {
      case 'all':
        return allOf(expression.of.map((operand) => this.#truth(operand)))
      case 'any':
        return negated(allOf(expression.of.map((operand) => negated(this.#truth(operand)))))
      case 'comparison':
        return this.#ofComparison(expression)
      default:
        return evaluate(expression, {})
    }
  }

  #ofComparison(comparison: Comparison): Truth {
    const form = this.#forms.get(comparison) ?? formOf(comparison)
    const truth = this.#compared(form)
    return form.isNegated ? negated(truth) : truth
  }

  #compared({ positive, names, key }: Form): Truth {
    const variables = this.#concrete(names)
    if (variables !== undefined) return evaluate(positive, variables)
    return this.#guesses.get(key) ?? this.#byShape(positive) ?? 'open'
  }

  // An `other` value cannot be one of these: its domain names every literal that the variable is compared with.
  #byShape({ left, operator, right }: Comparison): Truth | undefined {
    if (left.kind === 'variable' && right.kind === 'variable') {
      if (operator !== '==') return undefined
      if (left.name === right.name) return true
      const pair = [this.#values.get(left.name), this.#values.get(right.name)]
      return pair.includes(other) && (pair.includes(null) || pair.includes('')) ? false : undefined
    }
    const side = left.kind === 'variable' ? left : right.kind === 'variable' ? right : undefined
    const literal = side === left ? right : left
    if (side === undefined || this.#values.get(side.name) !== other) return undefined
    return operator === '==' && isLiteral(literal) ? false : undefined
  }

  /** The values of the variables, if all of them are settled. */
  #concrete(names: readonly string[]): Variables | undefined {
    const settled: Record<string, string> = {}
    for (const name of names) {
      const value = this.#values.get(name)
      if (value === undefined || value === other) return undefined
      if (value !== null) settled[name] = value
    }
    return settled
  }
}

/** A comparison in its positive form, with what is asked of it again and again. */
interface Form {
  readonly positive: Comparison
  readonly isNegated: boolean
  readonly names: readonly string[]
  /** The same for comparisons that mean the same. */
  readonly key: string
}

function formOf({ left, operator, right }: Comparison): Form {
  const positive = compare(left, operator === '!=' || operator === '==' ? '==' : '=~', right)
  return { positive, isNegated: positive.operator !== operator, names: variablesIn(positive), key: JSON.stringify(positive) }
}

const isLiteral = ({ kind }: Expression): boolean => kind === 'text' || kind === 'null' || kind === 'boolean' || kind === 'pattern'

function comparisonsIn(expression: Expression): readonly Comparison[] {
  if (expression.kind === 'comparison') return [expression]
  return expression.kind === 'all' || expression.kind === 'any' ? expression.of.flatMap(comparisonsIn) : []
}

function literalsOf(name: string, comparisons: readonly Comparison[]): readonly string[] {
  const isIt = (side: Expression) => side.kind === 'variable' && side.name === name
  const compared = comparisons.flatMap(({ left, right }) => (isIt(left) ? [right] : isIt(right) ? [left] : []))
  return compared.flatMap((side) => (side.kind === 'text' || side.kind === 'boolean' ? [String(side.value)] : []))
}

const negated = (truth: Truth): Truth => (truth === 'open' ? 'open' : !truth)

function allOf(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false
  return truths.includes('open') ? 'open' : true
}
