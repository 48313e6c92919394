import type { Expression, PatternOperand } from './expression.js'
import { maximumTokens } from './lexer.js'
import { printPattern, scanPattern } from './pattern.js'
import { present } from './truth.js'

export interface PrintOptions {
  /** The oldest GitLab that must read the text, as in `17.5` or `>=17.5`. @default one that reads everything */
  readonly gitlab?: string | undefined
}

/** A text that GitLab could not read; `at` is an offset into `in`. */
export interface PrintProblem {
  readonly code: 'expression/unquotable' | 'expression/unwritable-pattern' | 'expression/too-long' | 'expression/needs-newer-gitlab'
  readonly message: string
  readonly in: string
  readonly at: number
}

/** The text is always given, for people; GitLab reads it if there are no problems. */
export interface Printed {
  readonly text: string
  readonly problems: readonly PrintProblem[]
}

/**
 * The expression as GitLab reads it. Parentheses stand where the grouping needs them and where `&&` meets `||`.
 * For a GitLab without `!`, negations are pushed down to `!=`, `!~` and `== null`.
 */
export function print(expression: Expression, { gitlab }: PrintOptions = {}): Printed {
  const young = gitlab === undefined || readsNegation(gitlab)
  const writer = new Writer(young)
  writer.write(!young && isNegated(expression) ? present(expression) : expression, 'any')
  return writer.printed()
}

// From loose to tight; a child looser than its place asks for is put into parentheses.
const places = ['any', 'all', 'comparison', 'operand'] as const
type Place = (typeof places)[number]
const tightness = (place: Place): number => places.indexOf(place)

class Writer {
  readonly #young: boolean
  readonly #problems: Omit<PrintProblem, 'in'>[] = []
  #text = ''
  #tokens = 0

  constructor(young: boolean) {
    this.#young = young
  }

  printed(): Printed {
    return { text: this.#text, problems: this.#problems.map((problem) => ({ ...problem, in: this.#text })) }
  }

  write(expression: Expression, place: Place): void {
    const inParentheses = tightness(placeOf(expression)) < tightness(place)
    if (inParentheses) this.#token('(')
    this.#write(expression)
    if (inParentheses) this.#token(')')
  }

  #write(expression: Expression): void {
    switch (expression.kind) {
      case 'variable':
        this.#token(`$${expression.name}`)
        break
      case 'text':
        this.#quoted(expression.value)
        break
      case 'pattern':
        this.#pattern(expression)
        break
      case 'null':
        this.#token('null')
        break
      case 'boolean':
        if (!this.#young)
          this.#problem('expression/needs-newer-gitlab', `the oldest supported GitLab does not have ${expression.value}: use a string`)
        this.#token(String(expression.value))
        break
      case 'not':
        if (!this.#young)
          this.#problem('expression/needs-newer-gitlab', 'the oldest supported GitLab does not have !, and here it cannot be rewritten')
        this.#token('!')
        this.write(expression.of, 'operand')
        break
      case 'comparison':
        this.write(expression.left, 'comparison')
        this.#between(expression.operator)
        this.write(expression.right, 'operand')
        break
      // Operands that are `&&` or `||` themselves keep parentheses: for readers, and so that parsing gives the same tree.
      case 'all':
      case 'any':
        for (const [index, operand] of expression.of.entries()) {
          if (index > 0) this.#between(expression.kind === 'all' ? '&&' : '||')
          this.write(operand, 'comparison')
        }
    }
  }

  // GitLab has no escapes: a string ends at the first quote of its kind.
  #quoted(value: string): void {
    if (value.includes('\n'))
      this.#problem('expression/unquotable', 'a string must be on one line: compare with a regular expression instead')
    if (value.includes('"') && value.includes("'")) {
      this.#problem('expression/unquotable', 'a string cannot contain both kinds of quotes: compare with a regular expression instead')
    }
    this.#token(value.includes('"') ? `'${value}'` : `"${value}"`)
  }

  #pattern(pattern: PatternOperand): void {
    const printed = printPattern(pattern)
    if (scanPattern(printed, 0) !== printed || pattern.source.includes('\n')) {
      this.#problem(
        'expression/unwritable-pattern',
        'GitLab needs at least two characters between the slashes, on one line, and no backslash at the end: use (?:…)',
      )
    }
    this.#token(printed)
  }

  #between(operator: string): void {
    this.#text += ' '
    this.#token(operator)
    this.#text += ' '
  }

  #token(token: string): void {
    this.#tokens += 1
    if (this.#tokens === maximumTokens + 1) {
      this.#problem(
        'expression/too-long',
        `GitLab reads at most ${maximumTokens} operands, operators and parentheses: use one regular expression instead of several`,
      )
    }
    this.#text += token
  }

  #problem(code: PrintProblem['code'], message: string): void {
    this.#problems.push({ code, message, at: this.#text.length })
  }
}

function placeOf(expression: Expression): Place {
  switch (expression.kind) {
    case 'all':
    case 'any':
    case 'comparison':
      return expression.kind
    default:
      return 'operand'
  }
}

// Negation inside the operand of a comparison has no older spelling; `present` leaves it, and the writer says so.
function isNegated(expression: Expression): boolean {
  switch (expression.kind) {
    case 'not':
    case 'boolean':
      return true
    case 'all':
    case 'any':
      return expression.of.some(isNegated)
    default:
      return false
  }
}

// `!`, `true` and `false` were seen in 18.11 and are not in the documentation of 17; older is taken for without.
function readsNegation(gitlab: string): boolean {
  const [, major, minor] = /(\d+)(?:\.(\d+))?/.exec(gitlab) ?? []
  return Number(major) > 18 || (Number(major) === 18 && Number(minor ?? 0) >= 11)
}
