import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare, type Expression, nothing, text, variable } from './expression.js'
import { parse } from './parse.js'
import { print } from './print.js'
import { expressions } from './testing/arbitrary.js'

const a = variable('A')
const b = variable('B')
const c = variable('C')

function read(input: string): Expression {
  const parsed = parse(input)
  if (!parsed.ok) throw new Error(`${input}: ${parsed.message}`)
  return parsed.expression
}

describe('parse', () => {
  // The first four are verdicts of GitLab's own parser (18.11); the others follow its documentation and its source.
  it.each([
    ['$A', true],
    ['($A == "1"', false],
    ['$A == 1', false],
    ['$A =~ /(/', false],
    ['true', true],
    ['!$A', true],
    ['$A == "1"', true],
    ['$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+\\.\\d+$/ && $CI_COMMIT_REF_PROTECTED == "true"', true],
    ['$CI_COMMIT_BRANCH =~ /./', false],
    ['$A =~ /\\//', true],
    ['$A == $B', true],
    ['"some value"', true],
    ['null', true],
    ['(($A))', true],
    ['$A &&', false],
    ['', false],
    ['$A)', false],
    ['$INVALID = 1', false],
    ['${A} == "b"', false],
    ['$A =~ /some ( thing/i', false],
    ['$A =~ //', false],
  ])('reads %s as GitLab does: %s', (input, valid) => {
    expect(parse(input).ok).toBe(valid)
  })

  it.each<[string, Expression]>([
    ['$A || $B && $C', { kind: 'any', of: [a, { kind: 'all', of: [b, c] }] }],
    ['$A && $B || $C', { kind: 'any', of: [{ kind: 'all', of: [a, b] }, c] }],
    ['$A && ($B || $C)', { kind: 'all', of: [a, { kind: 'any', of: [b, c] }] }],
    ['$A == "1" == $B', compare(compare(a, '==', text('1')), '==', b)],
    ['!$A == $B', compare({ kind: 'not', of: a }, '==', b)],
    ['$A == !$B', compare(a, '==', { kind: 'not', of: b })],
    ['!($A == null)', { kind: 'not', of: compare(a, '==', nothing) }],
    [`$A == 'say "x"'`, compare(a, '==', text('say "x"'))],
    ['$A =~ /a\\/b/im', compare(a, '=~', { kind: 'pattern', source: 'a/b', flags: 'im' })],
    ['"23" =~ "1234"', compare(text('23'), '=~', text('1234'))],
    ['$A=="b"&&$B', { kind: 'all', of: [compare(a, '==', text('b')), b] }],
  ])('binds %s as GitLab does', (input, expression) => {
    expect(read(input)).toEqual(expression)
  })

  it.each([
    ['$A == 1', 6, 'is not valid in a rules expression'],
    ['$A == ${B}', 6, 'without braces'],
    ['$A == "b', 6, 'does not end on its line'],
    ['$A =~ /./', 6, 'two characters'],
    ['$A =~ /(a/', 6, 'RE2'],
    ['($A == "1"', 10, 'the parenthesis at 0 is not closed'],
    ['$A $B', 3, 'operator is missing'],
    ['$A && ', 6, 'value is missing'],
    ['$[[ inputs.x ]] == "a"', 0, 'input'],
  ])('says where %s goes wrong', (input, at, message) => {
    expect(parse(input)).toEqual({ ok: false, at, message: expect.stringContaining(message) })
  })

  it('reads 99 tokens and not 100, as GitLab does', () => {
    const operands = Array.from({ length: 50 }, () => '$A')
    expect(parse(operands.join(' && ')).ok).toBe(true)
    expect(parse(`!${operands.join(' && ')}`)).toMatchObject({ ok: false, message: expect.stringContaining('99 tokens') })
  })

  it('gives back every expression that was printed', () => {
    fc.assert(
      fc.property(expressions, (expression) => {
        const { text: printed, problems } = print(expression)
        fc.pre(problems.length === 0)
        expect(parse(printed)).toEqual({ ok: true, expression })
      }),
      { numRuns: 2000 },
    )
  })

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[$AB"'/\\()!=~&| anul.*[\]{}]{0,30}$/), (input) => {
        const parsed = parse(input)
        return parsed.ok || (parsed.at >= 0 && parsed.at <= input.length)
      }),
      { numRuns: 2000 },
    )
  })
})
