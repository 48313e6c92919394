import { Readable } from 'node:stream'
import { instant } from '@stagegate/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isFinal } from '../../contract/refusal.js'
import { createEnvironment } from '../../repository/environment.js'
import { tls } from '../../testing/authority.js'
import { bytesOf, contentOf, sampleBytes, soon } from '../../testing/fixtures.js'
import { type GcsOptions, startGcs } from '../../testing/gcs/index.js'
import { sendable } from '../../testing/s3-world.js'
import type { Misbehaviour } from '../../testing/server/faults.js'
import { virtualClock } from '../../testing/virtual-clock.js'
import { storePath } from '../path.js'
import { type GoogleKeys, type GoogleOpening, openGoogle } from './open.js'

const path = storePath('acme/1.2.3/acme+a~b (1).tar.gz')
const key = `linux/${path}`
const data = sampleBytes(3000)
const other = sampleBytes(3000, 7)
const hmac = { accessId: { value: 'GOOG1WRITES' }, secret: { value: 'writes' } }

/** An emulated Google storage for one test, and stores on it. */
async function world(options: GcsOptions = {}, opening: Partial<GoogleOpening> = {}) {
  const server = await startGcs({ tls, ...options })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  const open = (keys: GoogleKeys | undefined = hmac, clock = virtualClock(instant(Date.now()))) =>
    openGoogle(
      { origin: server.url, bucket: { name: 'packages', style: 'path' }, prefix: storePath('linux'), keys, ...opening },
      createEnvironment({ variables: {}, clock }),
    ).store
  const asked = () => server.requests.map(({ method, path }) => `${method} ${path}`)
  const files = () => [...server.objects().keys()].filter((one) => !one.endsWith('/.stagegate/probe'))
  return { server, open, store: open(), asked, files }
}

const thrownBy = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error)

test('a file is created with the headers that readers need, and seen without a digest: Google confirms none', async () => {
  const { store, server } = await world()
  expect(await store.create(path, sendable(data), soon())).toEqual({ outcome: 'accepted' })
  const { generation, headers } = server.objects().get(key) ?? {}
  expect(headers).toEqual({
    'cache-control': 'max-age=31536000, immutable',
    'content-type': 'application/octet-stream',
    'x-goog-meta-sha256': contentOf(data).sha256,
  })
  expect(await store.observe(path, soon())).toEqual({ saw: 'present', sha256: undefined, size: 3000, version: generation })
  expect(await store.create(path, sendable(other), soon())).toEqual({ outcome: 'exists' })
  expect(server.objects().get(key)?.data).toEqual(data)
})

test('a file moves by its generation, and each reader is told to ask again', async () => {
  const { store, server } = await world()
  const first = await store.replaceIf(path, sendable(data), 'absent', soon())
  if (first.outcome !== 'replaced') throw new Error(`Expected it to be written, got ${first.outcome}`)
  expect(await store.replaceIf(path, sendable(other), 'absent', soon())).toEqual({ outcome: 'changed' })
  expect(await store.replaceIf(path, sendable(other), first.version, soon())).toMatchObject({ outcome: 'replaced' })
  expect(await store.replaceIf(path, sendable(data), first.version, soon())).toEqual({ outcome: 'changed' })
  expect(server.objects().get(key)).toMatchObject({ data: other, headers: { 'cache-control': 'no-cache' } })
})

describe('a credential', () => {
  const tokens = { 'ya29.writes': {}, 'ya29.reads': { may: 'read' } } as const

  test('can be a token that a function fetches for each request', async () => {
    let fetched = 0
    const token = () => {
      fetched++
      return 'ya29.writes'
    }
    const { open } = await world({ tokens })
    expect(await open({ token }).create(path, sendable(data), soon())).toEqual({ outcome: 'accepted' })
    expect(fetched).toBeGreaterThan(1)
  })

  test.each<[string, GoogleKeys, GcsOptions, { code: string; message: string }]>([
    ['of nobody', { ...hmac, accessId: { value: 'GOOG1NOBODY' } }, {}, { code: 'repository/unauthorized', message: 'access ID' }],
    ['with another secret', { ...hmac, secret: { value: '0ther-secret' } }, {}, { code: 'repository/unauthorized', message: 'HMAC key' }],
    ['that is over', { token: { value: 'ya29.0ld' } }, {}, { code: 'repository/unauthorized', message: 'fetch a new one' }],
    [
      'that may read',
      { token: { value: 'ya29.reads' } },
      { tokens },
      { code: 'repository/forbidden', message: 'does not have storage access' },
    ],
    ['for another bucket', hmac, { buckets: ['other'] }, { code: 'store/no-such-bucket', message: 'bucket' }],
  ])('%s is refused for good, in words, and never shown', async (_, keys, options, { code, message }) => {
    const { open, files } = await world(options)
    const error = await thrownBy(open(keys).create(path, sendable(data), soon()))
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
    expect(isFinal(error)).toBe(true)
    expect(String(error)).not.toMatch(/0ther-secret|ya29/)
    expect(files()).toEqual([])
  })

  test('without the right to list does not take what is absent for absent', async () => {
    const { store } = await world({ accounts: { GOOG1WRITES: { secret: 'writes', mayList: false } } })
    const error = await thrownBy(store.observe(path, soon()))
    expect(error).toMatchObject({ code: 'repository/forbidden', message: expect.stringContaining('storage.objects.list') })
  })

  test.each([3600, -3600])('signs by the server’s clock where ours differs by %i seconds', async (ahead) => {
    const { store } = await world({ now: () => Date.now() + ahead * 1000 })
    expect(await store.observe(path, soon())).toEqual({ saw: 'absent' })
    expect(await store.create(path, sendable(data), soon())).toEqual({ outcome: 'accepted' })
  })

  test('is not needed for what everybody may see, and for nothing else', async () => {
    const { store, server, files } = await world({ publicPrefixes: ['linux/'] }, { keys: undefined })
    server.objects().set(key, { data, generation: '5', headers: {} })
    expect(await bytesOf((await store.read(path, soon())).stream)).toEqual(data)
    const forbidden = { code: 'repository/forbidden' }
    expect(await thrownBy(store.observe(storePath('absent'), soon()))).toMatchObject(forbidden)
    expect(await thrownBy(store.create(storePath('new'), sendable(data), soon()))).toMatchObject(forbidden)
    expect(files()).toEqual([key])
  })
})

describe('before the first write, a server', () => {
  test.each<[GcsOptions['conditions'], 'create' | 'replace', string]>([
    ['ignores', 'create', 'x-goog-if-generation-match: 0'],
    ['ignores', 'replace', 'x-goog-if-generation-match: 0'],
    ['ignores-generations', 'replace', 'x-goog-if-generation-match'],
  ])('that %s conditions is refused by name for a %s, and nothing is uploaded', async (conditions, what, said) => {
    const { store, files } = await world({ conditions })
    const write = what === 'create' ? store.create(path, sendable(data), soon()) : store.replaceIf(path, sendable(data), 'absent', soon())
    expect(await thrownBy(write)).toMatchObject({ code: 'store/no-preconditions', message: expect.stringContaining(`ignores ${said}`) })
    expect(files()).toEqual([])
  })

  test('is tested with one object that nobody has to delete, and later with one request', async () => {
    const { open, store, asked } = await world()
    await store.create(storePath('a'), sendable(data), soon())
    await open().create(storePath('b'), sendable(data), soon())
    expect(asked().filter((one) => one.endsWith('/.stagegate/probe'))).toHaveLength(3)
  })
})

describe('bytes', () => {
  test.each<[string, () => Buffer[]]>([
    ['of another file', () => [other]],
    ['too few', () => [data.subarray(0, 2000)]],
    ['too many', () => [data, Buffer.from('x')]],
    ['in two pieces, the last of them wrong', () => [data.subarray(0, 2999), Buffer.from([1 ^ data.readUInt8(2999)])]],
  ])('%s are not stored, though the server holds them against no digest', async (_, pieces) => {
    for (const keys of [hmac, { token: { value: 'ya29.writes' } }]) {
      const { open, files } = await world({ tokens: { 'ya29.writes': {} } })
      const body = { content: contentOf(data), stream: () => Readable.from(pieces()) }
      expect(await thrownBy(open(keys).create(path, body, soon()))).toBeInstanceOf(Error)
      expect(files()).toEqual([])
    }
  })

  test('that are more than Google takes are refused before they are sent', async () => {
    const { store, asked } = await world({}, { limits: { single: 2999, part: 1 } })
    expect(await store.create(path, sendable(data), soon())).toMatchObject({
      outcome: 'refused',
      because: { code: 'repository/too-large' },
    })
    expect(asked().filter((one) => one.includes('acme'))).toEqual([])
  })
})

const said = (code: string) => `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>No.</Message></Error>`

describe('trouble', () => {
  test.each<[string, Misbehaviour, string]>([
    ['a lost answer', { commitThenReset: true }, 'http/reset'],
    ['429', { answer: 429, body: said('SlowDown') }, 'repository/retry-later'],
    ['429 without words', { answer: 429 }, 'repository/retry-later'],
    ['503', { answer: 503, body: said('ServiceUnavailable') }, 'repository/retry-later'],
    ['a page to sign in', { commitThenAnswer: 200, body: '<!DOCTYPE html>' }, 'repository/retry-later'],
    ['an error in 200', { commitThenAnswer: 200, body: said('InternalError') }, 'repository/retry-later'],
    ['200 before the body is sent', { answer: 200, headers: { etag: '"a"' } }, 'http/early-success'],
  ])('%s of an upload is no word about what is there, and the next one ends it', async (_, fault, code) => {
    const { store, server } = await world()
    server.faults.add({ on: { method: 'PUT', path: /acme/ }, do: fault })
    const error = await thrownBy(store.create(path, sendable(data), soon()))
    expect(error).toMatchObject({ code })
    expect(isFinal(error)).toBe(false)
    expect((await store.create(path, sendable(data), soon())).outcome).toMatch(/^(?:accepted|exists)$/)
    expect(await bytesOf((await store.read(path, soon())).stream)).toEqual(data)
  })

  test.each<[string, Misbehaviour]>([
    ['a page to sign in', { answer: 200, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html>' }],
    ['404 of a proxy', { answer: 404, body: '<html>nothing here</html>' }],
    ['401', { answer: 401 }],
    ['403', { answer: 403, body: said('AccessDenied') }],
    ['429', { answer: 429 }],
    ['an object of S3', { answer: 200, headers: { etag: '"a"' } }],
  ])('%s of a look is not taken for absent', async (_, fault) => {
    const { store, server } = await world()
    server.faults.add({ times: 9, do: fault })
    expect(await thrownBy(store.observe(path, soon()))).toBeInstanceOf(Error)
    expect(await thrownBy(store.read(path, soon()))).toMatchObject({ code: expect.not.stringMatching('absent') })
  })

  test('two writes of one file within a second are put off, and lose nothing', async () => {
    let now = Date.now()
    const { store, server } = await world({ isPaced: true, now: () => now })
    const first = await store.replaceIf(path, sendable(data), 'absent', soon())
    if (first.outcome !== 'replaced') throw new Error(`Expected it to be written, got ${first.outcome}`)
    const again = () => store.replaceIf(path, sendable(other), first.version, soon())
    expect(await thrownBy(again())).toMatchObject({ code: 'repository/retry-later', message: expect.stringContaining('rate limit') })
    expect(server.objects().get(key)?.data).toEqual(data)
    now += 1001
    expect(await again()).toMatchObject({ outcome: 'replaced' })
  })
})

test('a list has all pages, odd names, and nothing of other folders', async () => {
  const { store, server } = await world({ maxPerPage: 2 })
  const names = ['a b', 'c+d', 'e%2Bf', 'g/h', 'ö', path]
  for (const name of names) await store.create(storePath(name), sendable(data), soon())
  const beside = server.objects().get(key)
  if (beside !== undefined) server.objects().set('linux-other/x', beside)
  const listed: string[] = []
  for await (const entry of store.list(undefined, soon())) listed.push(entry.path)
  expect(listed.filter((one) => !one.startsWith('.stagegate')).sort()).toEqual([...names].sort())
})
