import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { App } from '../app.js'
import { Condition } from '../condition/index.js'
import { PipelineKind } from '../kind.js'
import { sentenceOf } from '../report/issue.js'
import { gitlabRegistry, ociLayout, packagecloud, type RepositoryAddress, registry } from '../repository/index.js'
import { Secret } from '../secret.js'
import { ContainerImage, type ContainerImageProps } from './image.js'
import { Release } from './release.js'
import { PublicRepo, StagingRepo } from './repositories.js'

const hub = registry('docker.io/acme', { username: 'acme', password: Secret.variable('HUB_PASSWORD') })
const project = gitlabRegistry('registry.gitlab.com/acme/hello')

function synth(
  props: Partial<ContainerImageProps> = {},
  { staging = project, publics = [hub] }: { staging?: RepositoryAddress; publics?: RepositoryAddress[] } = {},
) {
  const app = new App({ cli: { pin: false } })
  app.accept('isolation/command-not-pinned', 'a test')
  app.accept('isolation/image-not-pinned', 'a test')
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/) })
  const candidate = new PipelineKind(app, 'rc', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+-rc\d+)$/) })
  const branch = new PipelineKind(app, 'branch', { when: Condition.branch('main') })
  const private_ = new StagingRepo(app, 'images', { at: staging })
  const open = publics.map((at, index) => new PublicRepo(app, `hub ${index}`, { at }))
  const release = new Release(app, 'acme', { routes: [{ on: branch }, { on: [tagged, candidate], staging: private_, public: open }] })
  new ContainerImage(release, 'hello', {
    build: { image: 'docker:27', script: ['docker build -t $STAGEGATE_IMAGE .', 'docker push $STAGEGATE_IMAGE'] },
    ...props,
  })
  return { synthesis: app.synth(), tagged, candidate }
}

const problems = (synthesis: ReturnType<typeof synth>['synthesis']) =>
  synthesis.issues.map((issue) => `${issue.code}: ${sentenceOf(issue)}`)

test('an image has the jobs of a release', () => {
  const { synthesis } = synth()
  expect(problems(synthesis)).toEqual([])
  const pipeline = synthesis.pipeline({ tag: 'v1.2.3', protected: true })
  expect(pipeline.names()).toEqual(['prepare', 'build: [hello]', 'stage: [hello]', 'seal', 'publish: [hello]', 'verify: [hello]'])
  expect(pipeline.manual).toEqual(['publish: [hello]'])
  const build = pipeline.jobs.find(({ name }) => name === 'build: [hello]')
  expect(build?.secrets).toEqual(['CI_JOB_TOKEN'])
})

test('the build gets the name under which it pushes to staging, if the kind has a staging repository', () => {
  const yaml = parse(synth().synthesis.files[0]?.text ?? '')
  const build = yaml['build: [hello]']
  expect(build.artifacts).toBeUndefined()
  const told = build.rules.map((rule: { variables?: object }) => rule.variables)
  expect(told).toContainEqual({ STAGEGATE_IMAGE: 'registry.gitlab.com/acme/hello/hello:$CI_COMMIT_SHORT_SHA-$CI_PIPELINE_ID' })
  expect(told).toContainEqual(undefined)
})

test('a layout is handed on as an artifact', () => {
  const { synthesis } = synth({ layout: 'dist/image' }, { staging: ociLayout('/srv/staging'), publics: [ociLayout('/srv/public')] })
  expect(problems(synthesis)).toEqual([])
  const yaml = parse(synthesis.files[0]?.text ?? '')
  expect(yaml['build: [hello]'].artifacts.paths).toEqual(['dist/image/'])
  expect(synthesis.plan.releases[0]?.targets[0]?.what).toEqual({
    type: 'image',
    image: 'hello',
    layout: 'dist/image',
    tags: [{ name: 'version', kinds: ['release', 'rc'] }],
  })
})

test('the plan says which tags are set in which kinds, and whom a token may be asked of', () => {
  const app = new App({ cli: { pin: false } })
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/) })
  const candidate = new PipelineKind(app, 'rc', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+-rc\d+)$/) })
  const release = new Release(app, 'acme', {
    routes: [
      {
        on: [tagged, candidate],
        staging: new StagingRepo(app, 'images', { at: project }),
        public: new PublicRepo(app, 'hub', { at: hub }),
      },
    ],
  })
  new ContainerImage(release, 'hello', {
    name: 'acme-hello',
    platforms: ['linux/amd64', 'linux/arm64/v8'],
    build: { script: ['make image'] },
    tags: ['version', { moving: 'latest', on: tagged }, { moving: 'rc', on: [candidate] }, { moving: 'minor' }],
  })
  const { plan } = app.synth()
  expect(plan.releases[0]?.targets[0]).toMatchObject({
    verify: 'oci',
    what: {
      type: 'image',
      image: 'acme-hello',
      platforms: ['linux/amd64', 'linux/arm64/v8'],
      tags: [
        { name: 'version', kinds: ['release', 'rc'] },
        { name: 'latest', kinds: ['release'] },
        { name: 'rc', kinds: ['rc'] },
        { name: 'minor', kinds: ['release', 'rc'] },
      ],
    },
  })
  expect(plan.repositories).toMatchObject({
    images: {
      type: 'registry',
      origin: 'https://registry.gitlab.com',
      settings: { prefix: 'acme/hello', username: 'gitlab-ci-token', account: 'password', realms: ['https://gitlab.com'] },
      credentials: { read: ['CI_JOB_TOKEN'], write: ['CI_JOB_TOKEN'] },
    },
    hub: { origin: 'https://registry-1.docker.io', settings: { prefix: 'acme', realms: ['https://auth.docker.io'] } },
  })
})

describe('an impossible image is an issue', () => {
  test.each<[string, Partial<ContainerImageProps>, string]>([
    ['a name that registries refuse', { name: 'Hello' }, 'target/image-name'],
    ['a platform that is none', { platforms: ['amd64'] }, 'target/platform'],
    ['a version that is to move', { tags: [{ moving: '1.2.3' }] }, 'target/tag'],
    ['a tag that registries refuse', { tags: [{ moving: 'a b' }] }, 'target/tag'],
  ])('%s', (_what, props, code) => {
    expect(synth(props).synthesis.issues).toContainEqual(expect.objectContaining({ code, severity: 'error' }))
  })

  test('a repository that takes no images', () => {
    const { synthesis } = synth({}, { publics: [packagecloud('acme/stable', { token: Secret.variable('PUBLIC_TOKEN') })] })
    expect(synthesis.issues).toContainEqual(expect.objectContaining({ code: 'routes/format', format: 'image' }))
  })

  test('staging and public at the same place, whatever the credentials', () => {
    const { synthesis } = synth(
      {},
      { publics: [registry('registry.gitlab.com/acme/hello', { username: 'other', password: Secret.variable('OTHER') })] },
    )
    expect(synthesis.issues).toContainEqual(expect.objectContaining({ code: 'gate/same-place' }))
  })
})

test.each(['', 'docker.io/Acme', 'https://docker.io/acme', 'docker.io/acme/'])('%j is no registry', (name) => {
  expect(() => registry(name)).toThrow(TypeError)
})
