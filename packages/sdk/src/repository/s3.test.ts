import { describe, expect, test } from 'vitest'
import { App, Condition, FileTarget, PackageTarget, PipelineKind, PublicRepo, Release, Secret, StagingRepo } from '../index.js'
import { overlapOf, placeOf, type RepositoryAddress, type S3Options, s3 } from './index.js'

const credentials = { accessKeyId: Secret.variable('S3_KEY_ID'), secretAccessKey: Secret.variable('S3_SECRET_KEY') }
const region = 'eu-central-1'
const at = (bucket: string, more: Partial<S3Options> = {}) => s3(bucket, { region, credentials, ...more })

function codesOf(staging: RepositoryAddress, stable: RepositoryAddress): readonly string[] {
  const app = new App()
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+)$/) })
  const staged = new StagingRepo(app, 'staged', { at: staging })
  const publics = [new PublicRepo(app, 'stable', { at: stable })]
  const release = new Release(app, 'acme', { routes: [{ on: tagged, staging: staged, public: publics }] })
  new FileTarget(release, 'binaries', { build: { script: ['make'] }, files: 'out/*' })
  new PackageTarget(release, 'ubuntu/jammy', { build: { script: ['make'] }, packages: ['pkg/*.deb'] })
  return app
    .synth()
    .issues.map(({ code }) => code)
    .filter((code) => !code.startsWith('isolation/'))
}

test('an address has the names of the variables, and no more than the plan needs', () => {
  expect(at('acme', { prefix: 'linux', readAt: 'https://downloads.example/linux' })).toEqual({
    type: 's3',
    origin: 'https://acme.s3.eu-central-1.amazonaws.com',
    formats: ['deb', 'rpm', 'file'],
    read: [credentials.accessKeyId, credentials.secretAccessKey],
    write: [credentials.accessKeyId, credentials.secretAccessKey],
    settings: { bucket: 'acme', region, addressing: 'host', prefix: 'linux', readAt: 'https://downloads.example/linux' },
  })
  const sessionToken = Secret.variable('S3_SESSION')
  const temporary = at('acme', { endpoint: 'https://s3.acme.example', credentials: { ...credentials, sessionToken } })
  expect(temporary).toMatchObject({ origin: 'https://s3.acme.example', settings: { addressing: 'path' } })
  expect(temporary.write.map(({ variable }) => variable)).toEqual(['S3_KEY_ID', 'S3_SECRET_KEY', 'S3_SESSION'])
})

test('keys that may only read are those of jobs that read', () => {
  const readCredentials = { accessKeyId: Secret.variable('READ_KEY_ID'), secretAccessKey: Secret.variable('READ_SECRET_KEY') }
  const { read, write } = at('acme', { readCredentials })
  expect([read, write].map((secrets) => secrets.map(({ variable }) => variable))).toEqual([
    ['READ_KEY_ID', 'READ_SECRET_KEY'],
    ['S3_KEY_ID', 'S3_SECRET_KEY'],
  ])
})

test('a role is taken with a token of the job, for each access its own', () => {
  const role = (name: string) => ({
    role: `arn:aws:iam::123456789012:role/${name}`,
    token: Secret.idToken(name.toUpperCase(), { aud: name }),
  })
  const { read, write, settings } = at('acme', { credentials: role('publish'), readCredentials: role('read') })
  expect([read, write].map((secrets) => secrets.map(({ variable }) => variable))).toEqual([['READ'], ['PUBLISH']])
  const sts = 'https://sts.eu-central-1.amazonaws.com'
  expect(settings['webIdentity']).toEqual({ read: { sts, role: role('read').role }, write: { sts, role: role('publish').role } })
  const own = at('acme', {
    endpoint: 'https://minio.example:9000',
    credentials: { token: role('publish').token },
    readCredentials: credentials,
  })
  expect(own.settings['webIdentity']).toEqual({ write: { sts: 'https://minio.example:9000' } })
})

test('a release goes from one bucket to another, or from one folder of a bucket to another', () => {
  const other = { accessKeyId: Secret.variable('STAGING_KEY_ID'), secretAccessKey: Secret.variable('STAGING_SECRET_KEY') }
  expect(codesOf(at('acme-staging', { credentials: other }), at('acme'))).toEqual([])
  expect(codesOf(at('acme', { prefix: 'staging', credentials: other }), at('acme', { prefix: 'linux' }))).toEqual([])
})

describe('two places overlap', () => {
  const server = { endpoint: 'https://s3.acme.example' }
  test.each<[string, RepositoryAddress, RepositoryAddress, 'same' | 'perhaps' | undefined]>([
    ['in one bucket', at('acme'), at('acme'), 'same'],
    ['in one bucket by another region', at('acme'), at('acme', { region: 'eu-west-1' }), 'same'],
    ['in one bucket, addressed in both ways', at('acme'), at('acme', { addressing: 'path' }), 'same'],
    ['in one bucket of another server', at('acme', { ...server, addressing: 'host' }), at('acme', server), 'same'],
    ['in a folder of the other', at('acme', { prefix: 'linux' }), at('acme', { prefix: 'linux/staging' }), 'same'],
    ['in the whole bucket of the other', at('acme'), at('acme', { prefix: 'linux' }), 'same'],
    ['not in folders side by side', at('acme', { prefix: 'linux' }), at('acme', { prefix: 'linux-staging' }), undefined],
    ['not in folders that differ in capitals', at('acme', { prefix: 'linux' }), at('acme', { prefix: 'Linux' }), undefined],
    ['not in two buckets', at('acme'), at('acme-staging'), undefined],
    ['not on two servers', at('acme'), at('acme', server), undefined],
    [
      'perhaps at a number',
      at('acme', { endpoint: 'https://127.0.0.1:9000' }),
      at('acme', { endpoint: 'https://s3.acme.example:9000' }),
      'perhaps',
    ],
  ])('%s', (_, one, other, expected) => {
    expect([overlapOf(one, other), overlapOf(other, one)]).toEqual([expected, expected])
  })
})

test('the place in words does not depend on credentials', () => {
  const other = { accessKeyId: Secret.variable('A'), secretAccessKey: Secret.variable('B') }
  const words = placeOf(at('acme', { prefix: 'linux' }))
  expect(words).toBe('s3 https://acme.s3.eu-central-1.amazonaws.com bucket="acme" prefix="linux"')
  expect(placeOf(at('acme', { prefix: 'linux', credentials: other, readAt: 'https://downloads.example' }))).toBe(words)
})

test.each<[string, Partial<S3Options>, string]>([
  ['Acme', {}, 'the name of a bucket'],
  ['acme', { region: 'Frankfurt' }, 'a region such as'],
  ['acme', { prefix: '/linux' }, 'a folder such as'],
  ['acme', { prefix: 'linux/' }, 'a folder such as'],
  ['acme', { prefix: 'a/../b' }, 'a folder such as'],
  ['acme', { endpoint: 's3.acme.example' }, 'the address of a server'],
  ['acme', { endpoint: 'https://s3.acme.example/path' }, 'the address of a server'],
  ['acme', { readAt: 'downloads.example' }, 'the address that readers use'],
  ['acme', { readAt: 'https://downloads.example/?x' }, 'the address that readers use'],
  ['acme', { addressing: 'virtual' as never }, 'addressing'],
  ['acme', { credentials: { accessKeyId: 'AKIDSECRET' } as never }, 'a Secret'],
  ['acme', { credentials: { accessKeyId: credentials.accessKeyId } as never }, 'secretAccessKey'],
  ['acme', { bucket: 'x' } as never, 'no option bucket'],
  ['acme', { credentials: { role: 'arn:aws:iam::1:role/x', token: 'AKIDSECRET' } as never }, 'a Secret'],
  ['acme', { credentials: { role: 'arn:aws:iam::1:role/x', token: Secret.variable('T') } }, 'a token of the job, such as Secret.idToken'],
  ['acme', { credentials: { token: Secret.idToken('T', { aud: 'a' }) } }, 'a role with the token'],
  ['acme', { credentials: { role: 'publish', token: Secret.idToken('T', { aud: 'a' }) } }, 'a role such as'],
  ['acme', { credentials: { role: 'arn:aws:iam::1:role/x', token: Secret.idToken('T', { aud: 'a' }), sts: 'sts' } }, 'in sts'],
  ['acme', { credentials: {} as never }, 'an object with accessKeyId or token'],
])('s3(%j, %j) is refused', (bucket, more, words) => {
  expect(() => at(bucket, more)).toThrow(words)
  expect(() => at(bucket, more)).not.toThrow('AKIDSECRET')
})
