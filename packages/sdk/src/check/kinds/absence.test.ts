import { describe, expect, test } from 'vitest'
import { audit } from '../../audit/audit.js'
import { App, Condition, Job, type JobProps, PipelineKind, type RuleProps, sentenceOf } from '../../index.js'
import { branchApp } from '../../testing/small-release.js'

const script = ['x']
type Rules = readonly RuleProps[]

const skip = Condition.variable('SKIP').isSet()
const go = { changes: ['**/*.go'] }

function told(producer: Rules, consumer: Rules, props: Partial<JobProps> = {}): readonly string[] {
  const { app } = branchApp()
  const a = new Job(app, 'a', { script, rules: producer })
  new Job(app, 'b', { script, needs: [a], rules: consumer, ...props })
  return app.synth().issues.map((issue) => `${issue.severity}: ${sentenceOf(issue)}`)
}

describe('a need of a job that its rules can take out, while the other stays', () => {
  const missing = (where: string) => [`warning: in the kind main the job b needs a, which is missing where ${where}`]
  test.each<[string, Rules, Rules, string]>([
    ['never with a variable', [{ if: skip, when: 'never' }, {}], [], `$SKIP != null && $SKIP != "" excludes it`],
    ['only with a variable', [{ if: '$RUN == "1"' }], [], `none of its rules matches: $RUN == "1"`],
    ['changes', [go], [], `none of its rules matches: changes matches **/*.go`],
    ['exists', [{ exists: ['go.mod'] }], [], `none of its rules matches: exists matches go.mod`],
    ['fewer files', [go], [{ changes: ['**/*.go', 'go.mod'] }], `none of its rules matches: changes matches **/*.go`],
    [
      'files against another branch',
      [{ changes: { paths: ['**/*.go'], compareTo: 'main' } }],
      [go],
      `none of its rules matches: changes matches **/*.go`,
    ],
    ['never where files change', [{ changes: ['docs/*'], when: 'never' }, {}], [], `changes matches docs/* excludes it`],
    ['another value', [{ if: '$A == "x"' }], [{ if: '$A == "y"' }, { if: '$A == "x"' }], ''],
    ['a second way', [{ if: '$A == "x"' }], [{ if: '$A == "x"' }, { if: '$B' }], ''],
  ])('%s', (_, producer, consumer, where) => {
    // A combination in which it is certainly missing is an error.
    if (where === '') expect(told(producer, consumer)).toEqual(['error: in the kind main the job b needs a, which does not exist there'])
    else expect(told(producer, consumer)).toEqual(missing(where))
  })

  test.each<[string, Rules, Rules]>([
    ['the same variable', [{ if: skip, when: 'never' }, {}], [{ if: skip, when: 'never' }, {}]],
    ['a condition that says more', [{ if: '$A == "x"' }], [{ if: '$A == "x" && $B == "y"' }]],
    ['the same files', [go], [go]],
    ['files among those of the other', [{ changes: ['**/*.go', 'go.mod'] }], [go]],
    ['never for the same files', [{ changes: ['docs/*'], when: 'never' }, {}], [{ changes: ['docs/*'], when: 'never' }, {}]],
    ['rules that cover everything', [{ if: '$A', manual: 'optional' }, {}], []],
    ['files, or else a variable', [go, { if: '$ALL' }], [go, { if: '$ALL' }]],
  ])('not: %s', (_, producer, consumer) => {
    expect(told(producer, consumer)).toEqual([])
  })

  test('an optional need is the author’s word for it', () => {
    const { app } = branchApp()
    const a = new Job(app, 'a', { script, rules: [go] })
    new Job(app, 'b', { script, needs: [{ job: a, optional: true }] })
    expect(app.synth().issues).toEqual([])
  })

  test('is one issue for a job in several kinds', () => {
    const app = new App()
    for (const name of ['main', 'next']) new PipelineKind(app, name, { when: Condition.branch(name) })
    const a = new Job(app, 'a', { script, rules: [go] })
    new Job(app, 'b', { script, needs: [a] })
    expect(app.synth().issues).toMatchObject([{ code: 'kinds/producer-absent', kind: 'main' }])
  })

  test('is found by audit, too', () => {
    const text = 'a: {script: x, rules: [{if: $SKIP, when: never}, {when: on_success}]}\nb: {script: x, needs: [a]}\n'
    expect(audit(text).findings.filter(({ code }) => !code.startsWith('gitlab/'))).toMatchObject([
      { code: 'kinds/producer-absent', message: expect.stringContaining('$SKIP excludes it') },
    ])
  })
})

describe('a pipeline that GitLab refuses', () => {
  const { app } = branchApp()
  const a = new Job(app, 'a', { script, rules: [{ if: skip, when: 'never' }, { changes: ['**/*.go'] }] })
  new Job(app, 'b', { script, needs: [a] })
  const synthesis = app.synth()

  test('has no jobs, and GitLab’s sentence for it', () => {
    const { kind, jobs, refused, because, manual } = synthesis.pipeline({ branch: 'main', changes: ['docs/a.md'] })
    expect({ kind, jobs, manual }).toEqual({ kind: undefined, jobs: [], manual: [] })
    expect(refused).toMatch(
      /^'b' job needs 'a' job, but 'a' does not exist in the pipeline\. This might be because of the only, except, or/,
    )
    expect(because).toBe(`GitLab refuses it: ${refused}`)
  })

  test('still says why the job is missing', () => {
    expect(synthesis.pipeline({ branch: 'main', variables: { SKIP: '1' } }).absent()).toMatchObject([
      { name: 'a', because: expect.stringMatching(/^its rule has when: never: .*\$SKIP != ""$/) },
    ])
  })

  test('is another one with other files', () => {
    const pipeline = synthesis.pipeline({ branch: 'main', changes: ['docs/a.md', 'cmd/main.go'] })
    expect([pipeline.refused, pipeline.names()]).toEqual([undefined, ['a', 'b']])
  })

  test('has nothing in it: all jobs are taken out', () => {
    const lonely = branchApp()
    new Job(lonely.app, 'a', { script, rules: [go] })
    expect(lonely.app.synth().pipeline({ branch: 'main', changes: [] }).refused).toMatch(/^The resulting pipeline would have been empty/)
  })
})

describe('files in rules', () => {
  const { app } = branchApp()
  const docs = { changes: ['docs/**/*'] }
  new Job(app, 'docs', { script, rules: [docs] })
  new Job(app, 'docker', { script, rules: [{ exists: ['**/Dockerfile'] }] })
  new Job(app, 'folder', { script, variables: { DIR: 'src' }, rules: [{ changes: ['$DIR/*', '${DIR}/x/*'] }] })
  new Job(app, 'all', { script })
  const namesFor = (event: object) =>
    app
      .synth()
      .pipeline({ branch: 'main', ...event })
      .names()

  test.each<[object, string[]]>([
    [{}, ['docs', 'docker', 'folder', 'all']],
    [{ changes: [], files: [] }, ['all']],
    [{ changes: ['docs/x/y.md'], files: [] }, ['docs', 'all']],
    [{ changes: ['src/a', 'docs'], files: ['a/Dockerfile'] }, ['docker', 'folder', 'all']],
    [{ changes: ['src/x/y'], files: ['Dockerfile'] }, ['docker', 'folder', 'all']],
    // Nothing was pushed: GitLab takes changes for true.
    [{ changes: [], files: [], source: 'schedule' }, ['docs', 'folder', 'all']],
    [{ changes: [], files: [], source: 'web' }, ['docs', 'folder', 'all']],
  ])('%j', (event, names) => {
    expect(namesFor(event)).toEqual(names)
  })
})
