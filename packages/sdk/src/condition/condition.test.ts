import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Condition } from './condition.js'
import { evaluate } from './evaluate.js'
import type { PipelineEvent } from './event.js'
import { parse } from './parse.js'

const { tag, branch, mergeRequest, schedule, trigger, variable, all, any } = Condition

describe('Condition', () => {
  it.each<[Condition, string]>([
    [tag(), '$CI_COMMIT_TAG'],
    [tag(/^v(?<version>\d+\.\d+\.\d+)$/), '$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+\\.\\d+$/'],
    [branch('main'), '$CI_COMMIT_BRANCH == "main"'],
    [branch(/-ee$/), '$CI_COMMIT_BRANCH =~ /-ee$/'],
    [branch(/./), '$CI_COMMIT_BRANCH =~ /.+/'],
    [mergeRequest(), '$CI_PIPELINE_SOURCE == "merge_request_event"'],
    [schedule(), '$CI_PIPELINE_SOURCE == "schedule"'],
    [trigger(), '$CI_PIPELINE_SOURCE == "trigger"'],
    [variable('X').isSet(), '$X'],
    [variable('X').equals('a b'), '$X == "a b"'],
    [variable('X').matches(/^a/i), '$X =~ /^a/i'],
    [variable('X').isSet().not(), '$X == null || $X == ""'],
    [tag(/^v/).not(), '$CI_COMMIT_TAG !~ /^v/'],
    [branch('main').not(), '$CI_COMMIT_BRANCH != "main"'],
    [branch('main').and(schedule()).not(), '$CI_COMMIT_BRANCH != "main" || $CI_PIPELINE_SOURCE != "schedule"'],
    [
      branch('main').or(tag(/^v/)).and(schedule()),
      '($CI_COMMIT_BRANCH == "main" || $CI_COMMIT_TAG =~ /^v/) && $CI_PIPELINE_SOURCE == "schedule"',
    ],
    [all(branch('a'), branch('b'), branch('c')), '$CI_COMMIT_BRANCH == "a" && $CI_COMMIT_BRANCH == "b" && $CI_COMMIT_BRANCH == "c"'],
    [any(branch('a'), branch('b')), '$CI_COMMIT_BRANCH == "a" || $CI_COMMIT_BRANCH == "b"'],
    [any(tag()), '$CI_COMMIT_TAG'],
    [all(), 'null == null'],
    [any(), 'null != null'],
  ])('%# is written %s', (condition, expected) => {
    expect(condition.expression).toBe(expected)
    expect(condition.problems).toEqual([])
    expect(parse(expected)).toEqual({ ok: true, expression: condition.ast })
  })

  it('writes a set variable as comparisons where it is combined, since && lets an empty one pass', () => {
    const nightly = variable('NIGHTLY').isSet().and(branch(/-ee$/))
    expect(nightly.expression).toBe('$NIGHTLY != null && $NIGHTLY != "" && $CI_COMMIT_BRANCH =~ /-ee$/')
    expect(nightly.holds({ branch: 'x-ee', variables: { NIGHTLY: '' } })).toBe(false)
    expect(nightly.holds({ branch: 'x-ee', variables: { NIGHTLY: '1' } })).toBe(true)
  })

  it('does not match where there is nothing to match', () => {
    expect(tag(/.*/).expression).toBe('$CI_COMMIT_TAG != null && $CI_COMMIT_TAG =~ /.*/')
    expect(tag(/.*/).holds({ branch: 'main' })).toBe(false)
    expect(tag(/.*/).not().holds({ branch: 'main' })).toBe(true)
    expect(tag(/.*/).holds({ tag: 'x' })).toBe(true)
  })

  it.each<[string, Condition, PipelineEvent, boolean]>([
    ['a tag', tag(/^v\d/), { tag: 'v1' }, true],
    ['another tag', tag(/^v\d/), { tag: 'x1' }, false],
    ['a branch', branch('main'), { branch: 'main' }, true],
    ['a tag named as the branch', branch('main'), { tag: 'main' }, false],
    ['a merge request from the branch', branch('main'), { mergeRequest: 'main' }, false],
    ['a merge request', mergeRequest(), { mergeRequest: 'fix' }, true],
    ['a schedule', schedule(), { branch: 'main', source: 'schedule' }, true],
    ['a push', schedule(), { branch: 'main' }, false],
    ['a trigger', trigger(), { branch: 'main', source: 'trigger' }, true],
    ['a forged tag', tag(/^v/), { branch: 'main', variables: { CI_COMMIT_TAG: 'v9' } }, true],
  ])('answers for %s', (_, condition, event, expected) => {
    expect(condition.holds(event)).toBe(expected)
  })

  it('reports what it cannot say instead of throwing, and keeps it through every combination', () => {
    const wrong = tag(/^v(?!1)/)
      .and(branch('main'))
      .not()
      .or(variable('$X').isSet())
    expect(wrong.problems.map(({ code }) => code)).toEqual(['regex/lookaround', 'condition/variable-name'])
    expect(
      variable('X')
        .equals(`'"`)
        .problems.map(({ code }) => code),
    ).toEqual(['expression/unquotable'])
  })

  it.each<[string, Condition, string | undefined]>([
    ['of a tag', tag(/^v(?<version>\d+)$/), '^v(\\d+)$'],
    ['of a tag with more conditions', tag(/^v(?<version>\d+)$/).and(schedule().not()), '^v(\\d+)$'],
    ['of a tag among alternatives', branch('main').or(tag(/^v(?<version>\d+)$/)), '^v(\\d+)$'],
    ['not of a negated tag', tag(/^v(?<version>\d+)$/).not(), undefined],
    ['not of two tags that differ', tag(/^v(?<version>\d+)$/).or(tag(/^w(?<version>\d+)$/)), undefined],
    ['not of a branch', branch(/^v(?<version>\d+)$/), undefined],
  ])('takes the version %s', (_, condition, expected) => {
    expect(condition.versionPattern).toBe(expected)
  })

  const leaf = fc.constantFrom(
    tag(),
    tag(/^v/),
    tag(/v*/),
    branch('main'),
    branch(/^m/),
    mergeRequest(),
    variable('X').isSet(),
    variable('X').equals('a'),
    variable('X').matches(/a?/),
  )
  const conditions = fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => a.and(b)),
      fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => a.or(b)),
      tie('condition').map((a) => a.not()),
    ),
  })).condition
  const drawn = fc.record(
    { X: fc.constantFrom('', 'a', 'b'), CI_COMMIT_TAG: fc.constantFrom('', 'v1', 'x'), CI_COMMIT_BRANCH: fc.constantFrom('', 'main') },
    { requiredKeys: [] },
  )

  it('combines as logic does, whatever the variables', () => {
    fc.assert(
      fc.property(conditions, conditions, drawn, (a, b, variables) => {
        const holds = (condition: Condition) => evaluate(condition.ast, variables)
        expect(holds(a.and(b))).toBe(holds(a) && holds(b))
        expect(holds(a.or(b))).toBe(holds(a) || holds(b))
        expect(holds(a.not())).toBe(!holds(a))
        expect(holds(a.not().not())).toBe(holds(a))
      }),
      { numRuns: 2000 },
    )
  })

  it('is written without ! and read back as it was', () => {
    fc.assert(
      fc.property(conditions, (condition) => {
        expect(condition.expression).not.toMatch(/!(?![=~])/)
        if (condition.problems.length === 0) expect(parse(condition.expression)).toEqual({ ok: true, expression: condition.ast })
      }),
    )
  })
})
