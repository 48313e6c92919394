import type { JsonObject } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { type Expression, parse, print } from '../condition/index.js'
import { asker } from './knowledge.js'
import { clausesOf } from './rules.js'
import { decider, rulebook, type Seen } from './ways.js'

function expression(text: string): Expression {
  const parsed = parse(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.expression
}

const nothing: Seen = { values: {}, others: [] }

function existence(rules: JsonObject[], premises: readonly string[] = [], seen: Seen = nothing) {
  const decide = decider(premises.map(expression), asker(new Set()))
  const found = decide(rulebook(clausesOf({ rules })), seen)
  return found && [found.exists, ...found.ways.map(({ if: written, decides, start }) => `${written ?? 'any'} ${decides} ${start}`)]
}

const a = { if: '$A' }
const b = { if: '$B' }
const never = { when: 'never' }

describe('a job exists', () => {
  test.each<[string, JsonObject[], premises: readonly string[], readonly string[] | undefined]>([
    ['never without a rule', [], [], undefined],
    ['never where all send it away', [{ ...a, ...never }, never], [], undefined],
    ['never where its rule cannot hold', [a], ['$A == null'], undefined],
    ['sometimes by a rule that can hold', [a], [], ['sometimes', '$A sometimes automatic']],
    ['always by a rule that holds', [a], ['$A'], ['always', '$A always automatic']],
    ['always by one of two', [a, {}], [], ['always', '$A sometimes automatic', 'any always automatic']],
    ['by no rule after one that holds', [a, b], ['$A'], ['always', '$A always automatic']],
    ['never after one that sends it away', [never, a], [], undefined],
    ['sometimes after one that can send it away', [{ ...a, ...never }, {}], [], ['sometimes', 'any always automatic']],
    ['always after one that cannot', [{ ...a, ...never }, {}], ['$A == null'], ['always', 'any always automatic']],
    ['not by a rule that an earlier one excludes', [{ ...a, ...never }, a], [], undefined],
    [
      'by a rule where an earlier one asks for files, too',
      [{ ...a, ...never, changes: ['x'] }, a],
      ['$A'],
      ['sometimes', '$A always automatic'],
    ],
    ['not for certain where it asks for files', [{ changes: ['x'] }], [], ['sometimes', 'any sometimes automatic']],
    [
      'by hand or by itself',
      [{ ...a, when: 'manual' }, { when: 'delayed' }],
      [],
      ['always', '$A sometimes manual', 'any always automatic'],
    ],
    ['perhaps by a rule that cannot be read', [{ if: '$A ==' }, never], [], ['sometimes', '$A == sometimes automatic']],
    ['not by a rule that two earlier ones exclude', [{ ...a, ...never }, { ...b, ...never }, { if: '$A || $B' }], [], undefined],
  ])('%s', (_, rules, premises, found) => {
    expect(existence(rules, premises)).toEqual(found)
  })

  test('by the values that it sees', () => {
    expect(existence([a], [], { values: { A: 'x' }, others: [] })).toEqual(['always', '$A always automatic'])
    expect(existence([a], [], { values: { A: '' }, others: [] })).toBeUndefined()
    expect(existence([a], [], { values: { A: null }, others: [] })).toBeUndefined()
    expect(existence([a], [], { values: { B: 'x' }, others: [] })).toEqual(['sometimes', '$A sometimes automatic'])
  })

  test('whatever the workflow says of a variable that means another one in the job', () => {
    expect(existence([a], ['$A == null'], { values: { A: 'x' }, others: [] })).toEqual(['always', '$A always automatic'])
    expect(existence([a], ['$A == null'], { values: {}, others: ['A'] })).toEqual(['sometimes', '$A sometimes automatic'])
    expect(existence([a], ['$A == null && $B'], { values: {}, others: ['B'] })).toBeUndefined()
    const either = '($B == "1" && $A) || ($B == "1" && $C)'
    expect(existence([{ if: '$B == "1"' }], [either])).toEqual(['always', '$B == "1" always automatic'])
    expect(existence([{ if: '$B == "1"' }], [either], { values: {}, others: ['B'] })).toEqual([
      'sometimes',
      '$B == "1" sometimes automatic',
    ])
  })
})

test('a way knows its condition, the premises and what the rules before it say', () => {
  const decide = decider([expression('$P == "p" && $Q == "q"')], asker(new Set()))
  const found = decide(rulebook(clausesOf({ rules: [{ ...a, when: 'manual' }, { ...b, changes: ['x'] }, {}] })), nothing)
  const holds = found?.ways.map(({ known }) => known.holds.map((one) => print(one).text))
  expect(holds).toEqual([
    ['$A', '$P == "p"', '$Q == "q"'],
    ['$B', '$A == null || $A == ""', '$P == "p"', '$Q == "q"'],
    ['$A == null || $A == ""', '$P == "p"', '$Q == "q"'],
  ])
})

test('a decision for one job is not reused for a different one', () => {
  const decide = decider([], asker(new Set()))
  const decided = (rule: JsonObject, seen: Seen = nothing) => decide(rulebook(clausesOf({ rules: [rule] })), seen)
  expect(decided(a)?.exists).toBe('sometimes')
  expect(decided(a, { values: { A: 'x' }, others: [] })?.exists).toBe('always')
  expect(decided({ ...a, when: 'never' })).toBeUndefined()
  expect(decided({ ...a, changes: ['x'] }, { values: { A: 'x' }, others: [] })?.exists).toBe('sometimes')
  expect(decided({ ...a, needs: [] })?.ways[0]?.needs).toEqual([])
  expect(decided({ ...a, needs: ['x'] })?.ways[0]?.needs).toHaveLength(1)
})

test('only the last twenty of many rules are remembered', () => {
  const rules = (count: number) => Array.from({ length: count }, (_, index) => ({ if: `$A == "${index}"`, when: 'never' }))
  expect(existence([...rules(20), { if: '$A == "0"' }])).toBeUndefined()
  expect(existence([...rules(21), { if: '$A == "0"' }])).toEqual(['sometimes', '$A == "0" sometimes automatic'])
})
