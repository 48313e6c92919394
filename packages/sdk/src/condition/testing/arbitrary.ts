import fc from 'fast-check'
import { compare, type Expression, nothing, type PatternOperand, text, variable } from '../expression.js'

// What the property tests draw from: few names and values, so that they meet often.

export const names = ['X', 'Y', 'CI_COMMIT_TAG', 'CI_COMMIT_BRANCH', 'CI_PIPELINE_SOURCE'] as const
export const values = [null, '', 'a', 'ab', 'true', 'false', 'main', 'merge_request_event', '/^a/'] as const

const pattern = (source: string, flags = ''): PatternOperand => ({ kind: 'pattern', source, flags })

const operand: fc.Arbitrary<Expression> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...names).map(variable) },
  { weight: 3, arbitrary: fc.constantFrom('', 'a', 'ab', 'true', 'main', 'merge_request_event', `it's`, 'say "a"', '/a/ && $X').map(text) },
  fc.constant(nothing),
  fc.boolean().map((value): Expression => ({ kind: 'boolean', value })),
)

const patterns = fc.constantFrom(
  pattern('^a'),
  pattern('^A', 'i'),
  pattern('^(main|ab)$'),
  pattern('a/b'),
  pattern('^$'),
  pattern('.*', 's'),
  pattern('\\d+\\\\/'),
)

const simple: fc.Arbitrary<Expression> = fc.oneof(
  operand,
  fc
    .tuple(operand, fc.constantFrom('==' as const, '!=' as const), operand)
    .map(([left, operator, right]) => compare(left, operator, right)),
  fc
    .tuple(operand, fc.constantFrom('=~' as const, '!~' as const), fc.oneof(patterns, fc.constantFrom(...names).map(variable)))
    .map(([left, operator, right]) => compare(left, operator, right)),
)

/** Any expression of the language, comparisons of groups and bare values included. */
export const expressions: fc.Arbitrary<Expression> = fc.letrec<{ expression: Expression }>((tie) => {
  const inner = tie('expression')
  const more = fc.array(inner, { maxLength: 1 })
  return {
    expression: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 2, arbitrary: simple },
      fc
        .tuple(fc.constantFrom('all' as const, 'any' as const), inner, inner, more)
        .map(([kind, a, b, c]): Expression => ({ kind, of: [a, b, ...c] })),
      inner.map((of): Expression => ({ kind: 'not', of })),
      fc
        .tuple(inner, fc.constantFrom('==' as const, '!=' as const), inner)
        .map(([left, operator, right]) => compare(left, operator, right)),
    ),
  }
}).expression

export const assignments: fc.Arbitrary<Record<string, string>> = fc.tuple(...names.map(() => fc.constantFrom(...values))).map((drawn) =>
  Object.fromEntries(
    names.flatMap((name, index) => {
      const value = drawn[index] ?? null
      return value === null ? [] : [[name, value]]
    }),
  ),
)
