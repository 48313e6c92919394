import { Readable } from 'node:stream'
import { bytes, type PartCoordinates, type Sha256, sha256 } from '@stagegate/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Descriptor, ImageRepository, Item, Served, ServerSideCopy } from '../../contract/capabilities.js'
import { tls } from '../../testing/authority.js'
import { bodyOf, bytesOf, contentOf, sampleBytes, soon } from '../../testing/fixtures.js'
import { type RegistryOptions, type RegistryServer, startRegistry } from '../../testing/registry/index.js'
import type { Misbehaviour } from '../../testing/server/faults.js'
import { listen } from '../../testing/server/listen.js'
import type { Access } from '../define.js'
import { createEnvironment } from '../environment.js'
import { registry } from './index.js'

const account = 'name:s3cret'
const settings = { account: 'password', username: 'name' } as const

type Opened = ImageRepository & ServerSideCopy & Served

async function start(options: RegistryOptions = {}): Promise<RegistryServer> {
  const server = await startRegistry({ tls, ...options })
  onTestFinished(() => server.close())
  return server
}

function open(server: Pick<RegistryServer, 'url'>, more: object = settings, access: Access = 'write'): Opened {
  const environment = createEnvironment({ variables: { PASSWORD: 's3cret' }, base: '/', rehearsal: true })
  const credentials = access === 'users' || !('account' in more) ? [] : ['PASSWORD']
  const opened = registry.open(
    { settings: registry.parse({ ...more }), role: 'public', origin: server.url, access, credentials },
    environment,
  )
  // The cast: the definition says what every kind of repository is.
  return opened as Opened
}

const layer = 'application/vnd.oci.image.layer.v1.tar+gzip'
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'

function blobOf(data: Buffer, image = 'hello'): Item & { readonly coordinates: PartCoordinates } {
  const content = contentOf(data)
  return { coordinates: { format: 'blob', image, mediaType: layer, digest: content.sha256 }, content }
}

const data = sampleBytes(100_000)
const blob = blobOf(data)
const digest = `sha256:${blob.content.sha256}`
const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: `sha256:${contentOf(Buffer.from('{}')).sha256}`, size: 2 }

/** A manifest in the server, without asking it. */
function put(
  server: RegistryServer,
  json: object,
  ...tags: readonly string[]
): { readonly digest: Sha256; readonly size: number; readonly text: string } {
  const text = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers: [], ...json }))
  server.image('hello').blobs.set(config.digest, Buffer.from('{}'))
  const named = server.image('hello').add(manifestType, text, ...tags)
  return { digest: sha256(named.slice(7)), size: text.length, text: text.toString() }
}

/** Answers everything, and remembers what it was asked. */
async function elsewhere(status = 200) {
  const seen: unknown[] = []
  const server = await listen(({ method, url, headers }, response) => {
    seen.push({ method, url, authorization: headers.authorization })
    response.writeHead(status, { 'content-length': data.length }).end(data)
  }, tls)
  onTestFinished(() => server.close())
  return { url: server.url, seen }
}

describe('a blob', () => {
  test('that is not there is absent, then present under its digest', async () => {
    const server = await start()
    const repository = open(server)
    expect(await repository.observe(blob.coordinates, soon())).toEqual({ saw: 'absent' })
    expect(await repository.create(blob, bodyOf(data), soon())).toEqual({ outcome: 'accepted' })
    const location = `hello/blobs/${digest}`
    expect(await repository.observe(blob.coordinates, soon())).toEqual({
      saw: 'present',
      sha256: blob.content.sha256,
      size: data.length,
      location,
    })
    expect((await bytesOf(await repository.read(location, soon()))).equals(data)).toBe(true)
  })

  test('statement 3: is not absent because the registry is in trouble', async () => {
    const server = await start()
    server.faults.add(
      { do: { answer: 503 } },
      { times: 2, do: { answer: 403 } },
      { do: { answer: 500, body: { errors: [{ code: 'BLOB_UNKNOWN' }] } } },
    )
    const repository = open(server)
    await expect(repository.observe(blob.coordinates, soon())).rejects.toMatchObject({ code: 'repository/retry-later' })
    await expect(repository.observe(blob.coordinates, soon())).rejects.toMatchObject({ code: 'repository/forbidden' })
    await expect(repository.observe(blob.coordinates, soon())).rejects.toMatchObject({ code: 'repository/retry-later' })
  })

  test('of which another digest is claimed has none that is known', async () => {
    const server = await start()
    server.image('hello').blobs.set(digest, data)
    const headers = { 'docker-content-digest': `sha256:${'0'.repeat(64)}`, 'content-length': '100000' }
    server.faults.add({ on: { method: 'HEAD' }, do: { answer: 200, headers, body: '' } })
    expect(await open(server).observe(blob.coordinates, soon())).toMatchObject({ saw: 'present', sha256: undefined })
  })

  test('statement 7: is looked at, and read, where the registry redirects to; the account stays behind', async () => {
    const server = await start({ tokens: { account } })
    const other = await elsewhere()
    const redirect = { answer: 307, headers: { location: `${other.url}/store/x?signature=1` } }
    const repository = open(server)
    // The first answer asks for a token.
    await repository.observe(blob.coordinates, soon())
    server.faults.add({ on: { path: /\/blobs\// }, times: 2, do: redirect })
    expect(await repository.observe(blob.coordinates, soon())).toMatchObject({ saw: 'present', sha256: blob.content.sha256 })
    expect((await bytesOf(await repository.read(`hello/blobs/${digest}`, soon()))).equals(data)).toBe(true)
    expect(other.seen).toEqual(['HEAD', 'GET'].map((method) => ({ method, url: '/store/x?signature=1', authorization: undefined })))
  })

  test.each([400, 403, 405, 501])('of which a HEAD is answered with %i is asked for by a GET of its first byte', async (answer) => {
    const server = await start()
    server.image('hello').blobs.set(digest, data)
    server.faults.add({ on: { method: 'HEAD' }, times: 2, do: { answer } })
    expect(await open(server).observe(blob.coordinates, soon())).toMatchObject({ saw: 'present', size: data.length })
    const other = blobOf(Buffer.from('other'))
    expect(await open(server).observe(other.coordinates, soon())).toEqual({ saw: 'absent' })
    expect(server.requests.map(({ method, headers }) => [method, headers['range']])).toEqual([
      ['HEAD', undefined],
      ['GET', 'bytes=0-0'],
      ['HEAD', undefined],
      ['GET', 'bytes=0-0'],
    ])
  })

  test('of which nobody says the length is asked for it by a GET of its first byte', async () => {
    const answers = [
      { status: 206, headers: { 'content-range': 'bytes 0-0/100000' }, size: 100_000 },
      { status: 206, headers: { 'content-range': 'bytes 0-0/*' }, size: undefined },
      { status: 206, headers: {}, size: undefined },
      { status: 200, headers: { 'content-length': '100000' }, size: 100_000 },
      { status: 416, headers: { 'content-range': 'bytes */0' }, size: 0 },
      { status: 404, headers: {}, size: undefined },
      { status: 500, headers: {}, size: undefined },
    ]
    for (const { status, headers, size } of answers) {
      const server = await listen(({ method }, response) => {
        if (method === 'HEAD') response.writeHead(200, { 'transfer-encoding': 'chunked' }).end()
        else response.writeHead(status, headers).end(status === 200 ? data : status === 206 ? 'x' : '')
      }, tls)
      onTestFinished(() => server.close())
      const seen = open({ url: server.url }, {}).observe(blob.coordinates, soon())
      expect(await seen, String(status)).toEqual({ saw: 'present', sha256: blob.content.sha256, size, location: `hello/blobs/${digest}` })
    }
  })

  test('of an address that was signed for a GET alone is found there', async () => {
    const server = await start()
    const store = await listen(({ method, headers: { range } }, response) => {
      if (method === 'HEAD') response.writeHead(403).end()
      else if (range === undefined) response.writeHead(200).end(data)
      else response.writeHead(206, { 'content-range': `bytes 0-0/${data.length}` }).end('x')
    }, tls)
    onTestFinished(() => store.close())
    server.faults.add({ times: 2, do: { answer: 307, headers: { location: `${store.url}/x?signature=1` } } })
    expect(await open(server).observe(blob.coordinates, soon())).toMatchObject({ saw: 'present', size: data.length })
  })

  test('that the store refuses is not refused for good by the registry', async () => {
    const server = await start()
    const store = await elsewhere(403)
    server.faults.add({ times: 3, do: { answer: 302, headers: { location: store.url } } })
    const repository = open(server)
    const problem = { code: 'repository/unexpected-answer', what: 'the storage that the registry redirects to answered 403' }
    await expect(repository.observe(blob.coordinates, soon())).rejects.toMatchObject(problem)
    await expect(repository.read(`hello/blobs/${digest}`, soon())).rejects.toMatchObject(problem)
  })

  test('that is gone when it is read says so; a proxy’s own 404 does not', async () => {
    const server = await start()
    const repository = open(server)
    await expect(repository.read(`hello/blobs/${digest}`, soon())).rejects.toMatchObject({ code: 'content/not-there' })
    server.faults.add({ do: { answer: 404, body: '<html>' } })
    await expect(repository.read(`hello/blobs/${digest}`, soon())).rejects.toMatchObject({ code: 'repository/unexpected-answer' })
  })
})

describe('an upload', () => {
  const sent = (server: RegistryServer) =>
    server.requests
      .filter(({ method }) => method === 'PATCH' || method === 'PUT')
      .map(({ method, headers }) => `${method} ${headers['content-range'] ?? headers['content-length']}`)

  test('of a large blob goes in pieces, and the registry’s least piece is kept to', async () => {
    const server = await start({ leastPiece: 40_000 })
    expect(await open(server, { ...settings, pieceSize: 1000 }).create(blob, bodyOf(data), soon())).toEqual({ outcome: 'accepted' })
    expect(server.image('hello').blobs.get(digest)?.equals(data)).toBe(true)
    expect(sent(server)).toEqual(['PATCH 0-39999', 'PATCH 40000-79999', 'PATCH 80000-99999', 'PUT 0'])
  })

  test('goes on where a piece broke off, when the registry still has the others', async () => {
    const server = await start()
    const repository = open(server, { ...settings, pieceSize: 40_000 })
    server.faults.add({ on: { method: 'PATCH' }, after: 1, do: { reset: { afterBytes: 10 } } })
    await expect(repository.create(blob, bodyOf(data), soon())).rejects.toMatchObject({ code: 'http/reset' })
    expect(await repository.create(blob, bodyOf(data), soon())).toEqual({ outcome: 'accepted' })
    expect(server.image('hello').blobs.get(digest)?.equals(data)).toBe(true)
    expect(sent(server)).toEqual(['PATCH 0-39999', 'PATCH 40000-79999', 'PATCH 40000-79999', 'PATCH 80000-99999', 'PUT 0'])
  })

  test('whose last answer was lost is finished, without a byte more', async () => {
    const server = await start()
    const repository = open(server, { ...settings, pieceSize: 40_000 })
    server.faults.add({ on: { method: 'PUT' }, do: { reset: 'before-body' } })
    await expect(repository.create(blob, bodyOf(data), soon())).rejects.toMatchObject({ code: 'http/reset' })
    expect(await repository.create(blob, bodyOf(data), soon())).toEqual({ outcome: 'accepted' })
    expect(sent(server).slice(3)).toEqual(['PUT 0', 'PUT 0'])
  })

  test('that the registry has forgotten begins again', async () => {
    const server = await start()
    const repository = open(server, { ...settings, pieceSize: 40_000 })
    server.faults.add(
      { on: { method: 'PATCH' }, after: 1, do: { answer: 500 } },
      { on: { method: 'GET', path: /uploads/ }, do: { answer: 404 } },
    )
    await expect(repository.create(blob, bodyOf(data), soon())).rejects.toMatchObject({ code: 'repository/retry-later' })
    expect(await repository.create(blob, bodyOf(data), soon())).toEqual({ outcome: 'accepted' })
    expect(sent(server).filter((line) => line === 'PATCH 0-39999')).toHaveLength(2)
  })

  test.each([200_000, 40_000])('statement 1: whose body turns out wrong is not finished (in pieces of %i)', async (pieceSize) => {
    const server = await start()
    const wrong = new Error('other bytes')
    const stream = () =>
      Readable.from(
        (async function* () {
          yield data.subarray(0, 90_000)
          throw wrong
        })(),
      )
    const writing = open(server, { ...settings, pieceSize }).create(blob, { content: blob.content, stream }, soon())
    await expect(writing).rejects.toBe(wrong)
    expect(server.image('hello').blobs.size).toBe(0)
  })

  test('statement 7: that is to go to another host is refused, and nothing goes there', async () => {
    const server = await start()
    const other = await elsewhere()
    server.faults.add({ on: { method: 'POST' }, do: { answer: 202, headers: { location: `${other.url}/upload` } } })
    expect(await open(server).create(blob, bodyOf(data), soon())).toMatchObject({
      outcome: 'refused',
      because: { code: 'repository/upload-elsewhere' },
    })
    expect(other.seen).toEqual([])
  })

  test('with a token that is good for one request only is none the less done', async () => {
    const server = await start({ tokens: { account, uses: 1 } })
    expect(await open(server, { ...settings, pieceSize: 40_000 }).create(blob, bodyOf(data), soon())).toEqual({ outcome: 'accepted' })
    expect(server.image('hello').blobs.get(digest)?.equals(data)).toBe(true)
  })

  test.each([
    [403, 'DENIED', 'repository/forbidden'],
    [404, 'NAME_UNKNOWN', 'repository/no-such-image'],
    [405, 'UNSUPPORTED', 'repository/unsupported'],
    [413, 'SIZE_INVALID', 'repository/too-large'],
  ])('that is answered with %i %s is refused for good', async (answer, code, problem) => {
    const server = await start()
    server.faults.add({ on: { method: 'POST' }, do: { answer, body: { errors: [{ code, message: 'no' }] } } })
    const because = { code: problem, message: expect.stringContaining(answer === 404 ? 'hello' : `${code}, no`) }
    expect(await open(server).create(blob, bodyOf(data), soon())).toEqual({ outcome: 'refused', because })
  })

  test('of an account that is not accepted is refused', async () => {
    const server = await start({ tokens: { account: 'name:other' } })
    expect(await open(server).create(blob, bodyOf(data), soon())).toMatchObject({
      outcome: 'refused',
      because: { code: 'repository/unauthorized' },
    })
  })
})

test('a token that the registry does not know yet is shown once more later', async () => {
  const server = await start({ tokens: { account } })
  const repository = open(server)
  const headers = { 'www-authenticate': `Bearer realm="${server.url}/token",service="registry"` }
  server.faults.add({ on: { path: /blobs/ }, times: 2, do: { answer: 401, headers } })
  await expect(repository.observe(blob.coordinates, soon())).rejects.toMatchObject({ code: 'repository/retry-later', status: 401 })
  expect(await repository.observe(blob.coordinates, soon())).toEqual({ saw: 'absent' })
  expect(server.requests.filter(({ path }) => path.startsWith('/token'))).toHaveLength(1)
})

describe('a mount', () => {
  const item = blobOf(data, 'world')

  test('takes the blob of another image, with a token for both', async () => {
    const server = await start({ tokens: { account } })
    server.image('builds/hello').blobs.set(digest, data)
    const staging = open(server, { ...settings, prefix: 'builds' })
    expect(await open(server).copy(item, staging.nameOnHost('hello'), soon())).toEqual({ outcome: 'accepted' })
    expect(server.image('world').blobs.has(digest)).toBe(true)
  })

  test('that the registry does not do: the bytes go to the upload that it opened', async () => {
    const server = await start({ mounts: false })
    server.image('hello').blobs.set(digest, data)
    const repository = open(server)
    expect(await repository.copy(item, 'hello', soon())).toEqual({ outcome: 'unsupported' })
    expect(await repository.create(item, bodyOf(data), soon())).toEqual({ outcome: 'accepted' })
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'PUT'])
  })

  test.each([400, 401, 403, 404])('that is answered with %i: the bytes are sent', async (answer) => {
    const server = await start()
    server.faults.add({ on: { method: 'POST' }, do: { answer } })
    const repository = open(server)
    expect(await repository.copy(item, 'hello', soon())).toEqual({ outcome: 'unsupported' })
    expect(await repository.create(item, bodyOf(data), soon())).toEqual({ outcome: 'accepted' })
  })

  test('for which there is no token for both images: the bytes are sent', async () => {
    const server = await start({ tokens: { account } })
    server.faults.add({ on: { path: /^\/token.*scope=.*scope=/ }, times: 10, do: { answer: 403 } })
    const repository = open(server)
    expect(await repository.copy(item, 'hello', soon())).toEqual({ outcome: 'unsupported' })
    expect(await repository.create(item, bodyOf(data), soon())).toEqual({ outcome: 'accepted' })
  })

  test('that meets trouble is tried again', async () => {
    const server = await start()
    server.faults.add({ do: { answer: 502 } }, { do: { answer: 429, headers: { 'retry-after': '1' } } })
    await expect(open(server).copy(item, 'hello', soon())).rejects.toMatchObject({ code: 'repository/retry-later' })
    await expect(open(server).copy(item, 'hello', soon())).rejects.toMatchObject({ code: 'repository/put-off' })
  })
})

describe('tags', () => {
  test('are listed through all pages', async () => {
    const server = await start({ maxPerPage: 7 })
    const names = Array.from({ length: 30 }, (_, index) => `tag-${index}`)
    put(server, {}, ...names)
    expect([...(await open(server).tags('hello', soon()))].sort()).toEqual([...names].sort())
    expect(server.requests).toHaveLength(5)
  })

  test('of an image that the registry does not know are none', async () => {
    const server = await start()
    server.faults.add({ do: { answer: 404, body: { errors: [{ code: 'NAME_UNKNOWN' }] } } }, { do: { answer: 200, body: '{"tags":null}' } })
    expect(await open(server).tags('hello', soon())).toEqual([])
    expect(await open(server).tags('hello', soon())).toEqual([])
  })

  test('statement 3: of a registry in trouble are not none', async () => {
    const server = await start()
    server.faults.add({ do: { answer: 404, body: 'nginx' } }, { do: { answer: 200, body: 'nginx' } })
    await expect(open(server).tags('hello', soon())).rejects.toMatchObject({ code: 'repository/unexpected-answer' })
    await expect(open(server).tags('hello', soon())).rejects.toMatchObject({ code: 'repository/unexpected-answer' })
  })

  test('statement 7: are not asked for at another host', async () => {
    const server = await start()
    const other = await elsewhere()
    const link = `<${other.url}/v2/hello/tags/list?n=2>; rel="next"`
    server.faults.add({ do: { answer: 200, headers: { link }, body: '{"tags":["one"]}' } })
    await expect(open(server).tags('hello', soon())).rejects.toThrow('another address')
    expect(other.seen).toEqual([])
  })

  test('that never end are given up', async () => {
    const server = await start()
    for (let page = 0; page < 300; page++) {
      const link = `</v2/hello/tags/list?page=${page}>; rel="next"`
      server.faults.add({ do: { answer: 200, headers: { link }, body: '{"tags":["one"]}' } })
    }
    await expect(open(server).tags('hello', soon())).rejects.toThrow('more than 200 pages')
  })
})

const portal = { answer: 200, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><title>Log in</title>' }

describe('statement 3: an answer that no registry can have sent is unknown', () => {
  const kinds: readonly (readonly [string, (repository: Opened) => Promise<unknown>])[] = [
    ['a tag', (one) => one.observe({ format: 'image', image: 'hello', tag: '1' }, soon())],
    ['a tag that moves', (one) => one.resolve({ image: 'hello', tag: 'latest' }, soon())],
    ['a manifest', (one) => one.observe({ ...blob.coordinates, format: 'manifest' }, soon())],
    ['a layer', (one) => one.observe(blob.coordinates, soon())],
    ['the bytes of a layer', (one) => one.read(`hello/blobs/${digest}`, soon())],
    ['the bytes of a manifest', (one) => one.read(`hello/manifests/${digest}`, soon())],
    ['the tags', (one) => one.tags('hello', soon())],
    ['the users’ view', (one) => one.served({ format: 'image', image: 'hello', tag: '1' }, soon())],
  ]
  test.each(kinds)('%s', async (_what, asked) => {
    const server = await start()
    server.image('hello').blobs.set(digest, data)
    put(server, {}, '1', 'latest')
    server.faults.add({ do: portal })
    await expect(asked(open(server))).rejects.toMatchObject({ code: 'repository/unexpected-answer' })
  })

  test.each([
    ['no JSON', 'maintenance'],
    ['JSON, and no manifest', '{"status":"maintenance"}'],
    ['a list', '[]'],
    ['cut short', '{"schemaVersion":2,"conf'],
    ['empty', ''],
  ])('a manifest that is %s', async (_what, body) => {
    const server = await start()
    server.faults.add({ do: { answer: 200, headers: { 'content-type': manifestType }, body } })
    const observed = open(server).observe({ format: 'image', image: 'hello', tag: '1' }, soon())
    await expect(observed).rejects.toMatchObject({
      code: 'repository/unexpected-answer',
      what: `expected a manifest, got ${manifestType}`,
    })
  })

  test.each(['gzip', 'br', 'identity, gzip'])('one that was compressed on the way (%s)', async (coding) => {
    const server = await start()
    const { text } = put(server, {}, '1')
    const headers = { 'content-type': manifestType, 'content-encoding': coding }
    server.faults.add({ do: { answer: 200, headers, body: text } })
    await expect(open(server).observe({ format: 'image', image: 'hello', tag: '1' }, soon())).rejects.toMatchObject({ code: 'http/coding' })
    // It was told not to.
    expect(server.requests.map(({ headers: sent }) => sent['accept-encoding'])).toEqual(['identity'])
  })

  test('but an artifact may be a page, if the registry says its digest', async () => {
    const server = await start()
    const headers = { 'content-type': 'text/html', 'docker-content-digest': digest }
    server.faults.add({ times: 2, do: { answer: 200, headers, body: '<html>' } })
    expect(await open(server).observe(blob.coordinates, soon())).toMatchObject({ saw: 'present' })
    expect((await bytesOf(await open(server).read(`hello/blobs/${digest}`, soon()))).toString()).toBe('<html>')
  })
})

describe('a 404 without a code that says what is not there', () => {
  const bare: readonly (readonly [string, Misbehaviour])[] = [
    ['of an empty body', { answer: 404, body: '' }],
    ['with a page', { answer: 404, headers: { 'content-type': 'text/html' }, body: '<html>404' }],
    ['as Artifactory has it', { answer: 404, body: { errors: [{ status: 404, message: 'not found' }] } }],
    ['with another code', { answer: 404, body: { errors: [{ code: 'UNSUPPORTED' }] } }],
  ]
  const at = { format: 'image', image: 'hello', tag: '1' } as const

  test.each(bare)('%s: the list of the tags tells', async (_what, answer) => {
    const server = await start()
    put(server, {}, '2')
    server.faults.add({ on: { path: /manifests/ }, times: 2, do: answer })
    expect(await open(server).observe(at, soon())).toEqual({ saw: 'absent' })
    expect(await open(server).resolve(at, soon())).toBeUndefined()
    expect(server.requests.map(({ path }) => path.replace(/\?.*/, ''))).toEqual([
      '/v2/hello/manifests/1',
      '/v2/hello/tags/list',
      '/v2/hello/manifests/1',
      '/v2/hello/tags/list',
    ])
  })

  test.each(bare)('%s: statement 3: of a tag in the list, or where there is none, is not absent', async (_what, answer) => {
    const server = await start()
    put(server, {}, '1')
    server.faults.add(
      { on: { path: /manifests/ }, times: 2, do: answer },
      { on: { path: /tags/ }, after: 1, do: { answer: 404, body: '' } },
    )
    await expect(open(server).observe(at, soon())).rejects.toMatchObject({ code: 'repository/unexpected-answer', status: 404 })
    await expect(open(server).observe(at, soon())).rejects.toMatchObject({ code: 'repository/unexpected-answer', status: 404 })
  })

  test.each(bare)('%s: a manifest by its digest is absent, but the digest of nothing in staging is gone', async (_what, answer) => {
    const server = await start()
    server.faults.add({ times: 2, do: answer })
    expect(await open(server).observe({ ...blob.coordinates, format: 'manifest' }, soon())).toEqual({ saw: 'absent' })
    await expect(open(server).read(`hello/manifests/${digest}`, soon())).rejects.toMatchObject({ code: 'repository/unexpected-answer' })
  })
})

describe('a tag', () => {
  const other = { mediaType: manifestType, data: Buffer.from('{"schemaVersion":2}') }

  test('is pointed at what is there, if it is where it was seen', async () => {
    const server = await start()
    const repository = open(server)
    const [one, two] = [put(server, { annotations: { a: '1' } }), put(server, { annotations: { a: '2' } })]
    const at = { image: 'hello', tag: 'latest' }
    expect(await repository.point(at, one.digest, undefined, soon())).toEqual({ outcome: 'accepted' })
    expect(await repository.point(at, two.digest, undefined, soon())).toEqual({ outcome: 'exists' })
    expect(await repository.point(at, two.digest, one.digest, soon())).toEqual({ outcome: 'accepted' })
    expect(await repository.resolve(at, soon())).toBe(two.digest)
    // Its bytes, and its type, are those that it had.
    expect(server.image('hello').manifest('latest')).toMatchObject({ mediaType: manifestType, data: Buffer.from(two.text) })
  })

  test('is not pointed at other bytes than its digest says', async () => {
    const server = await start()
    const { digest: of } = put(server, {})
    server.image('hello').manifests.set(`sha256:${of}`, other)
    await expect(open(server).point({ image: 'hello', tag: 'latest' }, of, undefined, soon())).rejects.toMatchObject({
      code: 'content/not-there',
    })
    expect(server.image('hello').tags.size).toBe(0)
  })

  test('has the digest of the bytes, whatever the registry says of it', async () => {
    const server = await start()
    const { digest: of } = put(server, {}, 'latest')
    server.image('hello').manifests.set(`sha256:${of}`, other)
    const seen = await open(server).observe({ format: 'image', image: 'hello', tag: 'latest' }, soon())
    expect(seen).toMatchObject({ saw: 'present' })
    expect(seen).not.toMatchObject({ sha256: of })
  })

  test('of which more comes than a manifest may have is not read', async () => {
    const server = await start()
    server.image('hello').add(manifestType, Buffer.alloc(4 * 1024 * 1024 + 1, 32), 'latest')
    await expect(open(server).resolve({ image: 'hello', tag: 'latest' }, soon())).rejects.toMatchObject({
      code: 'repository/unexpected-answer',
    })
  })
})

describe('referrers', () => {
  const about = (server: RegistryServer, subject: Sha256, name: string) => {
    const made = put(server, { subject: { mediaType: manifestType, digest: `sha256:${subject}`, size: 5 }, artifactType: name })
    const json = { mediaType: manifestType, digest: `sha256:${made.digest}`, size: made.size, artifactType: name }
    const descriptor: Descriptor = { mediaType: manifestType, digest: made.digest, size: bytes(made.size), json }
    return descriptor
  }

  test('are those that the registry lists, on all pages', async () => {
    const server = await start({ maxPerPage: 2 })
    const { digest: subject } = put(server, {})
    const all = ['one', 'two', 'three', 'four', 'five'].map((name) => about(server, subject, name))
    const found = await open(server).referrers('hello', subject, soon())
    expect(found).toEqual(all.map(({ digest: of, json }) => ({ digest: of, json })))
    await open(server).attach('hello', subject, all, soon())
    expect(server.requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  test('that a registry with the API does not list yet are waited for', async () => {
    const server = await start()
    const { digest: subject } = put(server, {})
    const one = about(server, subject, 'one')
    const headers = { 'content-type': 'application/json' }
    server.faults.add({ on: { path: /referrers/ }, do: { answer: 200, headers, body: { manifests: [] } } })
    await expect(open(server).attach('hello', subject, [one], soon())).rejects.toMatchObject({ code: 'repository/not-listed' })
    await open(server).attach('hello', subject, [one], soon())
  })

  test('without the API are listed in an index under a tag, in which what others wrote stays', async () => {
    const server = await start({ referrers: false })
    const repository = open(server)
    const { digest: subject } = put(server, {})
    const [one, two] = [about(server, subject, 'one'), about(server, subject, 'two')]
    expect(await repository.referrers('hello', subject, soon())).toEqual([])
    await repository.attach('hello', subject, [one], soon())
    expect(await repository.referrers('hello', subject, soon())).toEqual([{ digest: one.digest, json: one.json }])
    const other = { mediaType: 'application/x', digest: `sha512:${'0'.repeat(128)}`, size: 5, extra: true }
    const index = { mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [other, one.json] }
    server.image('hello').add(index.mediaType, Buffer.from(JSON.stringify({ schemaVersion: 2, ...index })), `sha256-${subject}`)
    server.image('hello').manifests.set(other.digest, { mediaType: other.mediaType, data: Buffer.from('{}') })
    await repository.attach('hello', subject, [one], soon())
    expect(server.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1)
    await repository.attach('hello', subject, [one, two], soon())
    const written = server.requests.filter(({ method }) => method === 'PUT').at(-1)
    expect(Number(written?.headers['content-length'])).toBe(
      JSON.stringify({ schemaVersion: 2, ...index, manifests: [other, one.json, two.json] }).length,
    )
  })

  test('that somebody else has written over meanwhile are written again', async () => {
    const server = await start({ referrers: false })
    const { digest: subject } = put(server, {})
    const [one, two] = [about(server, subject, 'one'), about(server, subject, 'two')]
    server.faults.add({ on: { method: 'PUT' }, do: { acceptAndForget: true } })
    await expect(open(server).attach('hello', subject, [one, two], soon())).rejects.toMatchObject({ code: 'repository/not-listed' })
    await open(server).attach('hello', subject, [one, two], soon())
    expect(await open(server).referrers('hello', subject, soon())).toHaveLength(2)
  })

  const html = { 'content-type': 'text/html; charset=utf-8' }
  test.each<[string, Misbehaviour]>([
    ['404', { answer: 404 }],
    ['404 and MANIFEST_UNKNOWN, as ghcr.io does', { answer: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN' }] } }],
    ['404 and a page', { answer: 404, headers: html, body: '<html>' }],
    ['400', { answer: 400 }],
    ['405', { answer: 405 }],
    ['406', { answer: 406 }],
    ['501', { answer: 501 }],
    ['a page', { answer: 200, headers: html, body: '<html>' }],
  ])('of a registry whose answer is %s are looked for under the tag', async (_what, answer) => {
    const server = await start({ referrers: false })
    const { digest: subject } = put(server, {})
    const one = about(server, subject, 'one')
    await open(server).attach('hello', subject, [one], soon())
    server.faults.add({ on: { path: /referrers/ }, do: answer })
    expect(await open(server).referrers('hello', subject, soon())).toMatchObject([{ digest: one.digest }])
  })

  test.each<[string, Misbehaviour, string]>([
    ['403', { answer: 403 }, 'repository/forbidden'],
    ['500', { answer: 500 }, 'repository/retry-later'],
    ['429', { answer: 429 }, 'repository/put-off'],
    ['no JSON', { answer: 200, body: 'nginx' }, 'repository/unexpected-answer'],
    ['a list that is none', { answer: 200, body: { manifests: {} } }, 'repository/unexpected-answer'],
  ])('statement 3: of a registry whose answer is %s are not none', async (_what, answer, code) => {
    const server = await start()
    server.faults.add({ on: { path: /referrers/ }, do: answer })
    await expect(open(server).referrers('hello', blob.content.sha256, soon())).rejects.toMatchObject({ code })
  })

  test('that are null are none', async () => {
    const server = await start()
    server.faults.add({ do: { answer: 200, body: { manifests: null } } })
    expect(await open(server).referrers('hello', blob.content.sha256, soon())).toEqual([])
  })

  describe('of a registry that takes the tag of the list for the digest of the image', () => {
    const children = (server: RegistryServer) => {
      const child = put(server, {})
      const manifests = [{ mediaType: manifestType, digest: `sha256:${child.digest}`, size: child.size }]
      const top = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }))
      return sha256(server.image('hello').add(indexType, top).slice(7))
    }

    test('are none, whatever the image has', async () => {
      const server = await start({ referrers: false, tagsAreDigests: true })
      const subject = children(server)
      expect(await open(server).referrers('hello', subject, soon())).toEqual([])
      expect(await open(server).referrers('hello', put(server, {}).digest, soon())).toEqual([])
    })

    test('have no place, and nothing is written', async () => {
      const server = await start({ referrers: false, tagsAreDigests: true })
      const subject = children(server)
      const attached = open(server).attach('hello', subject, [about(server, subject, 'one')], soon())
      await expect(attached).rejects.toMatchObject({ code: 'repository/no-referrers', next: expect.stringContaining('Delete it') })
      expect(server.requests.filter(({ method }) => method === 'PUT')).toEqual([])
    })
  })

  test('have no place where somebody has tagged another image so, and that stays', async () => {
    const server = await start({ referrers: false })
    const { digest: subject } = put(server, {})
    put(server, { annotations: { another: 'image' } }, `sha256-${subject}`)
    expect(await open(server).referrers('hello', subject, soon())).toEqual([])
    const attached = open(server).attach('hello', subject, [about(server, subject, 'one')], soon())
    await expect(attached).rejects.toMatchObject({ code: 'repository/no-referrers' })
    expect(server.requests.filter(({ method }) => method === 'PUT')).toEqual([])
  })

  test('with a digest of another kind cannot be copied, and are not left out in silence', async () => {
    const server = await start()
    const { digest: subject } = put(server, {})
    const other = { mediaType: manifestType, digest: `sha512:${'0'.repeat(128)}`, size: 5 }
    server.faults.add({ do: { answer: 200, body: { manifests: [other] } } })
    await expect(open(server).referrers('hello', subject, soon())).rejects.toMatchObject({ code: 'content/image-refused' })
  })
})

describe('the users’ view', () => {
  async function published(options: RegistryOptions = {}) {
    const server = await start(options)
    for (const one of [data, Buffer.from('{}')]) server.image('hello').blobs.set(`sha256:${contentOf(one).sha256}`, one)
    const child = put(server, { layers: [{ mediaType: layer, digest, size: data.length }] })
    const manifests = [{ mediaType: manifestType, digest: `sha256:${child.digest}`, size: child.size }]
    const top = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }))
    server.image('hello').add(indexType, top, '1')
    return { server, top, child }
  }
  const at = { format: 'image', image: 'hello', tag: '1' } as const

  test('is the manifest, with all that it names, without an account', async () => {
    const { server, top } = await published({ tokens: { account } })
    const stream = await open(server).served(at, soon())
    expect(stream && (await bytesOf(stream)).equals(top)).toBe(true)
    expect(await open(server, settings, 'users').served({ ...at, tag: '2' }, soon())).toBeUndefined()
    expect(server.requests.filter(({ path, headers }) => path.startsWith('/token') && headers['authorization'])).toEqual([])
  })

  test('is broken without one of its layers, or of its platforms', async () => {
    const { server, child } = await published()
    server.image('hello').blobs.delete(digest)
    await expect(open(server).served(at, soon())).rejects.toMatchObject({ code: 'repository/index-broken' })
    server.image('hello').blobs.set(digest, data)
    server.image('hello').manifests.delete(`sha256:${child.digest}`)
    await expect(open(server).served(at, soon())).rejects.toMatchObject({ code: 'repository/index-broken' })
  })

  test('with a different kind of image is recognized by its digest', async () => {
    const server = await start()
    const other = JSON.stringify({ schemaVersion: 1, fsLayers: [] })
    server.image('hello').add('application/vnd.docker.distribution.manifest.v1+json', Buffer.from(other), '1')
    const stream = await open(server).served(at, soon())
    expect(stream && (await bytesOf(stream)).toString()).toBe(other)
  })

  test('statement 3: that is no manifest is not known', async () => {
    const server = await start()
    server.image('hello').add('application/x', Buffer.from('other'), '1')
    await expect(open(server).served(at, soon())).rejects.toMatchObject({ code: 'repository/unexpected-answer' })
  })
})

describe('settings', () => {
  test.each([
    { prefix: 'Acme' },
    { prefix: '../x' },
    { account: 'other' },
    { pieceSize: 0 },
    { pieceSize: 1.5 },
    { realms: 'x' },
    { unknown: 1 },
  ])('%j are refused', (wrong) => {
    expect(() => registry.parse(wrong)).toThrow('a registry has the settings')
  })

  const environment = createEnvironment({ variables: { NAME: 'name', PASSWORD: 'pass' }, base: '/', rehearsal: true })
  const opening = { role: 'public', origin: 'http://127.0.0.1:1', access: 'write' } as const
  test.each([
    [{}, ['PASSWORD'], 'the setting account does not give its type'],
    [{ account: 'password' }, [], 'there is an account without a credential'],
    [{ account: 'password' }, ['PASSWORD'], 'expected a user name'],
    [{ realms: ['https://auth.example/token'] }, [], 'expected an origin'],
    [{ realms: ['http://auth.example'] }, [], 'expected https'],
    [{ account: 'config' }, ['PASSWORD'], 'is not a Docker config.json'],
  ])('%j with the credentials %j are refused', (some, credentials, what) => {
    expect(() => registry.open({ ...opening, settings: registry.parse(some), credentials }, environment)).toThrow(what)
  })

  test('the user’s name may be in a variable', () => {
    const some = { settings: registry.parse({ account: 'password' }), credentials: ['NAME', 'PASSWORD'] }
    expect(registry.open({ ...opening, ...some }, environment).host).toBe('http://127.0.0.1:1')
  })
})

test('anything but an image is refused', async () => {
  const server = await start()
  const repository = open(server)
  const item: Item = { coordinates: { format: 'file', path: 'x' }, content: contentOf(data) }
  await expect(repository.observe(item.coordinates, soon())).rejects.toMatchObject({ code: 'repository/unsupported' })
  expect(await repository.copy({ ...blob, coordinates: { ...blob.coordinates, format: 'manifest' } }, 'x', soon())).toEqual({
    outcome: 'unsupported',
  })
})
