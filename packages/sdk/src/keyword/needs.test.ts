import { describe, expect, test } from 'vitest'
import { App, Condition, Job, type Need, PipelineKind, type RuleNeed } from '../index.js'
import { told } from './testing/one-job.js'

// Jobs by name live in it.
const include = [{ local: 'ci/more.yml' }]

function needsOf(make: (build: Job) => readonly Need[]) {
  const app = new App({ include })
  new PipelineKind(app, 'main', { when: Condition.branch('main') })
  const build = new Job(app, 'build', { script: ['make'], parallel: { matrix: [{ OS: ['a', 'b'] }] } })
  new Job(app, 'job', { script: ['make'], needs: make(build) })
  const { document, issues } = app.synth()
  expect(issues).toEqual([])
  return document.jobs['job']?.['needs']
}

describe('a need', () => {
  test('is a job of the app, by reference: its name alone where nothing else is said', () => {
    expect(needsOf((build) => [build])).toEqual(['build'])
    expect(needsOf((job) => [{ job }])).toEqual(['build'])
    expect(needsOf((job) => [{ job, artifacts: false, optional: true, parallel: { matrix: [{ OS: 'a' }] } }])).toEqual([
      { job: 'build', artifacts: false, optional: true, parallel: { matrix: [{ OS: 'a' }] } },
    ])
  })

  test('is a job of an included file, by its name', () => {
    expect(needsOf(() => [{ name: 'lint' }, { name: 'scan', artifacts: false, optional: true }])).toEqual([
      'lint',
      { job: 'scan', artifacts: false, optional: true },
    ])
  })

  test('cannot name a job that does not exist, unless another file includes this one', () => {
    const make = (output?: string) => {
      const app = new App({ output })
      new PipelineKind(app, 'main', { when: Condition.branch('main') })
      new Job(app, 'job', { script: ['make'], needs: [{ name: 'lint' }] })
      return app.synth().issues.map(({ code }) => code)
    }
    expect(make()).toEqual(['structure/needs-undefined'])
    expect(make('ci/part.yml')).toEqual([])
  })

  test('is a job of another pipeline or project, which nobody here could refer to', () => {
    expect(
      needsOf(() => [
        { pipeline: '$PARENT', job: 'x' },
        { project: 'a/b', job: 'y', ref: 'main', artifacts: true },
      ]),
    ).toEqual([
      { pipeline: '$PARENT', job: 'x' },
      { project: 'a/b', job: 'y', ref: 'main', artifacts: true },
    ])
  })

  test('of a rule can be one of an included file too, and is known to the checks', () => {
    const app = new App({ include })
    new PipelineKind(app, 'main', { when: Condition.branch('main') })
    const needs: readonly RuleNeed[] = [{ name: 'lint', artifacts: false }]
    new Job(app, 'job', { script: ['make'], rules: [{ needs }] })
    const { document, issues } = app.synth()
    expect(issues).toEqual([])
    expect(document.jobs['job']?.['rules']).toMatchObject([{ needs: [{ job: 'lint', artifacts: false }] }])
  })

  test.each([
    [{ needs: [{ name: 'x', artifact: false }] }, 'the job job has needs[0].artifact, which is not a keyword'],
    [{ needs: [{ job: 'x' }] }, 'needs[0].job of the job job is "x", but should be a Job or { name }'],
    [{ needs: [{ project: 'a/b', job: 'x' }] }, 'needs[0].ref of the job job is undefined, but should be a string'],
    [{ needs: [{}] }, 'needs[0] of the job job is an object, but should be a Job, { job } or { name }'],
    [{ dependencies: ['x'] }, 'dependencies[0] of the job job is "x", but should be a Job or { name }'],
  ])('that is none is an issue: %j', (props, sentence) => {
    expect(told(props)).toEqual([sentence])
  })
})
