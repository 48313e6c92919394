import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Condition } from './condition.js'
import { decide, type Verdict } from './entailment.js'
import { evaluate } from './evaluate.js'
import { type Expression, variablesIn } from './expression.js'
import { parse } from './parse.js'
import { assignments, expressions, names, values } from './testing/arbitrary.js'

const { tag } = Condition

function read(input: string): Expression {
  const parsed = parse(input)
  if (!parsed.ok) throw new Error(`${input}: ${parsed.message}`)
  return parsed.expression
}

describe('decide', () => {
  it.each<[question: string, given: string, Verdict]>([
    ['$X', '$X == "a"', 'always'],
    ['$X == "b"', '$X == "a"', 'never'],
    ['$X != "b"', '$X == "a"', 'always'],
    ['$X == "a"', '$X', 'sometimes'],
    ['$X =~ /^v\\d/', '$X == "v1"', 'always'],
    ['$X =~ /^v\\d/', '$X == "x"', 'never'],
    ['$X', '$X =~ /^v/', 'always'],
    ['$X != null', '$X =~ /^v/', 'always'],
    ['$X =~ /^v/', '$X =~ /^v/', 'always'],
    ['$X !~ /^v/', '$X =~ /^v/', 'never'],
    ['$X =~ /^w/', '$X =~ /^v/', 'sometimes'],
    ['$X =~ /^v/', '$X == null', 'never'],
    ['$X == null', '$X == ""', 'never'],
    ['$X == "a" || $X != "a"', '$Y', 'always'],
    ['$X && $X == null', '$Y', 'never'],
    ['$CI_COMMIT_BRANCH', '$CI_COMMIT_TAG =~ /^v/', 'never'],
    ['$CI_COMMIT_TAG =~ /^v/', '$CI_COMMIT_BRANCH == "main"', 'never'],
    ['$CI_COMMIT_BRANCH =~ /^m/', '$CI_PIPELINE_SOURCE == "merge_request_event"', 'never'],
    ['$CI_PIPELINE_SOURCE == "merge_request_event"', '$CI_COMMIT_TAG', 'never'],
    ['$X == "a"', '$X == "a" || $X == "b"', 'sometimes'],
    ['$X == "a" || $X == "b"', '$X == "b"', 'always'],
    ['$X == $Y', '$X == "a" && $Y == "a"', 'always'],
    ['$X == $Y', '$X == "a" && $Y == "b"', 'never'],
    ['$X == $X', '$Y', 'always'],
    ['!$X', '$X == "a"', 'never'],
    ['$Z', '$X == "" && $X', 'never'],
    ['$X == ""', '$X && $X == ""', 'always'],
    // Pipelines of merge requests.
    ['$CI_PIPELINE_SOURCE == "merge_request_event"', '$Y', 'sometimes'],
    ['$CI_MERGE_REQUEST_IID', '$Y', 'sometimes'],
    ['$CI_COMMIT_TAG', '$CI_MERGE_REQUEST_IID', 'never'],
    ['$CI_MERGE_REQUEST_IID', '$CI_COMMIT_BRANCH == "main"', 'never'],
    ['$CI_COMMIT_TAG', '$OUR_CI_MERGE_REQUEST_', 'sometimes'],
    // The ref is protected or is not.
    ['$CI_COMMIT_REF_PROTECTED == "false"', '$Y', 'sometimes'],
    ['$CI_COMMIT_REF_PROTECTED == "true"', '$Y', 'sometimes'],
    ['$CI_COMMIT_REF_PROTECTED', '$Y', 'always'],
    ['$CI_COMMIT_REF_PROTECTED == "true" || $CI_COMMIT_REF_PROTECTED == "false"', '$Y', 'always'],
    // The literal on the left, and values that no comparison names.
    ['"a" == $X', '$X == "b"', 'never'],
    ['"a" == $X', '$X != "a" && $X', 'never'],
    ['"a" == $X', '$X', 'sometimes'],
    ['$X == true', '$X != "true" && $X', 'never'],
    ['$X == true', '$X', 'sometimes'],
    ['$X == "true"', '$X == true', 'always'],
    ['$X == $Y', '$X == null && $Y', 'never'],
    ['$X == $Y', '$X && $Y == null', 'never'],
    ['$X == $Y', '$X == "" && $Y', 'never'],
    ['$X == $Y', '$X && $Y', 'sometimes'],
    ['$X == $Y', '$Y == "" && $X != null', 'sometimes'],
    ['$X =~ $Y', '$X && $Y', 'sometimes'],
    // Conditions that ask for nothing.
    ['"x"', '$Y', 'always'],
    ['""', '$Y', 'never'],
    ['null', '$Y', 'never'],
    ['"a" == "a"', '$Y', 'always'],
    ['"a" == "b"', '$Y', 'never'],
  ])('%s, given %s: %s', (question, given, verdict) => {
    expect(decide(read(question), { variables: {}, holds: [read(given)] })).toBe(verdict)
  })

  it('uses known variables, even those that GitLab would not set together', () => {
    const question = read('$STAGEGATE_KIND == "release" && $CI_COMMIT_TAG && $CI_COMMIT_BRANCH')
    const variables = { STAGEGATE_KIND: 'release', CI_COMMIT_TAG: 'v1', CI_COMMIT_BRANCH: 'main' }
    expect(decide(question, { variables, holds: [] })).toBe('always')
    expect(decide(question, { variables: { CI_COMMIT_TAG: 'v1' }, holds: [] })).toBe('sometimes')
    expect(decide(question, { variables: { ...variables, STAGEGATE_KIND: 'other' }, holds: [] })).toBe('never')
  })

  it('looks at no other value of a known variable', () => {
    const holds = [read('$B == "b"')]
    expect(decide(read('$A == "x" && $B == "b"'), { variables: { A: 'x' }, holds })).toBe('always')
    expect(decide(read('$A == "y" || $B == "c"'), { variables: { A: 'x' }, holds })).toBe('never')
  })

  it('knows no law of a variable that the pipeline redefines', () => {
    const redefined = new Set(['CI_COMMIT_REF_PROTECTED', 'CI_COMMIT_TAG', 'CI_MERGE_REQUEST_IID'])
    const verdict = (question: string, given: string) => decide(read(question), { variables: {}, holds: [read(given)], redefined })
    expect(verdict('$CI_COMMIT_REF_PROTECTED', '$Y')).toBe('sometimes')
    expect(verdict('$CI_COMMIT_TAG', '$CI_COMMIT_BRANCH')).toBe('sometimes')
    expect(verdict('$CI_COMMIT_BRANCH', '$CI_MERGE_REQUEST_IID')).toBe('sometimes')
  })

  it('sees that the whole condition of a kind implies the rule of its jobs', () => {
    const kind = tag(/^v(?<version>\d+\.\d+\.\d+)$/).and(Condition.variable('CI_COMMIT_REF_PROTECTED').equals('true'))
    const job = read('$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+\\.\\d+$/ && $CI_COMMIT_REF_PROTECTED == "true"')
    expect(decide(job, { variables: {}, holds: [kind.ast] })).toBe('always')
    expect(decide(kind.not().ast, { variables: {}, holds: [job] })).toBe('never')
  })

  it('decides among a dozen kinds, each negating those before it', () => {
    const kinds = Array.from({ length: 12 }, (_, index) => tag(new RegExp(`^k${index}-`)))
    const holds = kinds.slice(0, 11).map((kind) => kind.not().ast)
    expect(decide(Condition.any(...kinds.slice(0, 11)).ast, { variables: {}, holds })).toBe('never')
    expect(decide(Condition.any(...kinds).ast, { variables: {}, holds })).toBe('sometimes')
  })

  it('gives the safe answer where the search would be too long', () => {
    const many = Array.from({ length: 16 }, (_, index) => read(`$A${index} == $B${index}`))
    const question = Condition.all().ast
    expect(
      decide(
        { kind: 'any', of: [many[0] ?? question, { kind: 'not', of: many[1] ?? question }, ...many.slice(2)] },
        { variables: {}, holds: [] },
      ),
    ).toBe('sometimes')
  })

  it('gives no verdict where the search ends before it has found anything', () => {
    // Eight different values of seven: there is no such pipeline, which takes more than 100,000 steps to see.
    const variables = Array.from({ length: 8 }, (_, index) => `$V${index}`)
    const values = variables.map(
      (name) =>
        `(${'abcdefg'
          .split('')
          .map((value) => `${name} == "${value}"`)
          .join(' || ')})`,
    )
    const pairs = variables.flatMap((name, index) => variables.slice(index + 1).map((other) => `${name} != ${other}`))
    expect(decide(read('$V0'), { variables: {}, holds: [...values, ...pairs].map(read) })).toBe('sometimes')
  })

  it('says always and never only where every assignment agrees', () => {
    const verdicts = new Map<Verdict, number>()
    fc.assert(
      fc.property(expressions, fc.array(expressions, { maxLength: 2 }), (question, holds) => {
        const verdict = decide(question, { variables: {}, holds })
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
        if (verdict === 'sometimes') return
        for (const variables of everyAssignment([question, ...holds].flatMap(variablesIn)).filter(isPossible)) {
          if (holds.every((premise) => evaluate(premise, variables))) expect(evaluate(question, variables)).toBe(verdict === 'always')
        }
      }),
      { numRuns: 500 },
    )
    expect([...verdicts.keys()].toSorted()).toEqual(['always', 'never', 'sometimes'])
  })

  it('knows everything where every variable is known', () => {
    fc.assert(
      fc.property(expressions, assignments, (question, drawn) => {
        const variables = Object.fromEntries(names.map((name) => [name, drawn[name] ?? '']))
        expect(decide(question, { variables, holds: [] })).toBe(evaluate(question, variables) ? 'always' : 'never')
      }),
      { numRuns: 1000 },
    )
  })
})

function everyAssignment(used: readonly string[]): readonly Record<string, string>[] {
  return [...new Set(used)].reduce<readonly Record<string, string>[]>(
    (assigned, name) =>
      assigned.flatMap((variables) => values.map((value) => (value === null ? variables : { ...variables, [name]: value }))),
    [{}],
  )
}

function isPossible(variables: Record<string, string>): boolean {
  const isSet = (name: string) => Object.hasOwn(variables, name)
  if (isSet('CI_COMMIT_TAG') && isSet('CI_COMMIT_BRANCH')) return false
  return variables['CI_PIPELINE_SOURCE'] !== 'merge_request_event' || !(isSet('CI_COMMIT_TAG') || isSet('CI_COMMIT_BRANCH'))
}
