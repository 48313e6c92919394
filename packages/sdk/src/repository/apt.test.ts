import { expect, test } from 'vitest'
import { App, Condition, PackageTarget, PipelineKind, PublicRepo, Release, Secret, StagingRepo } from '../index.js'
import { type AptRepositoryOptions, aptRepository, directory, overlapOf, placeOf, type RepositoryAddress, registry, s3 } from './index.js'

const credentials = { accessKeyId: Secret.variable('S3_KEY_ID'), secretAccessKey: Secret.variable('S3_SECRET_KEY') }
const bucket = s3('acme-packages', { region: 'eu-central-1', prefix: 'linux', credentials })
const signWith = Secret.file('APT_KEY')
const at = (more: Partial<AptRepositoryOptions> = {}) => aptRepository({ on: bucket, path: 'debian', signWith, ...more })

test('an address has its store, and the names of the variables with the keys', () => {
  expect(at({ suite: 'stable', origin: 'Acme', passphrase: Secret.variable('APT_PASSPHRASE') })).toEqual({
    type: 'apt',
    origin: 'https://acme-packages.s3.eu-central-1.amazonaws.com',
    formats: ['deb'],
    read: [credentials.accessKeyId, credentials.secretAccessKey],
    write: [credentials.accessKeyId, credentials.secretAccessKey, signWith, Secret.variable('APT_PASSPHRASE')],
    settings: {
      on: { type: 's3', bucket: 'acme-packages', region: 'eu-central-1', addressing: 'host', prefix: 'linux' },
      path: 'debian',
      suite: 'stable',
      origin: 'Acme',
      signWith: ['APT_KEY'],
      passphrase: 'APT_PASSPHRASE',
    },
  })
  expect(aptRepository({ on: directory('packages'), signWith })).toEqual({
    type: 'apt',
    origin: '',
    formats: ['deb'],
    read: [],
    write: [signWith],
    settings: { on: { type: 'directory', path: 'packages' }, signWith: ['APT_KEY'] },
  })
})

test('two keys sign while clients change over', () => {
  expect(at({ signWith: [Secret.file('OLD_KEY'), Secret.file('NEW_KEY')] }).settings['signWith']).toEqual(['OLD_KEY', 'NEW_KEY'])
})

test.each<[Partial<AptRepositoryOptions>, string]>([
  [{ on: registry('registry.example/acme', { username: 'a', password: Secret.variable('P') }) }, 's3(…), gcs(…) or directory(…)'],
  [{ on: at() }, 's3(…), gcs(…) or directory(…)'],
  [{ on: 'packages' as never }, 's3(…), gcs(…) or directory(…)'],
  [{ path: '/debian' }, 'a folder such as debian'],
  [{ path: 'a/../b' }, 'a folder such as debian'],
  [{ signWith: [] }, 'one key in signWith'],
  [{ signWith: [1, 2, 3].map((number) => Secret.file(`KEY_${number}`)) }, 'one key in signWith'],
  [{ signWith: 'secret' as never }, 'a Secret'],
  [{ signWith: [Secret.file('A'), Secret.file('A')] }, 'A is used for two'],
  [{ signWith: Secret.variable('S3_KEY_ID') }, 'S3_KEY_ID is used for two'],
  [{ passphrase: Secret.file('P') }, 'a Secret whose variable holds the value'],
  [{ certificates: '-----BEGIN PGP PRIVATE KEY BLOCK-----' }, 'the text of certificates'],
  [{ certificates: 'release-key.asc' }, 'the text of certificates'],
  [{ suite: 'my suite' }, 'the name of a suite'],
  [{ suite: { jammy: 'jammy' } }, 'distributions such as ubuntu/jammy'],
  [{ suite: { 'ubuntu/jammy': '../jammy' } }, 'the name of a suite'],
  [{ component: 'a/b' }, 'a component such as main'],
  [{ architectures: ['AMD64!'] }, 'an architecture'],
  [{ origin: 'Acme\nSuite: other' }, 'one line of text'],
  [{ label: '' }, 'one line of text'],
  [{ pool: 'hashes' as never }, 'names'],
  [{ codename: 'x' } as never, 'no option codename'],
])('aptRepository(%j) is refused', (more, words) => {
  expect(() => at(more)).toThrow(words)
})

test.each<[RepositoryAddress, RepositoryAddress, string | undefined]>([
  [at(), at({ suite: 'other' }), 'same'],
  [at(), bucket, 'same'],
  [at(), s3('acme-packages', { region: 'eu-central-1', prefix: 'linux/debian/dists', credentials }), 'same'],
  [at(), s3('acme-packages', { region: 'eu-central-1', prefix: 'other', credentials }), undefined],
  [at(), at({ path: 'ubuntu' }), undefined],
  [aptRepository({ on: directory('public'), path: 'debian', signWith }), directory('public/debian'), 'same'],
  [aptRepository({ on: directory('public'), path: 'debian', signWith }), directory('public/other'), undefined],
])('what one shows and the other does: %#', (one, other, expected) => {
  expect([overlapOf(one, other), overlapOf(other, one)]).toEqual([expected, expected])
})

test('a place in words is where it is', () => {
  expect(placeOf(at())).toMatch(/^apt https:\/\/acme-packages\.s3\.eu-central-1\.amazonaws\.com on=.*"prefix":"linux".* path="debian"$/)
})

/** The issues of a release of packages. */
function issuesOf(stable: RepositoryAddress, staging: RepositoryAddress, packages = 'pkg/*.deb') {
  const app = new App()
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+)$/) })
  const staged = new StagingRepo(app, 'staged', { at: staging })
  const release = new Release(app, 'acme', {
    routes: [{ on: tagged, staging: staged, public: [new PublicRepo(app, 'stable', { at: stable })] }],
  })
  new PackageTarget(release, 'ubuntu/jammy', { build: { script: ['make'] }, packages: [packages] })
  return app
    .synth()
    .issues.filter(({ severity }) => severity === 'error')
    .map(({ code }) => code)
}

test('a release to it needs nothing more; one that is staged where it shows, or has other packages, is an error', () => {
  const staging = s3('acme-staging', {
    region: 'eu-central-1',
    credentials: { accessKeyId: Secret.variable('A'), secretAccessKey: Secret.variable('B') },
  })
  expect(issuesOf(at(), staging)).toEqual([])
  expect(issuesOf(at(), bucket)).toContain('gate/same-place')
})
