import { describe, expect, test } from 'vitest'
import { App, Condition, Job, PipelineKind, sentenceOf } from '../index.js'
import { branchApp, here, issuesOf } from '../testing/small-release.js'

const script = ['make']
const because = 'a test'

test('all problems are reported together, each with its code, path and line, and no file is written', () => {
  const { app } = branchApp()
  const late = new Job(app, 'late', { stage: 'verify', script })
  new Job(app, 'early', { needs: [late], script })
  new Job(app, 'nowhere', { stage: 'moon', script })
  new Job(app, 'idle', {})
  new Job(app, 'typo', { script, imgae: 'x' } as never)
  new Job(app, 'both', { script, trigger: { project: 'a/b' } })
  new Job(app, 'lint', { script, environment: 'bad!' })
  new Job(app, 'lint', { script })
  new Job(app, 'twice', { needs: [late, { job: late, artifacts: false }], stage: 'verify', script })
  const synthesis = app.synth()
  const first = here(-10)
  const seen = synthesis.issues.map(({ code, path, source }) => `${(source?.line ?? 0) - first} ${path} ${code}`)
  expect(seen.toSorted()).toEqual([
    '1 early structure/needs-later-stage',
    '2 nowhere structure/unknown-stage',
    '3 idle structure/no-script',
    '4 typo structure/unknown-keyword',
    '5 both structure/script-and-trigger',
    '6 lint structure/environment-name',
    '7 lint structure/duplicate-name',
    '8 twice structure/needs-duplicate',
  ])
  expect(synthesis.ok).toBe(false)
  expect(synthesis.files).toEqual([])
})

describe('needs', () => {
  test('in a circle are an issue at one of the jobs, with the way round', () => {
    const { app } = branchApp()
    const a = new Job(app, 'a', { script })
    const b = new Job(app, 'b', { needs: [a], script })
    a.addOverride('needs', ['b'], because)
    expect(app.synth().issues).toMatchObject([{ code: 'structure/cycle', path: 'a', source: { line: here(-3) }, through: ['a', 'b', 'a'] }])
    expect(app.synth().issues.map(sentenceOf)).toEqual(['jobs need one another in a circle: a needs b needs a'])
    expect(b.label).toBe('b')
  })

  test('of the job itself are a circle too', () => {
    const { app } = branchApp()
    new Job(app, 'a', { script }).addOverride('needs', ['a'], because)
    expect(app.synth().issues).toMatchObject([{ code: 'structure/cycle', through: ['a', 'a'] }])
  })

  test('of a rule make a circle too, which the linter does not look for', () => {
    const { app } = branchApp()
    const a = new Job(app, 'a', { script })
    new Job(app, 'b', { needs: [a], script })
    a.addOverride('rules', [{ if: '$A', needs: ['b'] }, {}], because)
    expect(app.synth().issues).toMatchObject([{ code: 'structure/cycle', through: ['a', 'b', 'a'] }])
  })

  test('of a job that is not there are an issue', () => {
    const { app } = branchApp()
    const elsewhere = branchApp()
    const foreign = new Job(elsewhere.app, 'foreign', { script })
    new Job(app, 'a', { needs: [foreign], script })
    new Job(app, 'b', { script }).addOverride('needs', ['typo', { job: 'gone', optional: true }], because)
    expect(issuesOf(app)).toEqual([
      ['structure/needs-undefined', 'a', here(-3)],
      ['structure/needs-undefined', 'b', here(-3)],
    ])
  })

  test('of a job in an included file are taken at their word', () => {
    const { app } = branchApp()
    new Job(app, 'a', { needs: [{ name: 'from-include' }], script })
    app.patch('includes the other team’s jobs', (document) => {
      Object.assign(document, { include: 'other.yml' })
    })
    const synthesis = app.synth()
    expect(synthesis.issues).toEqual([])
    expect(synthesis.files[0]?.text).toContain('include: other.yml')
    expect(synthesis.document.jobs['a']?.['needs']).toEqual(['from-include'])
  })

  test('beyond what GitLab allows are an issue', () => {
    const { app } = branchApp()
    const many = Array.from({ length: 51 }, (_, index) => new Job(app, `job ${index}`, { script }))
    new Job(app, 'all', { needs: many, script })
    new Job(app, 'most', { needs: many.slice(1), script })
    expect(app.synth().issues).toMatchObject([
      { code: 'structure/needs-limit', path: 'all', count: 51, limit: 50, source: { line: here(-3) } },
    ])
  })
})

describe('names', () => {
  test.each(['image', 'variables', 'workflow', 'default', 'stages', 'include', '.hidden'])('%s is not one of a job', (name) => {
    const { app } = branchApp()
    new Job(app, name, { script })
    expect(issuesOf(app)).toEqual([['structure/reserved-name', name, here(-1)]])
  })

  test('refused belongs to refs that are not protected, where something is published', async () => {
    const { smallRelease } = await import('../testing/small-release.js')
    const { app } = smallRelease()
    new Job(app, 'refused', { script })
    expect(issuesOf(app)).toEqual([['structure/reserved-name', 'refused', here(-1)]])
    expect(app.synth().document.jobs['refused']?.['script']).toContain('exit 3')
  })

  test('longer than GitLab’s table are an issue', () => {
    const { app } = branchApp()
    new Job(app, 'x'.repeat(256), { script })
    new Job(app, 'y'.repeat(255), { script })
    app.patch('characters are counted, as Ruby does', ({ jobs }) => {
      jobs['🚀'.repeat(255)] = { stage: 'build', script: ['true'] }
    })
    expect(issuesOf(app)).toEqual([
      ['structure/label', 'x'.repeat(256), here(-6)],
      ['structure/name-length', 'x'.repeat(256), here(-7)],
    ])
  })
})

describe('stages', () => {
  test('GitLab’s own around all others need no naming', () => {
    const { app } = branchApp()
    const last = new Job(app, 'last', { stage: '.post', script })
    const first = new Job(app, 'first', { stage: '.pre', script })
    new Job(app, 'middle', { needs: [first], script })
    expect(issuesOf(app)).toEqual([])
    expect(app.synth().document.stages).toEqual(['build'])
    expect(Object.keys(app.synth().document.jobs)).toEqual(['first', 'middle', 'last'])
    first.addOverride('needs', [last.name], because)
    expect(app.synth().issues).toMatchObject([{ code: 'structure/needs-later-stage', later: '.post', stage: '.pre' }])
  })

  test('of one’s own are rendered in their order, those without jobs left out', () => {
    const app = new App({ stages: ['test', 'build', 'unused', 'ship'] })
    new PipelineKind(app, 'main', { when: Condition.branch('main') })
    new Job(app, 'c', { stage: 'ship', script })
    new Job(app, 'a', { stage: 'test', script })
    expect(app.synth().document.stages).toEqual(['test', 'ship'])
  })

  test('are all there for the jobs of patches and of included files', () => {
    const { app } = branchApp({ stages: ['build', 'lint', 'unused'], include: [{ local: 'more.yml' }] })
    new Job(app, 'a', { stage: 'build', script })
    const readLocal = () => 'lint: {stage: lint, script: [lint]}'
    expect(app.synth({ readLocal }).issues).toEqual([])
    const { app: patched } = branchApp()
    patched.patch('a job of another tool', ({ jobs }) => Object.assign(jobs, { ship: { stage: 'publish', script } }))
    const { issues, document } = patched.synth()
    expect([issues, document.stages]).toEqual([[], ['publish']])
  })
})

describe('expressions', () => {
  test('that GitLab cannot read are an issue, in a job and in the workflow', () => {
    const { app } = branchApp()
    new Job(app, 'a', { script }).addOverride('rules', [{ if: '$A = 1' }], because)
    app.patch('breaks the workflow', ({ workflow }) => {
      workflow['rules'] = [{ if: '$B ==' }]
    })
    expect(app.synth().issues).toMatchObject([
      { code: 'kinds/expression', path: '', expression: '$B ==' },
      { code: 'structure/expression', path: 'a', expression: '$A = 1', source: { line: here(-6) } },
    ])
  })

  test('in which an input decides are none', () => {
    const { app, main } = branchApp({ inputs: { mode: { default: 'fast' }, rule: { default: '$A' } } })
    const rules = ['"$[[ inputs.mode ]]" == "slow"', '$A == "$[[ inputs.mode ]]"', '$[[ inputs.rule ]]'].map((one) => ({
      on: main,
      if: one,
    }))
    new Job(app, 'a', { script, rules })
    expect(issuesOf(app)).toEqual([])
    new Job(app, 'b', { script, rules: [{ on: main, if: '"$[[ inputs.mode ]]" = "slow"' }] })
    expect(issuesOf(app)).toEqual([['structure/expression', 'b', here(-1)]])
  })

  test('that are too long for GitLab are an issue', () => {
    const app = new App()
    for (let index = 0; index < 26; index++) new PipelineKind(app, `k${index}`, { when: Condition.branch(`b${index}`) })
    new Job(app, 'a', { script })
    expect(issuesOf(app)).toEqual([['structure/expression', 'a', here(-1)]])
  })
})

test('an app without jobs is an issue at the app', () => {
  const { app } = branchApp()
  expect(app.synth().issues).toMatchObject([{ code: 'structure/empty', path: '', kinds: ['main'] }])
})

test('a pipeline larger than GitLab takes is a warning: an administrator can allow it', () => {
  const { app } = branchApp()
  new Job(app, 'large', { script: ['x'.repeat(1_000_000)] })
  expect(app.synth().issues).toEqual([])
  new Job(app, 'larger', { script: ['y'.repeat(1_100_000)] })
  expect(app.synth().issues).toMatchObject([{ code: 'structure/too-big', severity: 'warning', limit: 2 * 1024 * 1024 }])
  expect(app.synth().files).toHaveLength(1)
})

test('a trigger that names nothing is no work', () => {
  const { app } = branchApp()
  new Job(app, 'a', { trigger: { strategy: 'depend' } })
  expect(issuesOf(app)).toEqual([['structure/no-script', 'a', here(-1)]])
})

describe('authors see what is wrong with their own jobs', () => {
  const wrong = (app: App) => {
    new Job(app, 'nowhere', { stage: 'moon', script })
    new Job(app, 'idle', {})
    new Job(app, 'silent', { script: [''] })
    new Job(app, 'lint', { script, environment: 'bad!' })
    new Job(app, 'late', { stage: 'verify', script })
    new Job(app, 'early', { script }).addOverride('needs', ['gone', 'late'], because)
  }
  const all = [
    'early structure/needs-later-stage',
    'early structure/needs-undefined',
    'idle structure/no-script',
    'lint structure/environment-name',
    'nowhere structure/unknown-stage',
    'silent structure/no-script',
  ]
  const seen = (app: App, readLocal?: () => string | undefined) =>
    app
      .synth({ ...(readLocal && { readLocal }) })
      .issues.map(({ path, code }) => `${path} ${code}`)
      .filter((line) => !line.endsWith('gitlab/refused') && !line.endsWith('gate/include'))
      .toSorted()

  test('though an included file is not read', () => {
    const { app } = branchApp({ include: [{ project: 'acme/ci', file: 'more.yml' }] })
    wrong(app)
    expect(seen(app)).toEqual(all)
  })

  test('though an included file does not exist', () => {
    const { app } = branchApp({ include: [{ local: 'gone.yml' }] })
    wrong(app)
    expect(seen(app, () => undefined)).toEqual(all)
  })

  test('though GitLab stops at another mistake before', () => {
    const { app } = branchApp()
    wrong(app)
    new Job(app, 'based', { script }).addOverride('extends', '.nothing', because)
    expect(seen(app)).toEqual(all)
  })
})

test('a job with steps in place of a script does work', () => {
  const { app } = branchApp()
  new Job(app, 'a', { run: [{ name: 'hello', script: 'echo hello' }] })
  expect(issuesOf(app)).toEqual([])
})
