import { sha256 } from '@stagegate/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../../testing/authority.js'
import { startFileServer } from '../../testing/file-server/start.js'
import { bytesOf, itemOf, sampleBytes, soon } from '../../testing/fixtures.js'
import { type S3Options, startS3 } from '../../testing/s3/index.js'
import { sendable } from '../../testing/s3-world.js'
import { s3 as place } from '../buckets.js'
import { createEnvironment } from '../environment.js'
import { s3 } from './index.js'

const region = 'eu-central-1'
const credentials = { accessKeyId: { value: 'AKIDWRITES' }, secretAccessKey: { value: 'writes' } }
const at = { format: 'file', path: 'acme/1.2.3/acme.tar.gz' } as const
const data = sampleBytes(3000)
const item = itemOf(data, at)

async function started(options: S3Options = {}) {
  const server = await startS3({ tls, ...options })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  return server
}

test('packages and files have names that people can read', async () => {
  const server = await started()
  const bucket = place('packages', { region, endpoint: server.url, credentials, prefix: 'linux' })
  const deb = {
    format: 'deb',
    distribution: 'ubuntu/jammy',
    architecture: 'amd64',
    name: 'a',
    version: '1',
    file: 'a_1_amd64.deb',
  } as const
  expect(await bucket.create(item, sendable(data), soon())).toEqual({ outcome: 'accepted', location: at.path })
  await bucket.create({ ...item, coordinates: deb }, sendable(data), soon())
  expect([...server.objects().keys()]).toEqual(['linux/.stagegate/probe', `linux/${at.path}`, 'linux/ubuntu/jammy/a_1_amd64.deb'])
})

test.each([
  [{ format: 'file', path: '.stagegate/probe' }, 'store/path'],
  [{ format: 'file', path: '.stagegate' }, 'store/path'],
  [{ format: 'blob', image: 'a', mediaType: 'application/octet-stream', digest: sha256('a'.repeat(64)) }, 'repository/unsupported'],
] as const)('%j has no place in a bucket, and nothing is asked', async (coordinates, code) => {
  const server = await started()
  const bucket = place('packages', { region, endpoint: server.url, credentials })
  await expect(bucket.observe(coordinates, soon())).rejects.toMatchObject({ code, final: true })
  await expect(bucket.create({ ...item, coordinates }, sendable(data), soon())).rejects.toMatchObject({ code, final: true })
  expect(server.requests).toEqual([])
})

describe('readers', () => {
  test('are asked without keys, at the bucket itself', async () => {
    const server = await started({ publicPrefixes: ['linux/'] })
    const bucket = place('packages', { region, endpoint: server.url, credentials, prefix: 'linux' })
    expect(await bucket.served?.(at, soon())).toBeUndefined()
    await bucket.create(item, sendable(data), soon())
    const before = server.requests.length
    const stream = await bucket.served?.(at, soon())
    expect(stream && (await bytesOf(stream))).toEqual(data)
    expect(server.requests.slice(before).map(({ headers }) => headers['authorization'])).toEqual([undefined])
  })

  test('of a bucket that shows nothing to anybody get nothing', async () => {
    const server = await started()
    const bucket = place('packages', { region, endpoint: server.url, credentials })
    await bucket.create(item, sendable(data), soon())
    expect(await bucket.served?.(at, soon())).toBeUndefined()
  })

  test('are asked at the address that they use, which never sees a key', async () => {
    const [server, cdn] = [await started(), await startFileServer({ tls })]
    onTestFinished(() => cdn.close())
    const readAt = `${cdn.url}/linux/`
    const bucket = place('packages', { region, endpoint: server.url, credentials, prefix: 'stable', readAt })
    await bucket.create(item, sendable(data), soon())
    expect(await bucket.served?.(at, soon())).toBeUndefined()
    cdn.files.set(`/linux/${at.path}`, data)
    const stream = await bucket.served?.(at, soon())
    expect(stream && (await bytesOf(stream))).toEqual(data)
    expect(cdn.requests.filter(({ headers }) => headers['authorization'] !== undefined)).toEqual([])
    cdn.faults.add({ do: { answer: 502 } })
    await expect(bucket.served?.(at, soon())).rejects.toMatchObject({ code: 'repository/unexpected-answer' })
  })

  test('with keys of their own use them', async () => {
    const server = await started({
      accounts: { AKIDWRITES: { secretAccessKey: 'writes' }, AKIDREADS: { secretAccessKey: 'reads', may: 'read' } },
    })
    await place('packages', { region, endpoint: server.url, credentials }).create(item, sendable(data), soon())
    const environment = createEnvironment({ variables: { ID: 'AKIDREADS', SECRET: 'reads' } })
    const settings = s3.parse({ bucket: 'packages', region })
    const users = s3.open({ settings, role: 'public', origin: server.url, access: 'users', credentials: ['ID', 'SECRET'] }, environment)
    const stream = await users.served?.(at, soon())
    expect(stream && (await bytesOf(stream))).toEqual(data)
    expect(await users.served?.({ ...at, path: 'other' }, soon())).toBeUndefined()
  })
})

describe('for staging', () => {
  const staging = (endpoint: string) => place('packages', { region, endpoint, credentials, prefix: 'linux', role: 'staging' })

  test('a bucket that anybody can read takes nothing but the object by which that is seen', async () => {
    const server = await started({ publicPrefixes: ['linux/'] })
    for (let turn = 0; turn < 2; turn++)
      await expect(staging(server.url).create(item, sendable(data), soon())).rejects.toMatchObject({ code: 'repository/not-private' })
    expect([...server.objects().keys()]).toEqual(['linux/.stagegate/probe'])
  })

  test('a private one is looked at once, and takes everything', async () => {
    const server = await started({ publicPrefixes: ['stable/'] })
    const bucket = staging(server.url)
    for (const path of ['a', 'b', 'c'])
      expect(await bucket.create({ ...item, coordinates: { ...at, path } }, sendable(data), soon())).toMatchObject({ outcome: 'accepted' })
    expect(server.requests.filter(({ headers }) => headers['authorization'] === undefined)).toHaveLength(1)
  })

  test.each([404, 500, 302])('one of which a visitor is told %i is not known to be private, and takes nothing', async (answer) => {
    const server = await started()
    server.faults.add({ on: { method: 'GET', path: /probe$/ }, do: { answer } })
    const bucket = staging(server.url)
    await expect(bucket.create(item, sendable(data), soon())).rejects.toMatchObject({ code: 'repository/unexpected-answer' })
    expect(server.objects().has(`linux/${at.path}`)).toBe(false)
    expect(await bucket.create(item, sendable(data), soon())).toMatchObject({ outcome: 'accepted' })
  })

  test('an address for all readers is refused', () => {
    const readAt = 'https://downloads.example'
    expect(() => place('packages', { region, credentials, role: 'staging', readAt })).toThrow('a staging repository is private')
  })
})

describe('settings', () => {
  test.each([
    [{}],
    [{ bucket: 'packages' }],
    [{ bucket: 'Packages', region }],
    [{ bucket: 'packages', region: 'a/b' }],
    [{ bucket: 'packages', region, prefix: 'a/' }],
    [{ bucket: 'packages', region, addressing: 'virtual' }],
    [{ bucket: 'packages', region, readAt: 'x' }],
    [{ bucket: 'packages', region, more: 1 }],
  ])('%j are refused', (settings) => {
    expect(() => s3.parse(settings)).toThrow(expect.objectContaining({ code: 'usage/settings' }))
  })

  test.each([
    ['packages', {}, 'the bucket, its region or the endpoint'],
    ['p', { region }, 'the bucket, its region or the endpoint'],
    ['packages', { region, endpoint: 'https://a.example/path' }, 'the bucket, its region or the endpoint'],
    ['packages', { region, prefix: '../x' }, 'a folder such as'],
    ['packages', { region, credentials: { accessKeyId: { value: 'a' } } }, 'accessKeyId and secretAccessKey'],
    ['packages', { region, credentials: { ...credentials, password: { value: 'a' } } }, 'no option "password"'],
    ['packages', { region, credentials: { ...credentials, token: { value: 'a' } } }, 'no option "accessKeyId"'],
    ['packages', { region, credentials: { token: 'AKIDSECRET' } }, 'a string'],
    ['packages', { region, credentials: { token: undefined } }, 'or a token'],
    ['packages', { region, credentials: 'AKIDSECRET' }, 'credentials'],
    ['packages', { region, credentials: { token: { value: 'a' }, sts: 'sts.example' } }, 'an address such as https://sts'],
    ['packages', { region, credentials: { token: { value: 'a' }, role: 'publish' } }, 'a role such as'],
    ['packages', { region, credentials: { ...credentials, secretAccessKey: 'AKIDSECRET' } }, 'not a secret'],
    ['packages', { region, credentials: { ...credentials, secretAccessKey: { value: 'with space ' } } }, 'cannot be sent'],
    ['packages', { region, bucket: 'x' }, 'no option "bucket"'],
  ])('s3(%j, %j) is refused, not a secret is repeated', (bucket, options, words) => {
    const open = () => place(bucket, options as never)
    expect(open).toThrow(words)
    expect(open).not.toThrow(/AKIDSECRET|with space/)
  })

  test.each([[['ID']], [['ID', 'SECRET', 'SESSION', 'MORE']]])('the credentials %j are refused', (names) => {
    const environment = createEnvironment({ variables: {} })
    const settings = s3.parse({ bucket: 'packages', region })
    const open = () => s3.open({ settings, role: 'public', origin: 'https://s3.example', access: 'write', credentials: names }, environment)
    expect(open).toThrow(expect.objectContaining({ code: 'usage/credential' }))
  })
})
