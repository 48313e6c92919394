import { expect, test } from 'vitest'
import { App } from '../app.js'
import { Condition } from '../condition/index.js'
import { Job } from '../job/job.js'
import { PipelineKind } from '../kind.js'
import { sentenceOf } from '../report/issue.js'
import { directory, gitlabRegistry, type RepositoryAddress, registry } from '../repository/index.js'
import { Secret } from '../secret.js'
import { here, pinned } from '../testing/small-release.js'
import { ContainerImage, type ContainerImageProps } from './image.js'
import { Release } from './release.js'
import { PublicRepo, StagingRepo } from './repositories.js'
import { PackageTarget, type PackageTargetProps } from './target.js'

const build = { script: ['make'] }
const hub = (path: string) => registry(path, { username: 'acme', password: Secret.variable('HUB_PASSWORD') })

function world(staging: RepositoryAddress, ...publics: readonly RepositoryAddress[]) {
  const app = new App(pinned)
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/) })
  const candidate = new PipelineKind(app, 'rc', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+-rc\d+)$/) })
  const at = new StagingRepo(app, 'in', { at: staging })
  const [first, ...others] = publics.map((one, index) => new PublicRepo(app, `out ${index}`, { at: one }))
  if (first === undefined) throw new Error('Expected a public repository')
  const releaseTo = (id: string, on: PipelineKind, to: readonly PublicRepo[]) =>
    new Release(app, id, { routes: [{ on, staging: at, public: to }] })
  return { app, tagged, candidate, first, others, releaseTo }
}

const imagesTo = (...paths: readonly string[]) => world(gitlabRegistry('registry.gitlab.com/acme/hello'), ...paths.map(hub))
const told = (app: App) => app.synth().issues.map((issue) => `${issue.code} ${issue.path}: ${sentenceOf(issue)}`)

test('an empty prefix or suffix counts as none, so a table of flavours can have a line for the plain image', () => {
  const planOf = (suffix: object) => {
    const { app, releaseTo, tagged, first } = imagesTo('docker.io/acme')
    const tags = [{ version: suffix }, { moving: 'latest', ...suffix }]
    new ContainerImage(releaseTo('acme', tagged, [first]), 'plain', { name: 'runner', build, tags })
    expect(told(app)).toEqual([])
    const { plan, document } = app.synth()
    return { plan, jobs: document.jobs }
  }
  expect(planOf({ prefix: '', suffix: '' })).toEqual(planOf({}))
})

test('flavours are targets of one image name, which the plan and the builds tell apart', () => {
  const { app, releaseTo, tagged, first } = imagesTo('docker.io/acme')
  const release = releaseTo('acme', tagged, [first])
  new ContainerImage(release, 'plain', { name: 'runner', build, tags: ['version', { moving: 'latest' }] })
  new ContainerImage(release, 'alpine', {
    name: 'runner',
    build,
    tags: [
      { version: { prefix: 'alpine-v', suffix: '-fips' } },
      { moving: 'latest', prefix: 'alpine-' },
      { moving: 'major', suffix: '-fips' },
    ],
  })
  expect(told(app)).toEqual([])
  const { plan, document } = app.synth()
  expect(plan.releases[0]?.targets.map(({ what }) => what)).toMatchObject([
    {
      image: 'runner',
      tags: [
        { name: 'version', kinds: ['release'] },
        { name: 'latest', kinds: ['release'] },
      ],
      flavours: [{ prefix: 'alpine-v', suffix: '-fips' }],
    },
    {
      image: 'runner',
      tags: [
        { name: 'version', kinds: ['release'], prefix: 'alpine-v', suffix: '-fips' },
        { name: 'latest', kinds: ['release'], prefix: 'alpine-' },
        { name: 'major', kinds: ['release'], suffix: '-fips' },
      ],
      flavours: [{}],
    },
  ])
  const reference = 'registry.gitlab.com/acme/hello/runner:'
  expect(JSON.stringify(document.jobs['build: [plain]'])).toContain(`${reference}$CI_COMMIT_SHORT_SHA-$CI_PIPELINE_ID"`)
  expect(JSON.stringify(document.jobs['build: [alpine]'])).toContain(`${reference}alpine-v$CI_COMMIT_SHORT_SHA-$CI_PIPELINE_ID-fips"`)
})

test.each<[tags: readonly unknown[], sentence: RegExp | undefined]>([
  [[{ version: { prefix: 'v' } }], undefined],
  [[{ version: {} }], undefined],
  [[{ version: { suffix: '-21-jdk' } }, { moving: 'minor', suffix: '-21-jdk' }], undefined],
  [[{ version: { prefix: 'alpine3.19-' } }], undefined],
  [[{ version: { prefix: 'alpine3' } }], /has the tag "alpine3VERSION"/],
  [[{ version: { prefix: 'alpine3.' } }], /has the tag/],
  [[{ version: { prefix: '-v' } }], /has the tag/],
  [[{ version: { suffix: '.1' } }], /has the tag/],
  [[{ version: { suffix: '1' } }], /has the tag/],
  [[{ version: { suffix: '+fips' } }], /has the tag/],
  [[{ version: { suffix: `-${'x'.repeat(40)}` } }], /has the tag/],
  [[{ version: { prefix: '.' } }], /has the tag/],
  [[{ moving: 'latest', prefix: 'al pine-' }], /has the moving tag "al pine-latest"/],
  [[{ moving: '7', suffix: '-fips' }], /has the moving tag "7-fips"/],
  [['version', { version: { prefix: 'v' } }], /has a second tag for its version, "vVERSION"/],
])('tags %j', (tags, sentence) => {
  const { app, releaseTo, tagged, first } = imagesTo('docker.io/acme')
  new ContainerImage(releaseTo('acme', tagged, [first]), 'hello', { build, tags: tags as never })
  expect(told(app)).toEqual(sentence === undefined ? [] : [expect.stringMatching(sentence)])
})

test.each<[tag: unknown, message: string]>([
  [{ version: 'v' }, 'Expected an object in tags[0].version, got "v"'],
  [{ version: { prefix: undefined } }, 'Expected a string in tags[0].version.prefix, got undefined'],
  [{ prefix: 'v' }, 'Expected an object with version or moving in tags[0], got an object'],
])('a tag %j is refused', (tag, message) => {
  const { releaseTo, tagged, first } = imagesTo('docker.io/acme')
  expect(() => new ContainerImage(releaseTo('acme', tagged, [first]), 'hello', { build, tags: [tag as never] })).toThrow(message)
})

type Tags = Pick<ContainerImageProps, 'tags'>
const runner = { name: 'runner', build }

test.each<[one: Tags, other: Tags, collides: string | undefined]>([
  [{}, {}, 'the tag VERSION of runner in out 0'],
  [{}, { tags: [{ moving: 'latest' }] }, 'the tag VERSION of runner in out 0'],
  [{ tags: [{ version: { suffix: '-a' } }] }, { tags: [{ version: { suffix: '-a' } }] }, 'the tag VERSION-a of runner in out 0'],
  [
    { tags: [{ version: { suffix: '-a' } }, { moving: 'latest' }] },
    { tags: [{ version: { suffix: '-b' } }, { moving: 'latest' }] },
    'the tag latest of runner in out 0',
  ],
  [{}, { tags: [{ version: { suffix: '-b' } }, { moving: 'latest', suffix: '-b' }] }, undefined],
])('two images of one name: %j and %j', (one, other, collides) => {
  const { app, releaseTo, tagged, first } = imagesTo('docker.io/acme')
  const release = releaseTo('acme', tagged, [first])
  new ContainerImage(release, 'one', { ...runner, ...one })
  const line = here(-1)
  new ContainerImage(release, 'other', { ...runner, ...other })
  const file = `image-tags.test.ts:${line}`
  const sentence = `routes/collision acme/other: in the kind release, other and one (${file}) both have ${collides}`
  expect(told(app)).toEqual(collides === undefined ? [] : [sentence])
  expect(app.synth().issues.map(({ source }) => source?.line)).toEqual(collides === undefined ? [] : [line + 2])
})

test('two images of one name collide across releases and addresses of one place, and not across kinds, names or registries', () => {
  const { app, releaseTo, tagged, candidate, first, others } = imagesTo('docker.io/acme', 'index.docker.io', 'quay.io/acme')
  const [whole, quay] = others
  if (whole === undefined || quay === undefined) throw new Error('Expected three registries')
  new ContainerImage(releaseTo('a', tagged, [first]), 'a', { build, name: 'x' })
  new ContainerImage(releaseTo('b', tagged, [whole]), 'b', { build, name: 'acme/x' })
  expect(told(app)).toEqual([expect.stringContaining('b and a (image-tags.test.ts:')])
  new ContainerImage(releaseTo('c', candidate, [first]), 'c', { build, name: 'x' })
  new ContainerImage(releaseTo('d', tagged, [quay]), 'd', { build, name: 'y' })
  expect(told(app)).toHaveLength(1)
})

test('two images that staging alone would mix up collide', () => {
  const { app, releaseTo, tagged, first, others } = imagesTo('docker.io/acme', 'quay.io/acme')
  new ContainerImage(releaseTo('a', tagged, [first]), 'a', runner)
  new ContainerImage(releaseTo('b', tagged, others), 'b', runner)
  expect(told(app)).toEqual([expect.stringContaining('both have the tag VERSION of runner in in')])
})

type Packages = Partial<PackageTargetProps>
const job = (app: App) => new Job(app, 'package', { script: ['make'], artifacts: { paths: ['dist/'] } })

test.each<[name: string, one: (app: App, shared: Job) => Packages, other: (app: App, shared: Job) => Packages, collides: boolean]>([
  ['one glob of one job', (_, build) => ({ build }), (_, build) => ({ build }), true],
  ['one glob, in two spellings', (_, build) => ({ build }), (_, build) => ({ build, packages: './dist/*.deb' }), true],
  ['one glob of two builds', () => ({}), () => ({}), false],
  ['one file name of two builds', () => ({ packages: 'a/x_1_all.deb' }), () => ({ packages: ['y', 'b/x_1_all.deb'] }), true],
  ['a file name with a variable', () => ({ packages: 'x_$V_all.deb' }), () => ({ packages: 'x_$V_all.deb' }), false],
  ['other distributions', (_, build) => ({ build }), (_, build) => ({ build, distribution: 'ubuntu/jammy' }), false],
  [
    'a distribution of also',
    (_, build) => ({ build, also: ['ubuntu/jammy'] }),
    (_, build) => ({ build, distribution: 'ubuntu/jammy' }),
    true,
  ],
])('two targets of packages with %s', (_name, one, other, collides) => {
  const { app, releaseTo, tagged, first } = world(directory('/srv/in'), directory('/srv/out'))
  const release = releaseTo('acme', tagged, [first])
  const shared = job(app)
  const base = { build, packages: 'dist/*.deb', distribution: 'ubuntu/noble' } as const
  new PackageTarget(release, 'one', { ...base, ...one(app, shared) })
  new PackageTarget(release, 'other', { ...base, ...other(app, shared) })
  expect(told(app)).toEqual(collides ? [expect.stringMatching(/other and one \(.*\) both have .* for ubuntu\/(noble|jammy) in out 0/)] : [])
})
