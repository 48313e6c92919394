import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate } from './evaluate.js'
import { all, any, compare, type Expression, text, variable } from './expression.js'
import { parse } from './parse.js'
import { print } from './print.js'
import { assignments, expressions } from './testing/arbitrary.js'

const a = variable('A')
const b = variable('B')
const c = variable('C')
const not = (of: Expression): Expression => ({ kind: 'not', of })

describe('print', () => {
  it.each<[string, Expression]>([
    ['$A && $B && $C', all([a, all([b, c])])],
    ['$A || ($B && $C)', any([a, all([b, c])])],
    ['($A || $B) && $C', all([any([a, b]), c])],
    ['$A && ($B && $C)', { kind: 'all', of: [a, { kind: 'all', of: [b, c] }] }],
    ['!($A == "x")', not(compare(a, '==', text('x')))],
    ['!!$A', not(not(a))],
    [`$A == 'say "x"'`, compare(a, '==', text('say "x"'))],
    ['$A =~ /a\\/b/i', compare(a, '=~', { kind: 'pattern', source: 'a/b', flags: 'i' })],
    ['$A == $B == $C', compare(compare(a, '==', b), '==', c)],
    ['$A == ($B == $C)', compare(a, '==', compare(b, '==', c))],
  ])('writes %s', (expected, expression) => {
    expect(print(expression)).toEqual({ text: expected, problems: [] })
  })

  it('pushes negation down for a GitLab without it', () => {
    const expression = not(all([a, compare(b, '=~', { kind: 'pattern', source: '^v', flags: '' })]))
    expect(print(expression, { gitlab: '18.11' }).text).toBe('!($A && $B =~ /^v/)')
    expect(print(expression, { gitlab: '>=17.5' })).toEqual({ text: '$A == null || $B !~ /^v/', problems: [] })
  })

  it('says the same to an old GitLab as to a young one', () => {
    fc.assert(
      fc.property(expressions, assignments, (expression, variables) => {
        const { text: printed, problems } = print(expression, { gitlab: '17.5' })
        fc.pre(problems.length === 0)
        const parsed = parse(printed)
        expect(parsed.ok && evaluate(parsed.expression, variables)).toBe(evaluate(expression, variables))
        expect(printed).not.toMatch(/!(?![=~])/)
      }),
      { numRuns: 2000 },
    )
  })

  it.each<[string, Expression, number]>([
    ['expression/unquotable', compare(a, '==', text(`'"`)), 6],
    ['expression/unquotable', compare(a, '==', text('a\nb')), 6],
    ['expression/unwritable-pattern', compare(a, '=~', { kind: 'pattern', source: '.', flags: '' }), 6],
    ['expression/unwritable-pattern', compare(a, '=~', { kind: 'pattern', source: 'a\\\\', flags: '' }), 6],
    ['expression/too-long', all(Array.from({ length: 51 }, () => a)), 297],
  ])('says %s, and where', (code, expression, at) => {
    const { text: printed, problems } = print(expression)
    expect(problems).toEqual([{ code, at, in: printed, message: expect.any(String) }])
    expect(parse(printed).ok).toBe(false)
  })

  it('refuses what an old GitLab has no words for', () => {
    const expression = compare(not(a), '==', text('false'))
    expect(print(expression, { gitlab: '17.5' }).problems).toEqual([
      expect.objectContaining({ code: 'expression/needs-newer-gitlab', at: 0 }),
    ])
    expect(print(expression, { gitlab: '19.0' }).problems).toEqual([])
  })
})
