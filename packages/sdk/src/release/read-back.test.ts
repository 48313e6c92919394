import { expect, test } from 'vitest'
import {
  App,
  type AptRepositoryOptions,
  aptRepository,
  Condition,
  ContainerImage,
  Duration,
  FileTarget,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  Release,
  registry,
  Secret,
  StagingRepo,
  s3,
  type TargetProps,
  yumRepository,
} from '../index.js'
import { pinned } from '../testing/small-release.js'

const keys = (name: string) => ({ accessKeyId: Secret.variable(`${name}_KEY_ID`), secretAccessKey: Secret.variable(`${name}_SECRET_KEY`) })
const bucket = (name: string) => s3(`acme-${name}`, { region: 'eu-central-1', prefix: 'linux', credentials: keys(name.toUpperCase()) })
const red = 'registry.access.redhat.com/ubi9/nodejs-22@sha256:00'

const sorts = {
  deb: (release: Release, props: TargetProps) => new PackageTarget(release, 'debian/bookworm', { ...props, packages: 'dist/*.deb' }),
  rpm: (release: Release, props: TargetProps) => new PackageTarget(release, 'el/9', { ...props, packages: 'dist/*.rpm' }),
  files: (release: Release, props: TargetProps) => new FileTarget(release, 'files', { ...props, files: 'dist/*' }),
  image: (release: Release, props: TargetProps) => new ContainerImage(release, 'acme', { ...props, layout: 'oci' }),
}
type Place = 'apt' | 'yum' | 'bucket' | 'registry' | 'apt with keys'

/** A release of one target, which is public in some places. */
function released(sort: keyof typeof sorts, verify: TargetProps['verify'], places: readonly Place[], cli: object = {}) {
  const app = new App({ ...pinned, cli: { ...pinned.cli, ...cli } })
  const on = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/) })
  const apt: AptRepositoryOptions = { on: bucket('packages'), path: 'debian', signWith: Secret.file('KEY') }
  const readers = { ...bucket('packages'), read: [Secret.variable('READ_KEY_ID'), Secret.variable('READ_SECRET_KEY')] }
  const hub = (name: string) =>
    registry(`registry.example/${name}`, { username: 'acme', password: Secret.variable(`${name.toUpperCase()}_PASSWORD`) })
  const at = {
    apt: () => aptRepository(apt),
    'apt with keys': () => aptRepository({ ...apt, on: readers }),
    yum: () => yumRepository({ on: bucket('packages'), path: 'rpm', signWith: Secret.file('KEY') }),
    bucket: () => bucket('downloads'),
    registry: () => hub('public'),
  }
  const staging = new StagingRepo(app, 'staging', { at: sort === 'image' ? hub('staging') : bucket('staging') })
  const repos = places.map((place) => new PublicRepo(app, place.replaceAll(' ', '-'), { at: at[place]() }))
  const release = new Release(app, 'acme', { routes: [{ on, staging, public: repos }], hold: Duration.days(14) })
  sorts[sort](release, { build: { script: ['make'] }, verify })
  return app
}

function said(app: App): readonly string[] {
  return app.synth().issues.flatMap((issue) => (issue.code === 'target/verify' ? [[issue.is, issue.kind ?? ''].join(' ').trim()] : []))
}
const noImage = { image: undefined, sha256: undefined }

test.each<[sort: keyof typeof sorts, verify: TargetProps['verify'], places: readonly Place[], cli?: object]>([
  ['deb', undefined, ['bucket']],
  ['deb', 'http', ['apt']],
  ['deb', 'apt', ['apt']],
  ['deb', 'apt', ['apt', 'bucket']],
  ['deb', { by: 'apt', image: 'node:24' }, ['apt']],
  ['deb', 'apt', ['apt'], noImage],
  ['rpm', 'dnf', ['yum']],
  ['rpm', { by: 'dnf', image: red }, ['yum'], noImage],
  ['files', 'http', ['bucket']],
  ['image', 'oci', ['registry']],
  ['image', undefined, ['registry']],
])('%s by %j from %j is right', (...given) => {
  expect(said(released(...given))).toEqual([])
})

test.each<[sort: keyof typeof sorts, verify: TargetProps['verify'], places: readonly Place[], expected: string, cli?: object]>([
  ['deb', 'oci', ['apt'], 'format'],
  ['files', 'apt', ['bucket'], 'format'],
  ['files', 'oci', ['bucket'], 'format'],
  ['image', 'http', ['registry'], 'format'],
  ['image', { by: 'dnf', image: red }, ['registry'], 'format'],
  ['deb', 'apt', ['bucket'], 'repositories release'],
  ['rpm', { by: 'dnf', image: red }, ['bucket'], 'repositories release'],
  ['deb', 'apt', ['apt with keys'], 'keys release'],
  ['rpm', 'dnf', ['yum'], 'image', noImage],
])('%s by %j from %j is refused: %s', (sort, verify, places, expected, cli) => {
  expect(said(released(sort, verify, places, cli))).toEqual([expected])
})

test.each<[verify: unknown, expected: string]>([
  ['yum', 'Expected one of http, apt, dnf, oci, in verify, got "yum"'],
  [{ by: 'dnf' }, 'Expected a string in verify.image, got undefined'],
  [{ by: 'http', image: 'node' }, 'Expected one of apt, dnf, in verify.by, got "http"'],
])('%j is no way of reading', (verify, expected) => {
  expect(() => released('deb', verify as never, ['apt'])).toThrow(expected)
})

test('only the verify job gets the image, and it gets no credential', () => {
  const { files } = released('rpm', { by: 'dnf', image: { name: red, entrypoint: [''] } }, ['yum']).synth()
  const text = (name: string) => files.find(({ path }) => path === name)?.text ?? ''
  const yaml = text('.gitlab-ci.yml')
  const jobs = yaml.split(/\n\n(?=\S)/).filter((job) => job.includes(red))
  expect(jobs.map((job) => job.split('\n')[1])).toEqual(['"verify: [el/9]":'])
  expect(jobs[0]).toContain(`  image:\n    name: ${red}\n    entrypoint: [""]`)
  expect(jobs[0]).not.toContain('environment')
  expect(JSON.parse(text('release-plan.json')).releases[0].targets[0].verify).toBe('dnf')
})
