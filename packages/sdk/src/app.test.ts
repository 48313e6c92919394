import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { App, appBrand, directory, Job, PackageTarget, packagecloud, Release, Secret, sentenceOf } from './index.js'
import { branchApp, here, issuesOf, smallRelease } from './testing/small-release.js'

const script = ['make']

describe('patch', () => {
  test('changes the document before it is checked, and is listed in the header', () => {
    const { app } = branchApp()
    new Job(app, 'a', { script })
    app.patch('GitLab has it, and this does not', ({ jobs }) => {
      if (jobs['a'] !== undefined) jobs['a']['coverage'] = '/\\d+%/'
    })
    const [file] = app.synth().files
    expect(file?.text).toContain('# patched: GitLab has it, and this does not\n')
    expect(file?.text).toContain('  coverage: /\\d+%/\n')
    app.patch('breaks it', ({ jobs }) => {
      if (jobs['a'] !== undefined) jobs['a']['needs'] = ['gone']
    })
    expect(issuesOf(app).map(([code]) => code)).toEqual(['structure/needs-undefined'])
  })

  test('that throws is an issue at its line, and changes nothing', () => {
    const { app } = branchApp()
    new Job(app, 'a', { script })
    app.patch('goes wrong', ({ jobs }) => {
      delete jobs['a']
      throw new RangeError('out of reach')
    })
    const synthesis = app.synth()
    expect(synthesis.issues).toMatchObject([{ code: 'structure/patch', path: '', source: { line: here(-5) } }])
    expect(synthesis.issues.map(sentenceOf)).toEqual(['the patch “goes wrong” cannot be applied: out of reach'])
    expect(Object.keys(synthesis.document.jobs)).toEqual(['a'])
  })

  test.each<[string, (document: { jobs: unknown; stages: unknown; workflow: unknown }) => void]>([
    ['a date', (document) => Object.assign(document.workflow as object, { name: new Date(0) })],
    ['a function', (document) => Object.assign(document.jobs as object, { b: { script: () => 1 } })],
    ['NaN', (document) => Object.assign(document.workflow as object, { name: Number.NaN })],
    ['jobs that are none', (document) => Object.assign(document, { jobs: [] })],
    ['a job that is none', (document) => Object.assign(document.jobs as object, { b: null })],
    ['stages that are none', (document) => Object.assign(document, { stages: undefined })],
    ['itself', (document) => Object.assign(document.workflow as object, { name: document })],
  ])('cannot leave %s behind', (_, change) => {
    const { app } = branchApp()
    new Job(app, 'a', { script })
    app.patch('leaves something', change)
    expect(issuesOf(app)).toEqual([['structure/patch', '', here(-1)]])
  })

  test('that adds a job is where the job was made: for what is wrong with it, for explain, and in the YAML', () => {
    const { app } = branchApp()
    app.patch('a job of another tool', ({ jobs }) => Object.assign(jobs, { added: { stage: 'build', script } }))
    const line = here(-1)
    const synthesis = app.synth()
    expect(synthesis.issues).toEqual([])
    expect(synthesis.files[0]?.text).toContain(`app.test.ts:${line}\nadded: `)
    expect(synthesis.factsOf('added')?.source).toMatchObject({ line })
    app.patch('a job with a fault', ({ jobs }) => Object.assign(jobs, { other: { stage: 'biuld', script } }))
    expect(issuesOf(app)).toEqual([['structure/unknown-stage', 'other', here(-1)]])
    expect(app.synth().issues[0]?.help).toMatch(/^Did you mean build\? The stages are prepare, build, stage, seal, /)
  })

  test('changes nothing but its own document', () => {
    const { app } = branchApp()
    const value = { options: ['x'] }
    new Job(app, 'a', { script }).addOverride('extra', value, 'a test')
    app.patch('adds one', ({ jobs }) => {
      const extra = jobs['a']?.['extra']
      if (typeof extra === 'object' && extra !== null && !Array.isArray(extra) && Array.isArray(extra['options']))
        extra['options'].push('y')
    })
    const once = app.synth().files
    value.options.push('z')
    expect(app.synth().files).toEqual(once)
    expect(app.synth().document.jobs['a']?.['extra']).toEqual({ options: ['x', 'y'] })
  })
})

describe('addOverride', () => {
  test('sets a nested value, makes missing objects, and is listed in the header', () => {
    const { app } = branchApp()
    const job = new Job(app, 'a', { script, artifacts: { paths: ['x'] } })
    job.addOverride('artifacts.reports.junit', 'report.xml', 'not a keyword here')
    job.addOverride('script.1', 'make more', 'one more line')
    job.addOverride('rules.0.changes', ['src/**'], 'only when it changed')
    const { document, files, issues } = app.synth()
    expect(issues).toEqual([])
    expect(document.jobs['a']).toMatchObject({
      artifacts: { paths: ['x'], reports: { junit: 'report.xml' } },
      script: ['make', 'make more'],
      rules: [{ if: '$STAGEGATE_KIND == "main"', changes: ['src/**'] }],
    })
    expect(files[0]?.text).toContain('# a: artifacts.reports.junit overridden: not a keyword here\n')
  })

  test('drops no existing value', () => {
    const { app } = branchApp()
    const job = new Job(app, 'a', { script, environment: 'staging' })
    job.addOverride('environment.url', 'https://x.example', 'a test')
    job.addOverride('script.first', 'x', 'a test')
    job.addOverride('script.7', 'x', 'a test')
    expect(app.synth().issues).toMatchObject([
      { code: 'structure/override', at: 'environment', path: 'a', source: { line: here(-5) } },
      { code: 'structure/override', at: 'script' },
      { code: 'structure/override', at: 'script' },
    ])
    expect(app.synth().document.jobs['a']).toMatchObject({ environment: 'staging', script })
  })

  test('takes a path, a reason, and what JSON can hold', () => {
    const job = new Job(branchApp().app, 'a', { script })
    expect(() => job.addOverride('', 1, 'x')).toThrow('Expected the path of a keyword')
    expect(() => job.addOverride('a', 1, ' ')).toThrow('Expected a reason for the override')
    expect(() => job.addOverride('a', { b: new Date(0) } as never, 'x')).toThrow(
      new TypeError('Expected text, numbers, true, false, null, lists and objects at b, got a Date'),
    )
  })
})

describe('accept', () => {
  test('takes a warning away, and says so in the header', () => {
    const { app } = smallRelease({})
    expect(issuesOf(app).map(([code]) => code)).toEqual(['isolation/command-not-pinned', 'isolation/image-not-pinned'])
    expect(app.synth().ok).toBe(true)
    app.accept('isolation/command-not-pinned', 'a test')
    app.accept('isolation/image-not-pinned', 'another')
    const { files, issues } = app.synth()
    expect(issues).toEqual([])
    expect(files[0]?.text.split('\n').slice(1, 3)).toEqual([
      '# accepted: isolation/command-not-pinned: a test',
      '# accepted: isolation/image-not-pinned: another',
    ])
  })

  test('takes no error away, and says when there is nothing to accept', () => {
    const { app } = branchApp()
    new Job(app, 'a', {})
    app.accept('structure/no-script', 'wishful')
    expect(app.synth().issues).toMatchObject([
      { code: 'structure/no-script', severity: 'error' },
      { code: 'accept/unused', severity: 'warning', accepted: 'structure/no-script' },
    ])
  })

  test('and patch want a reason', () => {
    expect(() => new App().accept('isolation/image-not-pinned', '')).toThrow('Expected a reason')
    expect(() => new App().patch(' ', () => {})).toThrow('Expected a reason')
  })

  test('a reason of several lines stays a comment', () => {
    const { app } = branchApp()
    new Job(app, 'a', { script })
    app.patch('one\nstages: [evil]\rtwo', () => {})
    expect(
      app
        .synth()
        .files[0]?.text.split(/[\n\r]/)
        .slice(1, 4),
    ).toEqual(['# patched: one', '#stages: [evil]', '#two'])
  })
})

describe('properties of an app', () => {
  test.each<[ConstructorParameters<typeof App>[0], string]>([
    [{ gitlab: '17' }, 'Expected the oldest GitLab to support, such as >=17.5, got "17"'],
    [{ cli: { sha256: 'x"; rm -rf /; echo "' } }, 'Expected the command\'s sha256, got "x\\"; rm -rf /; echo \\""'],
    [{ cli: { allow: ['A B'] } }, 'Expected the name of a variable in cli.allow, got "A B"'],
    [{ output: '' }, 'Expected a file for the output'],
    [{ records: packagecloud('a/b', { token: Secret.variable('T') }) }, 'Expected gitlab or a directory for the records'],
    [
      { project: { url: 'gitlab.example' } },
      'Expected the address of a GitLab in project.url, such as https://gitlab.example, got something else',
    ],
    [{ project: { url: 'http://gitlab.example' } }, 'Expected the address of a GitLab'],
    [{ project: { url: 'https://ada:secret@gitlab.example' } }, 'Expected the address of a GitLab'],
    [{ project: { path: 'acme' } }, 'Expected the path of a project in project.path, such as acme/acme, got "acme"'],
  ])('that cannot be are refused at once: %j', (props, message) => {
    expect(() => new App(props)).toThrow(message)
  })

  test('that do not exist are an issue', () => {
    const app = new App({ outptu: 'x' } as never)
    expect(app.synth().issues).toMatchObject([
      { code: 'structure/unknown-property', path: '', meant: 'output', source: { line: here(-2) } },
    ])
  })

  test('say where everything is written, and the shell reads it as one word', () => {
    const { app } = smallRelease({
      output: "ci/it's here/release.yml",
      records: directory('seals'),
      gitlab: '>=18.2',
      defaults: { tags: ['x'] },
    })
    const { files, document, plan } = app.synth()
    expect(files.map(({ path }) => path)).toEqual([
      "ci/it's here/release.yml",
      "ci/it's here/release-plan.json",
      "ci/it's here/RELEASING.md",
    ])
    expect(document.jobs['prepare']?.['script']).toContain(`cp 'ci/it'\\''s here/release-plan.json' .stagegate/release-plan.json`)
    expect(plan.records).toEqual({ type: 'directory', path: 'seals' })
    expect(document.jobs['deploy: [staging]']).toMatchObject({ trigger: { strategy: 'mirror' } })
    expect(document.jobs['build: [el/9]']).toMatchObject({ tags: ['x'] })
  })

  test.each<[ConstructorParameters<typeof App>[0], unknown]>([
    [{}, { url: 'https://gitlab.com' }],
    [{ project: { url: 'https://gitlab.example/git/' } }, { url: 'https://gitlab.example/git' }],
    [{ project: { url: 'https://GitLab.Exämple' } }, { url: 'https://gitlab.xn--exmple-cua' }],
    [{ project: { url: 'http://127.0.0.1:8080', path: 'acme/tools/acme' } }, { url: 'http://127.0.0.1:8080', path: 'acme/tools/acme' }],
  ])('say whose jobs these are: %j', (props, project) => {
    expect(new App(props).synth().plan.project).toEqual(project)
  })

  test('are not taken away by a target that says undefined', () => {
    const { app, release } = smallRelease({ defaults: { tags: ['x'] } })
    const build = { script, tags: undefined, keep: undefined, needs: undefined, image: undefined }
    new PackageTarget(release, 'el/8', { build, packages: 'x' })
    expect(app.synth().document.jobs['build: [el/8]']).toMatchObject({ tags: ['x'], artifacts: { expire_in: '3 days' } })
  })

  test('hold is a Duration', () => {
    expect(() => new Release(new App(), 'x', { routes: [], hold: 14 as never })).toThrow(
      'Expected a Duration, such as Duration.hours(2), in hold, got 14',
    )
  })
})

describe('the same text', () => {
  test('comes of a second synth', () => {
    const { app } = smallRelease()
    expect(app.synth().files).toEqual(app.synth().files)
    expect(app.synth().issues).toEqual(app.synth().issues)
  })

  test('comes of another app made alike', () => {
    expect(smallRelease().app.synth().files).toEqual(smallRelease().app.synth().files)
  })
})

test('every copy of the SDK knows an app by its brand', () => {
  expect(new App()[appBrand]).toBe(true)
  expect(appBrand).toBe(Symbol.for('stagegate.app'))
})

test('the plan names the version of this package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  expect(smallRelease().app.synth().plan.generator).toBe(`@stagegate/sdk ${version}`)
})
