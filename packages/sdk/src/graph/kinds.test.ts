import type { JsonObject } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { smallRelease } from '../testing/small-release.js'
import { kindGraphs } from './kinds.js'

const kinds = [
  { if: '$CI_COMMIT_TAG && $CI_COMMIT_REF_PROTECTED == "true"', variables: { STAGEGATE_KIND: 'release', EDITION: 'ee' } },
  { if: '$CI_COMMIT_TAG', variables: { STAGEGATE_KIND: 'refused' } },
  { if: '$CI_PIPELINE_SOURCE == "web"', when: 'never' },
  { if: '$CI_COMMIT_BRANCH', variables: { STAGEGATE_KIND: 'branch' } },
]

/** The graphs of a job with these keywords. */
function graphsOf(job: JsonObject, rules: JsonObject[] = kinds) {
  return kindGraphs({ stages: ['build'], workflow: { rules }, variables: { STAGEGATE_KIND: '' }, jobs: { job: { script: ['x'], ...job } } })
}
const existence = (job: JsonObject, rules?: JsonObject[]) =>
  graphsOf(job, rules).map(({ kind, jobs }) => [kind, jobs.get('job')?.exists ?? 'never'])

describe('a job exists', () => {
  test('in the kinds whose variable its rule names', () => {
    expect(existence({ rules: [{ if: '$STAGEGATE_KIND == "release"' }] })).toEqual([
      ['release', 'always'],
      ['refused', 'never'],
      ['branch', 'never'],
    ])
  })

  test('nowhere, if it does not inherit that variable', () => {
    const rules = [{ if: '$STAGEGATE_KIND == "release"' }]
    expect(existence({ rules, inherit: { variables: false } }).map(([, exists]) => exists)).toEqual(['never', 'never', 'never'])
    expect(existence({ rules, inherit: { variables: ['STAGEGATE_KIND'] } })[0]).toEqual(['release', 'always'])
  })

  test('in all of them without rules, and perhaps with only', () => {
    expect(existence({}).map(([, exists]) => exists)).toEqual(['always', 'always', 'always'])
    expect(existence({ only: ['tags'] }).map(([, exists]) => exists)).toEqual(['sometimes', 'sometimes', 'sometimes'])
  })

  test('by the kind’s own condition, and not where an earlier kind took it', () => {
    expect(existence({ rules: [{ if: '$CI_COMMIT_TAG && $CI_COMMIT_REF_PROTECTED == "true"' }] })).toEqual([
      ['release', 'always'],
      ['refused', 'never'],
      ['branch', 'never'],
    ])
    expect(existence({ rules: [{ if: '$CI_PIPELINE_SOURCE == "web"' }] }).at(-1)).toEqual(['branch', 'never'])
  })

  test('perhaps, if changes or a variable of the person who starts it decide', () => {
    expect(existence({ rules: [{ changes: ['src/**'] }] })[0]).toEqual(['release', 'sometimes'])
    expect(existence({ rules: [{ if: '$DEPLOY == "yes"' }] })[0]).toEqual(['release', 'sometimes'])
    expect(existence({ rules: [{ if: '$EDITION == "ee"' }] })[0]).toEqual(['release', 'always'])
    expect(existence({ rules: [{ if: '$CI_COMMIT_TAG =~ /rc/', when: 'never' }, {}] })[0]).toEqual(['release', 'sometimes'])
  })

  test('by the rules that lists in lists hold', () => {
    expect(graphsOf({ rules: [[{ if: '$STAGEGATE_KIND == "release"', when: 'manual' }]] })[0]?.jobs.get('job')).toMatchObject({
      ways: [{ start: 'manual' }],
    })
  })
})

test('a pipeline without kinds is one of any kind, and one with rules is named by them', () => {
  expect(existence({}, [])).toEqual([['any', 'always']])
  const unnamed = kindGraphs({ stages: [], workflow: { rules: [{ if: '$A' }, { when: 'always' }] }, variables: {}, jobs: {} })
  expect(unnamed.map(({ kind }) => kind)).toEqual(['$A', 'any'])
})

test('a kind that the ones before it leave nothing over does not exist', () => {
  const rules = [{ if: '$CI_COMMIT_TAG =~ /^v/' }, { if: '$CI_COMMIT_TAG =~ /^v/ && $CI_COMMIT_REF_PROTECTED == "true"' }]
  expect(graphsOf({}, rules).map(({ exists }) => exists)).toEqual(['sometimes', 'never'])
})

test.each<[string, JsonObject, boolean]>([
  ['manual at the job', { when: 'manual' }, true],
  ['manual at the job, with rules that say nothing', { when: 'manual', rules: [{ if: '$CI_COMMIT_TAG' }] }, true],
  ['manual in a rule', { rules: [{ when: 'manual' }] }, false],
  ['manual at the job, and the rule says false', { when: 'manual', rules: [{ allow_failure: false }] }, false],
  ['exit codes', { allow_failure: { exit_codes: [1] } }, true],
])('%s: GitLab’s default for allow_failure', (_, job, allowFailure) => {
  expect(graphsOf(job)[0]?.jobs.get('job')?.ways).toMatchObject([{ allowFailure }])
})

test('each kind of a release has its own needs', () => {
  const { document } = smallRelease().app.synth()
  const [release, refused] = kindGraphs(document)
  expect(release?.jobs.get('seal')).toMatchObject({ exists: 'always', ways: [{ start: 'automatic', if: '$STAGEGATE_KIND == "release"' }] })
  expect([...(refused?.jobs.keys() ?? [])]).toEqual(['refused'])
})

test('five thousand jobs in six kinds take no time to speak of', () => {
  const rules = Array.from({ length: 6 }, (_, index) => ({
    if: `$CI_COMMIT_TAG =~ /^v${index}/ && $CI_COMMIT_REF_PROTECTED == "true"`,
    variables: { STAGEGATE_KIND: `k${index}` },
  }))
  const jobs = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, index): [string, JsonObject] => [
      `job ${index}`,
      {
        stage: 'build',
        script: ['x'],
        needs: index === 0 ? [] : [`job ${index - 1}`],
        rules: [{ if: `$STAGEGATE_KIND == "k${index % 6}"` }],
      },
    ]),
  )
  const started = performance.now()
  const graphs = kindGraphs({ stages: ['build'], workflow: { rules }, variables: {}, jobs })
  expect(graphs.map((graph) => graph.jobs.size)).toEqual([834, 834, 833, 833, 833, 833])
  expect(performance.now() - started).toBeLessThan(10_000)
})
