import { describe, expect, test } from 'vitest'
import { Secret } from '../index.js'
import {
  aptRepository,
  directory,
  type FilesOptions,
  files,
  type HttpFilesOptions,
  httpFiles,
  isOnePlace,
  overlapOf,
  placeOf,
  registry,
  s3,
} from './index.js'

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
  [{ on: registry('registry.example/acme') }, 'Expected a store, s3(…), gcs(…), directory(…) or httpFiles(…), in on'],
  [{ on: files({ on: bucket }) }, 'Expected a store'],
  [{ on: aptRepository({ on: bucket, signWith }) }, 'Expected a store'],
  [{ on: 'acme' as never }, 'Expected a store'],
  [{ path: 'releases/{version}' }, "put the version into the path of a FileTarget, path: 'acme/{version}'"],
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

  test('overlap if one contains the other', () => {
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

describe('a web server', () => {
  const writer = { username: 'acme', password: Secret.variable('FILES_PASSWORD') }
  const at = (address = 'https://files.acme.example/releases', more: Partial<HttpFilesOptions> = {}) =>
    httpFiles(address, { credentials: writer, ...more })

  test('has an address with a folder, and an account', () => {
    expect(at()).toEqual({
      type: 'http-files',
      origin: 'https://files.acme.example',
      formats: ['deb', 'rpm', 'file'],
      read: [writer.password],
      write: [writer.password],
      settings: { path: '/releases', account: 'basic', username: 'acme' },
    })
    const credentials = { token: Secret.variable('WRITES') }
    const readCredentials = { token: Secret.variable('READS') }
    expect(at('https://files.acme.example', { credentials, readCredentials, overwrites: 'checked' })).toMatchObject({
      read: [readCredentials.token],
      write: [credentials.token],
      settings: { account: 'bearer', overwrites: 'checked' },
    })
  })

  test('holds files in folders, and no index', () => {
    expect(files({ on: at(), path: 'acme' })).toMatchObject({ type: 'files', settings: { on: { type: 'http-files' }, path: 'acme' } })
    expect(() => aptRepository({ on: at(), signWith })).toThrow('A web server has none')
  })

  test('overlaps with its own folders, and with no other server', () => {
    expect(isOnePlace(files({ on: at(), path: 'acme' }), at('https://files.acme.example/releases/acme'))).toBe(true)
    expect(overlapOf(at(), at('https://files.acme.example/releases/acme'))).toBe('same')
    expect(overlapOf(at(), at('https://files.acme.example/nightly'))).toBeUndefined()
    expect(overlapOf(at(), at('https://other.example/releases'))).toBeUndefined()
  })

  test.each<[string, Partial<HttpFilesOptions>, string]>([
    ['files.acme.example', {}, 'Expected an address such as https://files.acme.example/releases'],
    ['https://acme:secret@files.acme.example', {}, 'Expected an address'],
    ['https://files.acme.example/a?b=c', {}, 'Expected an address'],
    ['https://files.acme.example', { readAt: 'x' }, 'in readAt'],
    ['https://files.acme.example', { credentials: {} }, 'Expected username and password, or token'],
    ['https://files.acme.example', { credentials: { username: 'acme' } }, 'Expected username and password, or token'],
    ['https://files.acme.example', { credentials: { ...writer, token: Secret.variable('T') } }, 'Expected username and password, or token'],
    ['https://files.acme.example', { readCredentials: { token: Secret.variable('T') } }, 'the same form'],
    ['https://files.acme.example', { overwrites: 'always' as 'checked' }, 'checked'],
  ])('%s with %o is refused', (address, more, words) => {
    expect(() => at(address, more)).toThrow(words)
  })
})
