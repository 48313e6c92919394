import { describe, expect, test } from 'vitest'
import {
  App,
  type AppProps,
  Condition,
  ContainerImage,
  type Destination,
  FileTarget,
  Job,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  Release,
  Secret,
  StagingRepo,
  sentenceOf,
} from '../index.js'
import { directory, type GitLabReleaseOptions, gitlabPackages, gitlabRelease, registry } from './index.js'

const project = { path: 'acme/hello' }
const token = Secret.variable('DOWNLOADS_TOKEN')
const account = { username: 'acme', password: Secret.variable('IMAGES_PASSWORD') }
const because = 'maintainers review what jobs run'
const ofTags = Condition.tag(/^v(?<version>\d+)$/)

interface Made {
  readonly project?: AppProps['project']
  readonly at?: ReturnType<typeof gitlabRelease>
  readonly trustsJobs?: string | undefined
  readonly when?: Condition
  readonly targets?: number
}

function make({ project: own = project, at = gitlabRelease(), trustsJobs = because, when = ofTags, targets = 1 }: Made = {}) {
  const app = new App({ project: own, cli: { pin: false } })
  const tagged = new PipelineKind(app, 'release', { when, version: { variable: 'VERSION' } })
  const staging = new StagingRepo(app, 'staging', { at: gitlabPackages() })
  const page = new PublicRepo(app, 'page', { at, ...(trustsJobs !== '' && { trustsJobs }) })
  const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: page }] })
  for (let number = 1; number <= targets; number++)
    new FileTarget(release, `files ${number}`, { build: { script: ['make'] }, path: `acme/{version}/${number}`, files: 'out/*' })
  return { app, release, tagged, staging, page }
}

function said({ app }: Pick<ReturnType<typeof make>, 'app'>) {
  return app.synth().issues.filter(({ code }) => !/not-pinned/.test(code))
}
const codes = (made: Pick<ReturnType<typeof make>, 'app'>) => said(made).map(({ code }) => code)
const jobOf = ({ app }: Pick<ReturnType<typeof make>, 'app'>, name: string) => app.synth().document.jobs[name] ?? {}

describe('the job that announces', () => {
  test('waits for everything that the release requires, read back, and has the command and the sealed list alone', () => {
    const made = make({ targets: 2 })
    new PackageTarget(made.release, 'ubuntu/jammy', {
      routes: [{ on: made.tagged, staging: made.staging, public: new PublicRepo(made.app, 'elsewhere', { at: directory('/srv/public') }) }],
      build: { script: ['make'] },
      packages: '*.deb',
    })
    expect(codes(made)).toEqual([])
    const job = jobOf(made, 'announce: [page]')
    expect(job['needs']).toEqual([
      'prepare',
      'seal',
      ...['files 1', 'files 2', 'ubuntu/jammy'].map((target) => ({ job: `verify: [${target}]`, artifacts: false })),
    ])
    expect(job['environment']).toMatchObject({ name: 'public/page/announce', action: 'prepare' })
    expect(JSON.stringify(job['script'])).toContain('announce --repository page')
    const pipeline = made.app.synth().pipeline({ tag: 'v1', protected: true })
    expect(pipeline.manual).toEqual(['publish: [files 1]', 'publish: [files 2]', 'publish: [ubuntu/jammy]'])
    expect(pipeline.waitsFor('announce: [page]')).toEqual(expect.arrayContaining(['publish: [ubuntu/jammy]', 'seal']))
  })

  test('is started by no person: an earlier start is an open gate', () => {
    const made = make()
    made.app.patch('too early', ({ jobs }) => {
      const job = jobs['announce: [page]']
      if (job !== undefined) job['needs'] = ['prepare', 'seal']
    })
    expect(codes(made)).toContain('gate/open')
  })

  test('leaves an optional target to a job of its own, which adds to the entry', () => {
    const made = make()
    new FileTarget(made.release, 'docs', { build: { script: ['make'] }, files: 'docs/*', path: 'docs/{version}', optional: true })
    expect(codes(made)).toEqual([])
    expect(jobOf(made, 'announce: [page]')['needs']).not.toContainEqual(expect.objectContaining({ job: 'verify: [docs]' }))
    expect(jobOf(made, 'announce: [docs in page]')['needs']).toEqual([
      'prepare',
      'seal: [docs]',
      ...['seal', 'announce: [page]', 'verify: [docs]'].map((job) => ({ job, artifacts: false })),
    ])
  })

  test.each(['before', 'after'])('has a job for an optional image of the release, made %s the files, which goes to a registry', (when) => {
    const app = new App({ project, cli: { pin: false } })
    const tagged = new PipelineKind(app, 'release', { when: ofTags })
    const staging = new StagingRepo(app, 'staging', { at: gitlabPackages() })
    const images = new StagingRepo(app, 'images', {
      at: registry('staging.example/acme', { username: 'acme', password: Secret.variable('STAGING_PASSWORD') }),
    })
    const hub = new PublicRepo(app, 'hub', { at: registry('docker.io/acme', account) })
    const release = new Release(app, 'acme', {
      routes: [{ on: tagged, staging, public: new PublicRepo(app, 'page', { at: gitlabRelease(), trustsJobs: because }) }],
    })
    const files = () => new FileTarget(release, 'files', { build: { script: ['make'] }, files: 'out/*' })
    if (when === 'after') files()
    const routes = [{ on: tagged, staging: images, public: hub }]
    new ContainerImage(release, 'image', { routes, optional: true, build: { script: ['make'] }, layout: 'image' })
    if (when === 'before') files()
    expect(codes({ app })).toEqual([])
    expect(jobOf({ app }, 'announce: [image in page]')['needs']).toEqual([
      'prepare',
      'seal: [image]',
      ...['seal', 'announce: [page]', 'verify: [image]'].map((job) => ({ job, artifacts: false })),
    ])
  })

  test('of an optional target waits for all that is required, though none of it goes to the page', () => {
    const app = new App({ project, cli: { pin: false } })
    const tagged = new PipelineKind(app, 'release', { when: ofTags })
    const staging = new StagingRepo(app, 'staging', { at: gitlabPackages() })
    const elsewhere = new PublicRepo(app, 'elsewhere', { at: directory('/srv/public') })
    const page = new PublicRepo(app, 'page', { at: gitlabRelease(), trustsJobs: because })
    const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: elsewhere }] })
    new FileTarget(release, 'needed', { build: { script: ['make'] }, files: 'out/*' })
    const routes = [{ on: tagged, staging, public: page }]
    new FileTarget(release, 'extra', { routes, optional: true, build: { script: ['make'] }, files: 'extra/*', path: 'extra/{version}' })
    expect(codes({ app })).toEqual([])
    expect(app.synth().document.jobs['announce: [page]']).toBeUndefined()
    expect(jobOf({ app }, 'announce: [extra in page]')['needs']).toContainEqual({ job: 'verify: [needed]', artifacts: false })
  })

  test('searches child pipelines for other ways, as a job of theirs has the same token', () => {
    const made = make()
    new Job(made.app, 'child', { on: made.tagged, trigger: { include: 'child.yml' } })
    const child = 'notes: {script: [glab release create v1]}\n'
    const { issues } = made.app.synth({ readLocal: (path) => (path === 'child.yml' ? child : undefined) })
    expect(issues.map(({ code }) => code)).toContain('gate/undeclared')
  })

  test('waits through other jobs for more targets than it may need', () => {
    const made = make({ targets: 120 })
    const { issues, document } = made.app.synth()
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([])
    const between = ['verified: [page 1]', 'verified: [page 2]', 'verified: [page 3]']
    const needs = ['prepare', 'seal', ...between.map((job) => ({ job, artifacts: false }))]
    expect(document.jobs['announce: [page]']?.['needs']).toEqual(needs)
    const gathered = between.flatMap((name) => document.jobs[name]?.['needs'])
    expect(gathered).toEqual(made.release.targets.map(({ jobs }) => ({ job: jobs.verify.name, artifacts: false })))
  })

  test('finds the notes where prepare put them', () => {
    const made = make({ at: gitlabRelease({ notes: 'docs/CHANGELOG.md' }) })
    expect(codes(made)).toEqual([])
    const { script, artifacts } = jobOf(made, 'prepare')
    expect(script).toContain('cp docs/CHANGELOG.md .stagegate/notes/docs/CHANGELOG.md')
    expect(JSON.stringify(artifacts)).toContain('.stagegate/notes/docs/CHANGELOG.md')
    const [release] = made.app.synth().plan.releases
    expect(release?.pages).toEqual([{ repository: 'page', job: 'announce: [page]', late: {}, notes: 'docs/CHANGELOG.md' }])
  })

  test('has its notes in a file that is there, where files can be read', () => {
    const { app } = make({ at: gitlabRelease({ notes: 'docs/CHANGELOG.md' }) })
    const found = (files: readonly string[]) =>
      app
        .synth({ readLocal: (path) => (files.includes(path) ? '# Changelog' : undefined) })
        .issues.filter(({ code }) => code === 'routes/notes')
        .map(sentenceOf)
    expect(found([])).toEqual(['the notes of page come from docs/CHANGELOG.md, but the project has no such file'])
    expect(found(['docs/CHANGELOG.md'])).toEqual([])
  })

  test('is in the runbook, and its repository’s reason in the header', () => {
    const texts = make()
      .app.synth()
      .files.map(({ text }) => text)
      .join('\n')
    expect(texts).toContain('`announce: [page]` creates the entry of the tag on the page of releases of `acme/hello`')
    expect(texts).toContain(`page: each job of the project can publish there: ${because}`)
  })
})

test('one release is announced on the pages of two projects', () => {
  const made = make()
  const downloads = new PublicRepo(made.app, 'downloads', { at: gitlabRelease('acme/downloads', { token, ref: 'main' }) })
  const routes = [{ on: made.tagged, staging: made.staging, public: [made.page, downloads] }]
  new FileTarget(made.release, 'both', { routes, build: { script: ['make'] }, files: 'out/*', path: 'both/{version}' })
  expect(codes(made)).toEqual([])
  expect(made.release.pages.map(({ job }) => job.name)).toEqual(['announce: [page]', 'announce: [downloads]'])
})

describe('in the project itself', () => {
  test('it needs a reason to trust the project’s jobs, and the error says how to give it', () => {
    const [issue, ...others] = said(make({ trustsJobs: '' }))
    expect(others).toEqual([])
    expect(issue).toMatchObject({ code: 'secrets/everywhere', severity: 'error', help: expect.stringContaining("trustsJobs: 'because …'") })
  })

  test('an app with an unknown project says what to set', () => {
    const found = said(make({ project: {} })).filter(({ code }) => code === 'routes/own-project')
    expect(found.map(sentenceOf)).toEqual(
      ['staging', 'page'].map((name) => `${name} is the package registry of this project, but the app does not name the project`),
    )
  })

  test.each(['', '  '])('%j is not a reason', (trustsJobs) => {
    const { app } = make()
    expect(() => new PublicRepo(app, 'other', { at: gitlabRelease(), trustsJobs })).toThrow('Expected a reason in trustsJobs')
  })
})

describe('in another project', () => {
  const at = gitlabRelease('acme/downloads', { token, ref: 'main' })

  test('it has a token of it, which only the jobs behind the gate see', () => {
    const made = make({ at, trustsJobs: '' })
    expect(codes(made)).toEqual([])
    const [release] = made.app.synth().plan.releases
    expect(release?.pages).toEqual([{ repository: 'page', job: 'announce: [page]', late: {}, ref: 'main' }])
    const runbook = made.app.synth().files.find(({ path }) => path === 'RELEASING.md')?.text
    expect(runbook).toContain('| `DOWNLOADS_TOKEN` | publish, announce | `public/*` |')
  })

  test('with a job’s token it is refused, and trust does not help', () => {
    expect(codes(make({ at: gitlabRelease('acme/downloads'), trustsJobs: '' }))).toEqual(['secrets/everywhere'])
    expect(codes(make({ at: gitlabRelease('acme/downloads'), trustsJobs: because })).sort()).toEqual([
      'secrets/everywhere',
      'secrets/not-own',
    ])
  })
})

describe('a page of releases is refused', () => {
  test.each<[what: string, code: string, made: () => Pick<ReturnType<typeof make>, 'app'>]>([
    ['in a kind of branches', 'routes/page-without-tag', () => make({ when: Condition.branch('main') })],
    ['in a kind of tags and branches', 'routes/page-without-tag', () => make({ when: ofTags.or(Condition.branch('main')) })],
    [
      'for two releases of one kind',
      'routes/page-twice',
      () => {
        const made = make()
        const { app, tagged, staging, page } = made
        const release = new Release(app, 'second', { routes: [{ on: tagged, staging, public: page }] })
        new FileTarget(release, 'more', { build: { script: ['make'] }, files: 'out/*', path: 'more/{version}' })
        return made
      },
    ],
    [
      'for two releases of one kind, by two names of the project',
      'routes/page-twice',
      () => {
        const made = make()
        const { app, tagged, staging } = made
        const again = new PublicRepo(app, 'again', { at: gitlabRelease('Acme/Hello'), trustsJobs: because })
        const release = new Release(app, 'second', { routes: [{ on: tagged, staging, public: again }] })
        new FileTarget(release, 'more', { build: { script: ['make'] }, files: 'out/*', path: 'more/{version}' })
        return made
      },
    ],
    [
      'as a staging repository',
      'routes/page-as-staging',
      () => {
        const made = make()
        new StagingRepo(made.app, 'wrong', { at: gitlabRelease('acme/downloads', { token }) })
        return made
      },
    ],
  ])('%s', (_what, code, made) => {
    const found = said(made())
    expect(found.map((one) => one.code)).toContain(code)
    expect(sentenceOf(found.find((one) => one.code === code) ?? fail()).length).toBeGreaterThan(20)
  })

  test.each<[options: GitLabReleaseOptions, project: string | undefined, said: string]>([
    [{ notes: '../CHANGELOG.md' }, undefined, 'Expected the path of a file with notes'],
    [{ notes: '' }, undefined, 'Expected the path of a file with notes'],
    [{ ref: 'main' }, undefined, 'Expected a branch of another project in ref'],
    [{ ref: '' }, 'acme/downloads', 'Expected a branch of another project in ref'],
    [{ gitlab: 'https://git.example' }, undefined, 'the project’s path before'],
    [{}, 'downloads', 'Expected a project such as acme/hello'],
  ])('with the options %o in the project %s', (options, path, words) => {
    expect(() => (path === undefined ? gitlabRelease(options) : gitlabRelease(path, options))).toThrow(words)
  })
})

test('an advisory page, or one beside another repository, is announced as well', () => {
  const { app, tagged, staging, page } = make()
  const release = new Release(app, 'second', {
    routes: [
      { on: tagged, staging, public: [new PublicRepo(app, 'stable', { at: directory('/srv') }), page.advisory] satisfies Destination[] },
    ],
  })
  new FileTarget(release, 'more', { build: { script: ['make'] }, files: 'out/*', path: 'more/{version}' })
  expect(release.pages.map(({ job }) => job.name)).toEqual(['announce: [second page]'])
})

function fail(): never {
  throw new Error('expected an issue')
}
