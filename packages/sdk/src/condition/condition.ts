import type { Side } from './anchors.js'
import { evaluate } from './evaluate.js'
import { type PipelineEvent, variablesOf } from './event.js'
import { all, any, compare, type Expression, nothing, text, variable } from './expression.js'
import type { RegularExpressionProblem } from './js-pattern.js'
import { type PrintProblem, print } from './print.js'
import { regularExpression } from './regular-expression.js'
import { negate, present } from './truth.js'

export type ConditionProblem =
  | RegularExpressionProblem
  | PrintProblem
  | { readonly code: 'condition/variable-name'; readonly message: string; readonly in: string; readonly at: number }

/** A condition on one variable, to be finished by what it asks. */
export interface VariableCondition {
  /** Set, and not to the empty string. */
  isSet(): Condition
  equals(value: string): Condition
  /** The expression occurs in the value. An unset variable matches nothing. */
  matches(re: RegExp): Condition
}

/**
 * When something happens: a value that GitLab's rules and our own tests read alike.
 *
 * Nothing is thrown for what a condition cannot say; `problems` tells, and synth reports it.
 *
 * @example
 * const { tag, branch, variable } = Condition
 * const release = tag(/^v(?<version>\d+\.\d+\.\d+)$/)
 * release.expression                                     // '$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+\\.\\d+$/'
 * release.holds({ tag: 'v1.2.3' })                       // true
 * branch('main').and(variable('NIGHTLY').isSet().not())  // on main, unless NIGHTLY is set
 */
export class Condition {
  /** The text that GitLab evaluates. */
  readonly ast: Expression
  /** As GitLab reads it. */
  readonly expression: string
  readonly problems: readonly ConditionProblem[]
  /** RE2 whose first group is the version in a tag, from the group `version` of the one `tag(…)` that has it. */
  readonly versionPattern: string | undefined
  /** The ends of a tag that the expression of the version leaves open: it matches inside a longer tag. */
  readonly openEnds: readonly Side[]
  readonly #own: readonly ConditionProblem[]
  readonly #anchors: readonly Side[]

  private constructor(ast: Expression, own: readonly ConditionProblem[], { version, open = [], anchors = [] }: TagReading = {}) {
    const printed = print(ast)
    this.ast = ast
    this.expression = printed.text
    this.problems = [...own, ...printed.problems]
    this.versionPattern = version
    this.openEnds = open
    this.#own = own
    this.#anchors = anchors
  }

  // The static methods are used on their own (`const { tag, branch } = Condition`): none may say `this`.

  /** Pipelines of tags: of any, or of those in which the expression occurs. Its group `version` names the release. */
  static tag(re?: RegExp): Condition {
    return re === undefined ? Condition.#of(tagName) : Condition.#matching(tagName, re, true)
  }

  /** Pipelines of branches, merge requests' excluded: of one by its name, or of those in which the expression occurs. */
  static branch(name: string | RegExp): Condition {
    return typeof name === 'string' ? Condition.#of(compare(branchName, '==', text(name))) : Condition.#matching(branchName, name, false)
  }

  static mergeRequest(): Condition {
    return Condition.#of(compare(source, '==', text('merge_request_event')))
  }

  static schedule(): Condition {
    return Condition.#of(compare(source, '==', text('schedule')))
  }

  static trigger(): Condition {
    return Condition.#of(compare(source, '==', text('trigger')))
  }

  static variable(name: string): VariableCondition {
    const value = variable(name)
    const problems = nameProblems(name)
    return {
      isSet: () => Condition.#of(value, problems),
      equals: (expected) => Condition.#of(compare(value, '==', text(expected)), problems),
      matches: (re) => Condition.#matching(value, re, false, problems),
    }
  }

  /** Every one of them; of none, always. */
  static all(...conditions: readonly Condition[]): Condition {
    return Condition.#join(all, conditions)
  }

  /** At least one of them; of none, never. */
  static any(...conditions: readonly Condition[]): Condition {
    return Condition.#join(any, conditions)
  }

  and(other: Condition): Condition {
    return Condition.all(this, other)
  }

  or(other: Condition): Condition {
    return Condition.any(this, other)
  }

  /** The exact opposite, written with `!=`, `!~` and `== null`: older GitLabs have no `!(…)`. */
  not(): Condition {
    return new Condition(negate(this.ast), this.#own)
  }

  /** Whether GitLab would take it for true in the pipeline of this event. */
  holds(event: PipelineEvent): boolean {
    return evaluate(this.ast, variablesOf(event))
  }

  static #of(ast: Expression, problems: readonly ConditionProblem[] = []): Condition {
    return new Condition(ast, problems)
  }

  static #matching(value: Expression, re: RegExp, isTag: boolean, problems: readonly ConditionProblem[] = []): Condition {
    const expression = regularExpression(re)
    const { anchors, versionPattern: version } = expression
    const match = compare(value, '=~', expression.pattern)
    return new Condition(
      expression.matchesNothing ? all([compare(value, '!=', nothing), match]) : match,
      [...problems, ...expression.problems],
      isTag ? { version, anchors, open: version === undefined ? [] : sides.filter((side) => !anchors.includes(side)) } : {},
    )
  }

  // A bare variable means something else between `&&` and `||` than alone, hence `present`.
  static #join(join: typeof all, conditions: readonly Condition[]): Condition {
    const [only, ...others] = conditions
    if (only !== undefined && others.length === 0) return only
    const versions = new Set(conditions.flatMap(({ versionPattern }) => versionPattern ?? []))
    const isAnchored = (side: Side) =>
      join === all ? conditions.some((one) => one.#anchors.includes(side)) : conditions.every((one) => one.#anchors.includes(side))
    const anchors = sides.filter(isAnchored)
    return new Condition(
      join(conditions.map(({ ast }) => present(ast))),
      conditions.flatMap((condition) => condition.#own),
      versions.size === 1 ? { version: [...versions][0], anchors, open: openOf(conditions, anchors) } : { anchors },
    )
  }
}

/** The reading of a tag: its version, and the ends of it that the expressions reach. */
interface TagReading {
  readonly version?: string | undefined
  readonly open?: readonly Side[]
  readonly anchors?: readonly Side[]
}

const sides = ['start', 'end'] as const

/** Another expression can close the end that the version's leaves open. */
function openOf(conditions: readonly Condition[], anchors: readonly Side[]): readonly Side[] {
  return sides.filter((side) => !anchors.includes(side) && conditions.some(({ openEnds }) => openEnds.includes(side)))
}

const tagName = variable('CI_COMMIT_TAG')
const branchName = variable('CI_COMMIT_BRANCH')
const source = variable('CI_PIPELINE_SOURCE')

const nameProblems = (name: string): readonly ConditionProblem[] =>
  /^\w+$/.test(name)
    ? []
    : [
        {
          code: 'condition/variable-name',
          message: 'the name of a variable has letters, digits and _, without $ or braces',
          in: name,
          at: Math.max(0, name.search(/\W/)),
        },
      ]
