import { type ComparisonOperator, type Expression, nothing } from './expression.js'
import { isRe2, readPattern, scanPattern } from './pattern.js'

export type Token = { readonly at: number } & (
  | { readonly kind: 'value'; readonly value: Expression }
  | { readonly kind: 'comparison'; readonly operator: ComparisonOperator }
  | { readonly kind: '&&' | '||' | '!' | '(' | ')' }
)

export interface SyntaxProblem {
  /** Offset into the text. */
  readonly at: number
  readonly message: string
}

/** GitLab's lexer gives up when it has read its 100th token, even if that is the last. */
export const maximumTokens = 99

/** The tokens of a rules expression, or the first place that GitLab's lexer would not read. */
export function tokenize(input: string): readonly Token[] | SyntaxProblem {
  const tokens: Token[] = []
  let at = skipSpace(input, 0)
  while (at < input.length) {
    const read = valueAt(input, at) ?? operatorAt(input, at)
    if (read === undefined) return { at, message: unreadable(input, at) }
    if ('message' in read) return read
    tokens.push(read.token)
    if (tokens.length > maximumTokens)
      return { at, message: `the expression has more than ${maximumTokens} tokens, which is the most that GitLab reads` }
    at = skipSpace(input, at + read.length)
  }
  return tokens
}

type Read = { readonly token: Token; readonly length: number }

function valueAt(input: string, at: number): Read | SyntaxProblem | undefined {
  const value = (value: Expression, length: number): Read => ({ token: { kind: 'value', at, value }, length })

  const name = match(/\$(\w+)/y, input, at)
  if (name?.[1] !== undefined) return value({ kind: 'variable', name: name[1] }, name[0].length)

  const quoted = match(/"([^\n]*?)"|'([^\n]*?)'/y, input, at)
  if (quoted !== undefined) return value({ kind: 'text', value: quoted[1] ?? quoted[2] ?? '' }, quoted[0].length)

  const literal = scanPattern(input, at)
  if (literal !== undefined) {
    const pattern = readPattern(literal)
    if (pattern === undefined || !isRe2(pattern)) return { at, message: `${literal} is not a regular expression that RE2 accepts` }
    return value(pattern, literal.length)
  }

  if (input.startsWith('null', at)) return value(nothing, 4)
  const boolean = match(/\b(?:true|false)\b/y, input, at)?.[0]
  return boolean === undefined ? undefined : value({ kind: 'boolean', value: boolean === 'true' }, boolean.length)
}

function operatorAt(input: string, at: number): Read | undefined {
  const operator = match(/==|=~|!=|!~|&&|\|\||[!()]/y, input, at)?.[0]
  switch (operator) {
    case undefined:
      return undefined
    case '==':
    case '!=':
    case '=~':
    case '!~':
      return { token: { kind: 'comparison', at, operator }, length: 2 }
    case '&&':
    case '||':
    case '!':
    case '(':
    case ')':
      return { token: { kind: operator, at }, length: operator.length }
    default:
      return undefined
  }
}

function unreadable(input: string, at: number): string {
  if (input.startsWith('${', at)) return 'write $NAME without braces in rules'
  if (input.startsWith('$[[', at)) return 'GitLab fills in an input before it reads rules, so only the input’s value can be checked'
  if (/["']/.test(input.charAt(at))) return 'the string does not end on its line'
  if (input.charAt(at) === '/')
    return 'a regular expression needs at least two characters between its slashes, and no backslash before the closing slash'
  const word = /^\w+|^./su.exec(input.slice(at))?.[0] ?? ''
  return `${JSON.stringify(word)} is not valid in a rules expression: values are $NAME, "text", /pattern/, null, true and false`
}

function match(sticky: RegExp, input: string, at: number): RegExpExecArray | undefined {
  sticky.lastIndex = at
  return sticky.exec(input) ?? undefined
}

const skipSpace = (input: string, at: number): number => at + (match(/\s*/y, input, at)?.[0].length ?? 0)
