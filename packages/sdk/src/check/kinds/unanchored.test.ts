import { expect, test } from 'vitest'
import { App, Condition, Job, PipelineKind, type PipelineKindProps, sentenceOf } from '../../index.js'
import { pinned } from '../../testing/small-release.js'

function issuesFor(when: Condition, more: Partial<PipelineKindProps> = {}) {
  const app = new App(pinned)
  new PipelineKind(app, 'release', { when, ...more })
  new Job(app, 'lint', { script: ['make lint'] })
  return app.synth().issues
}

test('a version that is taken out of the middle of a tag is warned of', () => {
  const [issue, ...others] = issuesFor(Condition.tag(/v(?<version>\d+)/))
  expect(others).toEqual([])
  expect(issue).toMatchObject({ code: 'kinds/unanchored', severity: 'warning', path: 'release', source: { line: 7 } })
  expect(issue === undefined ? '' : sentenceOf(issue)).toBe(
    'the kind release also matches tags with any text before and after the version: $CI_COMMIT_TAG =~ /v\\d+/',
  )
  expect(issue?.help).toBe(
    'Begin the expression with ^, otherwise a tag such as dev-v1.2 is a release too. End it with $, otherwise v1.2-broken releases 1.2.',
  )
})

test('not where the version comes from a variable, or the tag has none', () => {
  expect(issuesFor(Condition.tag(/v(?<version>\d+)/), { version: { variable: 'VERSION' } })).toEqual([])
  expect(issuesFor(Condition.tag(/v\d+/))).toEqual([])
  expect(issuesFor(Condition.tag(/^v(?<version>\d+)$/))).toEqual([])
})
