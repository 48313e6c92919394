import type { Expression } from './expression.js'
import { type SyntaxProblem, type Token, tokenize } from './lexer.js'

export type Parsed = { readonly ok: true; readonly expression: Expression } | ({ readonly ok: false } & SyntaxProblem)

const read = new Map<string, Parsed>()
/** Thousands of jobs have a few rules between them; those of a file of somebody else's are not kept for ever. */
const mostKept = 500

/**
 * Reads a rules expression as GitLab does: `!` binds tightest, then the comparisons (from the left), then `&&`,
 * then `||`. GitLab's own parser also lets some malformed orders pass (`$A "b" ==`); those are refused here.
 */
export function parse(input: string): Parsed {
  const known = read.get(input)
  if (known !== undefined) return known
  if (read.size >= mostKept) read.clear()
  const parsed = readExpression(input)
  read.set(input, parsed)
  return parsed
}

function readExpression(input: string): Parsed {
  const tokens = tokenize(input)
  if ('message' in tokens) return { ok: false, ...tokens }
  const reader = new Reader(tokens, input.length)
  try {
    return { ok: true, expression: reader.read() }
  } catch (error) {
    if (error instanceof Unexpected) return { ok: false, at: error.at, message: error.message }
    throw error
  }
}

class Unexpected extends Error {
  readonly at: number
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

class Reader {
  readonly #tokens: readonly Token[]
  readonly #end: number
  #next = 0

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens
    this.#end = end
  }

  read(): Expression {
    const expression = this.#any()
    const left = this.#peek()
    if (left !== undefined)
      throw new Unexpected(
        left.at,
        left.kind === ')' ? 'this closing parenthesis has no opening one' : 'an operator is missing before this',
      )
    return expression
  }

  #any(): Expression {
    return this.#chain('any', '||', () => this.#all())
  }

  #all(): Expression {
    return this.#chain('all', '&&', () => this.#comparison())
  }

  // Only what stands side by side becomes one node: a parenthesis keeps its own, so that printing gives it back.
  #chain(kind: 'all' | 'any', operator: '&&' | '||', operand: () => Expression): Expression {
    const first = operand()
    if (!this.#take(operator)) return first
    const rest: [Expression, ...Expression[]] = [operand()]
    while (this.#take(operator)) rest.push(operand())
    return { kind, of: [first, ...rest] }
  }

  #comparison(): Expression {
    let left = this.#unary()
    for (let token = this.#peek(); token?.kind === 'comparison'; token = this.#peek()) {
      this.#next += 1
      left = { kind: 'comparison', operator: token.operator, left, right: this.#unary() }
    }
    return left
  }

  #unary(): Expression {
    return this.#take('!') ? { kind: 'not', of: this.#unary() } : this.#operand()
  }

  #operand(): Expression {
    const token = this.#peek()
    if (token?.kind === 'value') {
      this.#next += 1
      return token.value
    }
    if (token?.kind !== '(') throw new Unexpected(token?.at ?? this.#end, 'a value is missing here')
    this.#next += 1
    const inner = this.#any()
    if (!this.#take(')')) throw new Unexpected(this.#peek()?.at ?? this.#end, `the parenthesis at ${token.at} is not closed`)
    return inner
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next]
  }

  #take(kind: '&&' | '||' | '!' | ')'): boolean {
    if (this.#peek()?.kind !== kind) return false
    this.#next += 1
    return true
  }
}
