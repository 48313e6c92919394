import { describe, expect, test } from 'vitest'
import { App, Condition, Duration, Job, type JobProps, PipelineKind, type RuleProps } from '../index.js'
import { rendered, told } from './testing/one-job.js'

const script = ['make']
const kind = '$STAGEGATE_KIND == "main"'
const rulesOf = (...rules: readonly RuleProps[]) => rendered({ script, rules })['rules']
const { tag, variable } = Condition

describe('a rule', () => {
  test('asks for the kind first, whatever it says itself', () => {
    expect(rulesOf({ if: variable('A').equals('x') }, { if: '$A == "x" || $B' }, {})).toEqual([
      { if: `${kind} && $A == "x"` },
      { if: `${kind} && ($A == "x" || ($B != null && $B != ""))` },
      { if: kind },
    ])
  })

  test('takes all that GitLab has, in the order that a person would write', () => {
    const [rule] = [
      rulesOf({
        variables: { X: 'on' },
        needs: [],
        interruptible: true,
        allowFailure: false,
        when: 'always',
        exists: { paths: ['x'], project: 'a/b', ref: 'main' },
        changes: { paths: ['src/**'], compareTo: 'main' },
        if: variable('FULL').isSet(),
      }),
    ].flat()
    expect(JSON.stringify(rule)).toBe(
      JSON.stringify({
        if: `${kind} && $FULL != null && $FULL != ""`,
        changes: { paths: ['src/**'], compare_to: 'main' },
        exists: { paths: ['x'], project: 'a/b', ref: 'main' },
        when: 'always',
        allow_failure: false,
        interruptible: true,
        variables: { X: 'on' },
        needs: [],
      }),
    )
  })

  test.each<[RuleProps, object]>([
    [{ manual: 'blocking' }, { when: 'manual', allow_failure: false }],
    [{ manual: 'optional' }, { when: 'manual', allow_failure: true }],
    [{ startIn: Duration.minutes(30) }, { when: 'delayed', start_in: '30 minutes' }],
    [{ when: 'never' }, { when: 'never' }],
    [{ when: 'on_failure' }, { when: 'on_failure' }],
    [{}, {}],
  ])('says when the job starts, and what a click blocks: %j', (rule, start) => {
    expect(rulesOf(rule)).toEqual([{ if: kind, ...start }])
  })

  test('that does not say when takes the start of the job; one that says it takes nothing of that', () => {
    const props: JobProps = { script, manual: 'optional', rules: [{ if: '$A' }, { if: '$B', when: 'always' }, { when: 'never' }] }
    expect(rendered(props)['rules']).toEqual([
      { if: `${kind} && $A != null && $A != ""`, when: 'manual', allow_failure: true },
      { if: `${kind} && $B != null && $B != ""`, when: 'always' },
      { if: kind, when: 'never' },
    ])
  })

  test.each([
    [{ rules: [{ iff: '$A' }] }, 'the job job has rules[0].iff, which is not a keyword'],
    [{ rules: [{ allow_failure: true }] }, 'the job job has rules[0].allow_failure, which is not a keyword'],
    [
      { rules: [{ changes: { path: ['x'] } }] },
      'rules[0].changes of the job job is an object, but should be an object with paths or regexp',
    ],
    [
      { rules: [{ when: 'manual' }] },
      'rules[0].when of the job job is "manual", but should be one of on_success, on_failure, always, never',
    ],
    [
      { rules: [{ manual: 'blocking', startIn: Duration.hours(1) }] },
      'rules[0].startIn of the job job is 1 hour, but should be nothing, since manual is given',
    ],
    [{ rules: [{ startIn: Duration.days(8) }] }, 'rules[0].startIn of the job job is 8 days, but should be a Duration of at most 7 days'],
    [
      { rules: [{ manual: 'optional', allowFailure: false }] },
      'rules[0].allowFailure of the job job is false, but should be nothing, since manual is given',
    ],
    [{ rules: [{ needs: ['x'] }] }, 'rules[0].needs[0] of the job job is "x", but should be a Job, { job } or { name }'],
    [{ rules: [{ on: 'main' }] }, 'rules[0].on of the job job is "main", but should be a PipelineKind'],
    [{ rules: [7] }, 'rules[0] of the job job is 7, but should be an object'],
    [{ rules: {} }, 'rules of the job job is an object, but should be a list'],
    [{ rules: [{ if: '$A = 1' }] }, 'the job job has the rule $STAGEGATE_KIND == "main" && ($A = 1), which GitLab cannot read'],
    [{ rules: [{ if: tag(/(?=x)/) }] }, 'rules[0].if of the job job is a Condition, but should be a condition that GitLab can read'],
    [{ when: 'always', startIn: Duration.hours(1) }, 'startIn of the job job is 1 hour, but should be nothing, since when is given'],
  ])('that GitLab would not take is an issue: %j', (props, sentence) => {
    expect(told(props).find((one) => one.startsWith(sentence))).toBeDefined()
  })
})

describe('rules and kinds', () => {
  function twoKinds() {
    const app = new App()
    return {
      app,
      main: new PipelineKind(app, 'main', { when: Condition.branch('main') }),
      nightly: new PipelineKind(app, 'nightly', { when: Condition.schedule() }),
      released: new PipelineKind(app, 'released', { when: Condition.tag() }),
    }
  }

  test('a job does not leave the kinds that it is on, though its rule has no condition', () => {
    const { app, main } = twoKinds()
    new Job(app, 'job', { on: main, script, rules: [{ when: 'always' }] })
    new Job(app, 'other', { script })
    const synthesis = app.synth()
    expect(synthesis.pipeline({ branch: 'main' }).names()).toEqual(['job', 'other'])
    expect(synthesis.pipeline({ tag: 'v1' }).names()).toEqual(['other'])
  })

  test('a rule counts in its own kinds alone; a kind without one has no such job', () => {
    const { app, main, nightly } = twoKinds()
    new Job(app, 'job', {
      script,
      rules: [
        { on: nightly, if: '$FULL == "yes"', when: 'always' },
        { on: [main, nightly], manual: 'optional' },
      ],
    })
    const { document, issues } = app.synth()
    expect(issues).toEqual([])
    expect(document.jobs['job']?.['rules']).toEqual([
      { if: '$STAGEGATE_KIND == "main"', when: 'manual', allow_failure: true },
      { if: '$STAGEGATE_KIND == "nightly" && $FULL == "yes"', when: 'always' },
      { if: '$STAGEGATE_KIND == "nightly"', when: 'manual', allow_failure: true },
    ])
  })

  test('the needs of a rule have to exist in its kinds', () => {
    const { app, main, nightly } = twoKinds()
    const first = new Job(app, 'first', { on: main, script })
    new Job(app, 'second', { on: [main, nightly], script, rules: [{ needs: [first] }] })
    expect(app.synth().issues).toMatchObject([{ code: 'kinds/producer-absent', job: 'second', needs: 'first', kind: 'nightly' }])
  })

  test('a job that takes no variables still takes its kind, which its rules ask for', () => {
    expect(rendered({ script, inherit: { variables: false } })['inherit']).toEqual({ variables: ['STAGEGATE_KIND'] })
    expect(rendered({ script, inherit: { variables: ['A'] } })['inherit']).toEqual({ variables: ['A', 'STAGEGATE_KIND'] })
    expect(rendered({ script, inherit: { variables: true } })['inherit']).toEqual({ variables: true })
  })
})
