import { parseReleasePlan } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import {
  App,
  Condition,
  Deployment,
  directory,
  FileTarget,
  PipelineKind,
  PublicRepo,
  packagecloud,
  Release,
  Secret,
  StagingRepo,
  sentenceOf,
} from '../index.js'
import { here, issuesOf, pinned } from '../testing/small-release.js'

const build = { script: ['make binaries'] }

function product(id = 'acme') {
  const app = new App(pinned)
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/) })
  const staging = new StagingRepo(app, 'staging', { at: directory('/srv/staging') })
  const downloads = new PublicRepo(app, 'downloads', { at: directory('/srv/downloads') })
  return { app, tagged, staging, downloads, release: new Release(app, id, { routes: [{ on: tagged, staging, public: downloads }] }) }
}

describe('plain files', () => {
  const { app, release } = product()
  new FileTarget(release, 'binaries', { build, files: 'out/*' })
  new FileTarget(release, 'installers', { build, files: ['win/*.exe', 'mac/*.dmg'], path: 'acme/v{version}/desktop/', optional: true })
  new Deployment(release, 'production', { script: ['deploy'] })
  const synthesis = app.synth()

  test('are built, staged, sealed and held as packages are', () => {
    expect(synthesis.issues).toEqual([])
    const pipeline = synthesis.pipeline({ tag: 'v1.2.3', protected: true })
    expect(pipeline.names()).toEqual(
      expect.arrayContaining(['build: [binaries]', 'stage: [binaries]', 'publish: [binaries]', 'verify: [binaries]', 'seal: [installers]']),
    )
    expect(pipeline.manual).toEqual(['publish: [binaries]', 'publish: [installers]'])
    expect(pipeline.waitsFor('publish: [binaries]')).toContain('deploy: [production]')
    expect(synthesis.document.jobs['build: [binaries]']).toMatchObject({ artifacts: { paths: ['out/*'] } })
    expect(synthesis.document.jobs['build: [installers]']).toMatchObject({ artifacts: { paths: ['win/*.exe', 'mac/*.dmg'] } })
  })

  test('say in the plan where they are published', () => {
    expect(synthesis.plan.releases[0]?.targets.map(({ what, verify }) => ({ ...what, verify }))).toEqual([
      { type: 'file', files: ['out/*'], path: 'acme/{version}', verify: 'http' },
      { type: 'file', files: ['win/*.exe', 'mac/*.dmg'], path: 'acme/v{version}/desktop', verify: 'http' },
    ])
    const file = synthesis.files.find(({ path }) => path === 'release-plan.json')
    expect(parseReleasePlan(file?.text ?? '', 'the plan')).toEqual(synthesis.plan)
  })

  test('are in the runbook', () => {
    expect(synthesis.files.at(-1)?.text).toContain('| binaries | `publish: [binaries]` | downloads | `verify: [binaries]` |')
  })
})

test('a repository that takes no plain files is an issue that names target and repository', () => {
  const { app, tagged, staging } = product()
  const stable = new PublicRepo(app, 'stable', { at: packagecloud('acme/stable', { token: Secret.variable('TOKEN') }) })
  const release = new Release(app, 'other', { routes: [{ on: tagged, staging, public: stable }] })
  new FileTarget(release, 'binaries', { build, files: 'out/*' })
  const [issue] = app.synth().issues.filter(({ code }) => code === 'routes/format')
  expect(issue).toMatchObject({ path: 'other/binaries', source: { line: here(-2) } })
  expect(issue && sentenceOf(issue)).toContain('binaries has plain files, which stable does not accept')
})

test('one repository twice is an issue', () => {
  const { app, tagged, staging, downloads } = product()
  const release = new Release(app, 'other', { routes: [{ on: tagged, staging, public: [downloads, downloads.advisory] }] })
  new FileTarget(release, 'binaries', { build, files: 'out/*' })
  expect(issuesOf(app)).toContainEqual(['routes/destination-twice', 'other/binaries', here(-1)])
})

describe('an issue is', () => {
  test.each([
    '/acme/{version}',
    '../acme',
    'acme/../{version}',
    'acme//x',
    '.well-known',
    '',
    'a b/{version}',
    'acme/{versoin}',
    '-x',
    './acme',
    'acme\\{version}',
    'acmé',
  ])('the path %j', (path) => {
    const { app, release } = product()
    new FileTarget(release, 'binaries', { build, files: 'out/*', path })
    expect(issuesOf(app)).toEqual([['target/path', 'acme/binaries', here(-1)]])
  })

  test('a release whose id cannot be a folder, until the target has a path', () => {
    const { app, release } = product('My Product')
    new FileTarget(release, 'binaries', { build, files: 'out/*' })
    new FileTarget(release, 'installers', { build, files: 'win/*', path: 'my-product/{version}' })
    expect(issuesOf(app)).toEqual([['target/path', 'My Product/binaries', here(-2)]])
  })

  test.each([[[]], [''], ['/srv/out/*'], ['../out/*'], ['out/../../x']])('the files %j', (files) => {
    const { app, release } = product()
    new FileTarget(release, 'binaries', { build, files })
    expect(issuesOf(app)).toContainEqual(['target/files', 'acme/binaries', here(-1)])
  })
})
