import { describe, expect, test } from 'vitest'
import { App, Condition, Duration, Job, type JobProps, PipelineKind, Secret, sentenceOf } from '../index.js'
import { branchApp, here, issuesOf } from '../testing/small-release.js'

const script = ['make']
/** The one job of an app, as it is rendered. */
function rendered(props: JobProps) {
  const { app } = branchApp({ gitlab: '>=18.0' })
  new Job(app, 'job', props)
  const { document, issues } = app.synth()
  expect(issues).toEqual([])
  return document.jobs['job']
}
/** What an untyped program is told. */
function told(props: object): readonly string[] {
  const { app } = branchApp()
  new Job(app, 'job', { script, ...props })
  const line = here(-1)
  return app.synth().issues.map((issue) => {
    expect([issue.path, issue.source?.line]).toEqual(['job', line])
    return [sentenceOf(issue), issue.help].join(' — ')
  })
}

describe('keywords', () => {
  test('have GitLab’s names, in the order that a person would write; keys of the author are not touched', () => {
    const job = rendered({
      artifacts: {
        expireIn: Duration.days(3),
        reports: { codequality: 'x.json', dotenv: 'a.env' },
        paths: ['dist/'],
        name: 'n',
        exclude: ['x'],
        when: 'always',
        access: 'none',
      },
      script,
      afterScript: ['after'],
      beforeScript: ['before'],
      retry: { max: 1, exitCodes: [4], when: ['api_failure'] },
      environment: { name: 'prod', deploymentTier: 'production', url: 'https://x.example', action: 'verify' },
      resourceGroup: 'one',
      timeout: Duration.hours(1),
      variables: { camelCase: 'x', 'with-dash': 'y', EMPTY: '' },
      tags: ['docker'],
      image: 'alpine',
      stage: 'verify',
      interruptible: true,
      allowFailure: true,
      inherit: { default: ['image'], variables: false },
    })
    expect(job).toEqual({
      stage: 'verify',
      needs: [],
      inherit: { default: ['image'], variables: ['STAGEGATE_KIND'] },
      image: 'alpine',
      tags: ['docker'],
      variables: { camelCase: 'x', 'with-dash': 'y', EMPTY: '' },
      timeout: '1 hour',
      interruptible: true,
      allow_failure: true,
      environment: { name: 'prod', url: 'https://x.example', action: 'verify', deployment_tier: 'production' },
      resource_group: 'one',
      before_script: ['before'],
      script,
      after_script: ['after'],
      retry: { max: 1, when: ['api_failure'], exit_codes: [4] },
      artifacts: {
        name: 'n',
        when: 'always',
        paths: ['dist/'],
        exclude: ['x'],
        reports: { codequality: 'x.json', dotenv: 'a.env' },
        expire_in: '3 days',
        access: 'none',
      },
      rules: [{ if: '$STAGEGATE_KIND == "main"' }],
    })
    expect(Object.keys(job ?? {})).toEqual(
      'stage needs inherit image tags variables timeout interruptible allow_failure environment resource_group before_script script after_script retry artifacts rules'.split(
        ' ',
      ),
    )
  })

  test('of a trigger have GitLab’s names too', () => {
    expect(
      rendered({ trigger: { project: 'a/b', strategy: 'depend', forward: { yamlVariables: false }, inputs: { someKey: 'x' } } })?.[
        'trigger'
      ],
    ).toEqual({ project: 'a/b', strategy: 'depend', forward: { yaml_variables: false }, inputs: { someKey: 'x' } })
  })

  test('that are undefined are left out, and do not take a default away', () => {
    expect(rendered({ script, stage: undefined, image: undefined, needs: undefined, manual: undefined })).toEqual({
      stage: 'build',
      needs: [],
      script,
      rules: [{ if: '$STAGEGATE_KIND == "main"' }],
    })
  })

  test.each<[object, string]>([
    [{ beforescript: [] }, 'the job job has beforescript, which is not a keyword — Did you mean beforeScript?'],
    [{ before_script: [] }, 'the job job has before_script, which is not a keyword — Did you mean beforeScript?'],
    [{ need: [] }, 'the job job has need, which is not a keyword — Did you mean needs?'],
    [
      { artifacts: { expire_in: 'never' } },
      'the job job has artifacts.expire_in, which is not a keyword — Did you mean artifacts.expireIn?',
    ],
    [{ retry: { max: 1, exitCode: [1] } }, 'the job job has retry.exitCode, which is not a keyword — Did you mean retry.exitCodes?'],
    [{ inherit: { variable: true } }, 'the job job has inherit.variable, which is not a keyword — Did you mean inherit.variables?'],
    [
      { zebra: 1 },
      'the job job has zebra, which is not a keyword — Remove it. If GitLab has this keyword and Stagegate does not know it, use job.addOverride(path, value, because).',
    ],
  ])('that do not exist are an issue: %j', (props, sentence) => {
    expect(told(props)).toEqual([sentence])
  })

  test.each<[object, string]>([
    [{ image: 7 }, 'image of the job job is 7, but should be a string — Give it a string.'],
    [{ script: ['a', { b: 'c' }] }, 'script[1] of the job job is an object, but should be a string — Give it a string.'],
    [{ tags: 'docker' }, 'tags of the job job is "docker", but should be a list — Give it a list.'],
    [{ variables: { A: 1 } }, 'variables.A of the job job is 1, but should be a string — Give it a string.'],
    [{ variables: ['A'] }, 'variables of the job job is a list of 1, but should be an object — Give it an object.'],
    [
      { timeout: '1h' },
      'timeout of the job job is "1h", but should be a Duration, such as Duration.hours(2) — Give it a Duration, such as Duration.hours(2).',
    ],
    [
      { artifacts: { expireIn: '1 day' } },
      'artifacts.expireIn of the job job is "1 day", but should be a Duration, or never — Give it a Duration, or never.',
    ],
    [{ retry: 3 }, 'retry of the job job is 3, but should be an integer from 0 to 2 — Give it an integer from 0 to 2.'],
    [{ interruptible: 'yes' }, 'interruptible of the job job is "yes", but should be true or false — Give it true or false.'],
    [{ image: null }, 'image of the job job is null, but should be a string — Give it a string.'],
    [{ environment: { name: 'x', action: 'go' } }, expectedAction()],
    [
      { needs: ['build'] },
      'needs[0] of the job job is "build", but should be a Job, { job } or { name } — Give it a Job, { job } or { name }.',
    ],
    [
      { needs: [undefined] },
      'needs[0] of the job job is undefined, but should be a Job, { job } or { name } — Give it a Job, { job } or { name }.',
    ],
    [{ manual: 'yes' }, 'manual of the job job is "yes", but should be one of blocking, optional — Give it one of blocking, optional.'],
    [
      { secrets: ['TOKEN'] },
      'secrets[0] of the job job is a text, but should be a Secret, such as Secret.variable(…) — Give it a Secret, such as Secret.variable(…).',
    ],
  ])('with a value of another type are an issue: %j', (props, sentence) => {
    expect(told(props)).toEqual([sentence])
  })

  test('on takes kinds alone', () => {
    const { app } = branchApp()
    new Job(app, 'job', { script, on: ['main' as never] })
    expect(app.synth().issues).toMatchObject([
      { code: 'structure/value', path: 'job', keyword: 'on[0]', expected: 'a PipelineKind', source: { line: here(-2) } },
      { code: 'kinds/unreachable' },
      { code: 'structure/empty' },
    ])
  })
})

function expectedAction(): string {
  const choices = 'one of start, prepare, stop, verify, access'
  return `environment.action of the job job is "go", but should be ${choices} — Give it ${choices}.`
}

describe('kinds', () => {
  function threeKinds() {
    const app = new App()
    const [a, b, c] = ['a', 'b', 'c'].map((name) => new PipelineKind(app, name, { when: Condition.branch(name) }))
    if (a === undefined || b === undefined || c === undefined) throw new Error('three kinds were made')
    return { app, a, b, c }
  }

  test('in which a job is the same share a rule, and its needs are at the job', () => {
    const { app, a, b, c } = threeKinds()
    const first = new Job(app, 'first', { script })
    new Job(app, 'second', { on: [a, c], needs: [first], script })
    new Job(app, 'third', { on: b, script })
    const { jobs } = app.synth().document
    expect(jobs['first']?.['rules']).toEqual([{ if: '$STAGEGATE_KIND == "a" || $STAGEGATE_KIND == "b" || $STAGEGATE_KIND == "c"' }])
    expect(jobs['second']).toMatchObject({ needs: ['first'], rules: [{ if: '$STAGEGATE_KIND == "a" || $STAGEGATE_KIND == "c"' }] })
    expect(jobs['third']?.['rules']).toEqual([{ if: '$STAGEGATE_KIND == "b"' }])
  })

  test('a job needs one that is absent in a kind: both are named', () => {
    const { app, a, b } = threeKinds()
    const first = new Job(app, 'first', { on: a, script })
    new Job(app, 'second', { on: [a, b], needs: [first], script })
    expect(app.synth().issues).toMatchObject([
      { code: 'kinds/producer-absent', path: 'second', job: 'second', needs: 'first', kind: 'b', source: { line: here(-2) } },
    ])
  })

  test('unless the need is optional, which then is no need there', () => {
    const { app, a } = threeKinds()
    const first = new Job(app, 'first', { on: a, script })
    new Job(app, 'second', { needs: [{ job: first, optional: true, artifacts: false }], script })
    const synthesis = app.synth()
    expect(synthesis.issues).toEqual([])
    expect(synthesis.document.jobs['second']?.['needs']).toEqual([{ job: 'first', artifacts: false, optional: true }])
    expect(synthesis.pipeline({ branch: 'a' }).waitsFor('second')).toEqual(['first'])
    expect(synthesis.pipeline({ branch: 'b' }).waitsFor('second')).toEqual([])
  })

  test('a job in no kind is an issue', () => {
    const { app } = threeKinds()
    new Job(app, 'first', { on: [], script })
    expect(issuesOf(app)).toEqual([
      ['kinds/unreachable', 'first', here(-2)],
      ['structure/empty', '', expect.any(Number)],
    ])
  })

  test('variables of a kind are the workflow’s, and cannot name another kind', () => {
    const app = new App()
    new PipelineKind(app, 'main', { when: Condition.branch('main'), variables: { EDITION: 'ee', STAGEGATE_KIND: 'x', 'a b': 'y' } })
    new PipelineKind(app, 'other', { when: Condition.tag(), version: { variable: 'A-B' }, variables: { N: 1 as never } })
    new Job(app, 'job', { script })
    expect(app.synth().issues).toMatchObject([
      { code: 'kinds/variable', path: 'main', variable: 'a b', source: { line: here(-4) } },
      { code: 'kinds/variable', path: 'main', variable: 'STAGEGATE_KIND' },
      { code: 'kinds/variable', path: 'other', variable: 'A-B' },
      { code: 'kinds/variable', path: 'other', variable: 'N' },
    ])
  })

  test('with names or conditions that GitLab would not take are issues', () => {
    const app = new App()
    new PipelineKind(app, 'refused', { when: Condition.tag(/^(?=v)/) })
    new PipelineKind(app, 'a b', { when: Condition.branch('x') })
    new PipelineKind(app, 'constructor', { when: Condition.variable('$X').isSet() })
    new Job(app, 'job', { script })
    expect(issuesOf(app).slice(0, 5)).toEqual([
      ['kinds/condition', 'refused', here(-5)],
      ['kinds/name', 'refused', here(-6)],
      ['kinds/name', 'a b', here(-6)],
      ['kinds/condition', 'constructor', here(-6)],
      ['kinds/name', 'constructor', here(-7)],
    ])
  })

  test('without a Condition are refused at once', () => {
    expect(() => new PipelineKind(new App(), 'x', { when: '$CI_COMMIT_TAG' as never })).toThrow(
      'Expected a Condition in when, got "$CI_COMMIT_TAG"',
    )
  })
})

describe('manual', () => {
  test.each([
    ['blocking', false],
    ['optional', true],
  ] as const)('%s says what GitLab would leave unsaid', (manual, allowFailure) => {
    expect(rendered({ manual, script })?.['rules']).toEqual([
      { if: '$STAGEGATE_KIND == "main"', when: 'manual', allow_failure: allowFailure },
    ])
  })

  test('is what a pipeline waits for', () => {
    const { app } = branchApp()
    new Job(app, 'click', { manual: 'blocking', script, secrets: [Secret.variable('TOKEN')] })
    expect(app.synth().pipeline({ branch: 'main' })).toMatchObject({ kind: 'main', manual: ['click'], jobs: [{ secrets: ['TOKEN'] }] })
  })
})

test('when: manual is refused with the property to use instead', () => {
  const { app, main } = branchApp()
  // What somebody writes who knows the YAML, in a program without types.
  new Job(app, 'job', { on: main, script: ['make'], when: 'manual' as never, rules: [{ if: '$A', when: 'manual' as never }] })
  const issues = app.synth().issues.filter(({ code }) => code === 'structure/value')
  expect(issues.map(sentenceOf)).toEqual([
    expect.stringMatching(/^when of the job job is "manual"/),
    expect.stringMatching(/^rules.*when of the job job is "manual"/),
  ])
  for (const { help } of issues) expect(help).toContain("manual: 'blocking' or 'optional'")
})
