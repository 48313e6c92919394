import { describe, expect, test } from 'vitest'
import { Secret } from '../index.js'
import { aptRepository, directory, type FilesOptions, files, isOnePlace, overlapOf, placeOf, registry, s3 } from './index.js'

const credentials = { accessKeyId: Secret.variable('S3_KEY_ID'), secretAccessKey: Secret.variable('S3_SECRET_KEY') }
const bucket = s3('acme-packages', { region: 'eu-central-1', prefix: 'linux', credentials })
const signWith = Secret.file('APT_KEY')
/** A store of somebody else's. */
const swift = {
  type: 'swift',
  module: './swift.mjs',
  origin: 'https://swift.example',
  formats: [],
  read: [],
  write: [Secret.variable('SWIFT_TOKEN')],
  settings: { container: 'packages' },
} as const

test('an address has its store, and the store’s credentials', () => {
  expect(files({ on: bucket, path: 'releases' })).toEqual({
    type: 'files',
    origin: 'https://acme-packages.s3.eu-central-1.amazonaws.com',
    formats: ['deb', 'rpm', 'file'],
    read: [credentials.accessKeyId, credentials.secretAccessKey],
    write: [credentials.accessKeyId, credentials.secretAccessKey],
    settings: {
      on: { type: 's3', bucket: 'acme-packages', region: 'eu-central-1', addressing: 'host', prefix: 'linux' },
      path: 'releases',
    },
  })
})

test('a module brings the store of somebody else’s, for files and for an index', () => {
  expect(files({ on: swift })).toMatchObject({
    type: 'files',
    module: './swift.mjs',
    origin: 'https://swift.example',
    formats: ['deb', 'rpm', 'file'],
    settings: { on: { type: 'swift', container: 'packages' } },
  })
  expect(aptRepository({ on: swift, signWith })).toMatchObject({
    type: 'apt',
    module: './swift.mjs',
    settings: { on: { type: 'swift', container: 'packages' }, signWith: ['APT_KEY'] },
  })
})

test.each<[Partial<FilesOptions>, string]>([
  [{ on: registry('registry.example/acme') }, 'Expected a store, s3(…) or directory(…), in on'],
  [{ on: files({ on: bucket }) }, 'Expected a store'],
  [{ on: aptRepository({ on: bucket, signWith }) }, 'Expected a store'],
  [{ on: 'acme' as never }, 'Expected a store'],
  [{ path: 'releases/{version}' }, "the version stands in the path of a FileTarget, path: 'acme/{version}'"],
  [{ path: '/releases' }, 'without slashes at its ends'],
  [{ path: '' }, 'Expected a folder such as releases'],
  [{ pth: 'releases' } as never, 'pth'],
])('%o is refused', (wrong, words) => {
  expect(() => files({ on: bucket, path: 'releases', ...wrong })).toThrow(words)
})

describe('two addresses', () => {
  const releases = files({ on: bucket, path: 'releases' })
  test('are one place where both lead to one folder of a store', () => {
    const same = s3('acme-packages', { region: 'eu-central-1', prefix: 'linux/releases', credentials })
    expect(isOnePlace(releases, same)).toBe(true)
    expect(isOnePlace(files({ on: directory('/srv/packages'), path: 'releases' }), directory('/srv/packages/releases'))).toBe(true)
    expect(isOnePlace(releases, files({ on: bucket, path: 'nightly' }))).toBe(false)
    expect(isOnePlace(releases, aptRepository({ on: bucket, path: 'releases', signWith }))).toBe(false)
  })

  test('overlap where one lies in the other', () => {
    expect(overlapOf(releases, bucket)).toBe('same')
    expect(overlapOf(releases, files({ on: bucket, path: 'nightly' }))).toBeUndefined()
    expect(overlapOf(releases, aptRepository({ on: bucket, path: 'debian', signWith }))).toBeUndefined()
  })

  test('have the words of their places, without credentials', () => {
    expect(placeOf(releases)).toBe(
      'files https://acme-packages.s3.eu-central-1.amazonaws.com on={"addressing":"host","bucket":"acme-packages","prefix":"linux","region":"eu-central-1","type":"s3"} path="releases"',
    )
  })
})
