import { describe, expect, test } from 'vitest'
import { createHttpClient } from '../../http/create-client.js'
import { bytesOf, contentOf, sampleBytes, soon } from '../../testing/fixtures.js'
import { s3World, sendable } from '../../testing/s3-world.js'
import { storePath } from '../path.js'

/* Servers and people that try to break the client. */

const path = storePath('acme/1.2.3/acme.tar.gz')
const data = sampleBytes(3000)
const mebibyte = 1024 ** 2
const limits = { single: 6 * mebibyte, part: 5 * mebibyte }
const large = sampleBytes(7 * mebibyte)

describe('a server that', () => {
  test('names another region each time is asked a few times, and no more', async () => {
    const { store, server, asked } = await s3World()
    for (let turn = 0; turn < 20; turn++) {
      const region = `eu-west-${turn}`
      server.faults.add({ do: { answer: 400, body: `<Error><Code>AuthorizationHeaderMalformed</Code><Region>${region}</Region></Error>` } })
    }
    await expect(store.observe(path, soon())).rejects.toMatchObject({ code: 'store/region' })
    expect(asked().length).toBeLessThan(8)
  })

  test.each(['yesterday', '', '-1', 'Sat, 13 Sep 275760 00:00:00 GMT'])('says %j for the time does not spoil the clock', async (date) => {
    const { store, server } = await s3World()
    server.faults.add({ do: { answer: 403, headers: { date }, body: '<Error><Code>RequestTimeTooSkewed</Code></Error>' }, times: 2 })
    expect(await store.observe(path, soon())).toEqual({ saw: 'absent' })
  })

  test('begins its list again is not listened to for ever', async () => {
    const { store, server } = await s3World()
    const body = '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a</NextContinuationToken></ListBucketResult>'
    server.faults.add({ do: { answer: 200, body }, times: 99 })
    const list = async () => {
      for await (const _ of store.list(undefined, soon()));
    }
    await expect(list()).rejects.toMatchObject({ code: 'repository/retry-later' })
  })

  test('lists something else is not taken for one that has nothing', async () => {
    const { store, server } = await s3World()
    server.faults.add({ do: { answer: 200, body: '<html/>' }, times: 99 })
    await expect(store.list(undefined, soon())[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'repository/retry-later' })
  })

  test.each([
    ['another checksum of the same form', 'x-amz-checksum-sha256', `${'A'.repeat(43)}=`, '0'.repeat(64)],
    ['a checksum of parts', 'x-amz-checksum-sha256', `${'A'.repeat(43)}=-3`, undefined],
    ['no checksum', 'x-amz-checksum-sha256', 'none', undefined],
    ['a type of checksum that is not that of the whole', 'x-amz-checksum-type', 'COMPOSITE', undefined],
  ])('says %s is believed only as far as it vouches for the whole', async (_, name, value, sha256) => {
    const { store, server } = await s3World()
    const sum = Buffer.from(contentOf(data).sha256, 'hex').toString('base64')
    const headers = {
      etag: '"a"',
      'content-length': '0',
      'x-amz-checksum-sha256': sum,
      'x-amz-checksum-type': 'FULL_OBJECT',
      [name]: value,
    }
    server.faults.add({ on: { method: 'HEAD' }, do: { answer: 200, headers, body: '' } })
    expect(await store.observe(path, soon())).toMatchObject({ saw: 'present', sha256 })
  })
})

describe('in parts,', () => {
  test('a completion whose answer is lost is not done twice, and is seen', async () => {
    const { store, server } = await s3World({}, { limits })
    server.faults.add({ on: { method: 'POST', path: /uploadId/ }, do: { commitThenReset: true } })
    await expect(store.create(path, sendable(large), soon())).rejects.toMatchObject({ code: 'http/reset' })
    expect(await store.observe(path, soon())).toMatchObject({ saw: 'present', size: large.length })
    expect(await store.create(path, sendable(large), soon())).toEqual({ outcome: 'exists' })
  })

  test('of several writers at once one wins, and a copy on the server races with them', async () => {
    const { open, server } = await s3World({}, { limits })
    const other = sampleBytes(7 * mebibyte, 5)
    const small = sampleBytes(100, 6)
    const from = storePath('another address')
    await open({ limits: undefined }).create(from, sendable(small), soon())
    const copier = open()
    const ends = await Promise.all([
      open().create(path, sendable(large), soon()),
      open().create(path, sendable(other), soon()),
      open().create(path, sendable(small), soon()),
      copier.copy(copier.nameOnHost(from), path, contentOf(small), soon()),
    ])
    expect(ends.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1)
    const winner = [large, other, small, small][ends.findIndex(({ outcome }) => outcome === 'accepted')]
    expect(
      server
        .objects()
        .get(`linux/${path}`)
        ?.data.equals(winner ?? Buffer.of()),
    ).toBe(true)
  })

  test.each([
    ['upload without a name', { method: 'POST', path: /uploads/ }, '<InitiateMultipartUploadResult/>'],
    ['page in place of an upload', { method: 'POST', path: /uploads/ }, '<html/>'],
    ['page in place of a completion', { method: 'POST', path: /uploadId/ }, '<html/>'],
  ])('a %s is no success', async (_, on, body) => {
    const { store, server } = await s3World({}, { limits })
    server.faults.add({ on, do: { answer: 200, body } })
    await expect(store.create(path, sendable(large), soon())).rejects.toMatchObject({ code: 'repository/retry-later' })
    expect(server.objects().has(`linux/${path}`)).toBe(false)
  })

  test('a part that the server changes is refused before the object is complete', async () => {
    const { store, server } = await s3World({}, { limits })
    server.faults.add({ on: { method: 'PUT', path: /partNumber=2/ }, do: { storeOtherBytes: true } })
    await expect(store.create(path, sendable(large), soon())).rejects.toMatchObject({ message: expect.stringContaining('InvalidPart') })
    expect(server.objects().has(`linux/${path}`)).toBe(false)
  })
})

describe('keys', () => {
  test('that a program fetches may change between two requests', async () => {
    const accounts = { AKID1: { secretAccessKey: 'one' }, AKID2: { secretAccessKey: 'two', sessionToken: 'session' } }
    let session = 1
    const keys = {
      accessKeyId: () => `AKID${session}`,
      secretAccessKey: async () => (session === 1 ? 'one' : 'two'),
    }
    const { open, server } = await s3World({ accounts })
    await open({ keys }).create(path, sendable(data), soon())
    session = 2
    const store = open({ keys: { ...keys, sessionToken: () => 'session' } })
    expect(await bytesOf((await store.read(path, soon())).stream)).toEqual(data)
    expect(server.requests.length).toBeGreaterThan(3)
  })

  test('sign what a client of any kind sends, and a redirect of an API that is signed is an answer', async () => {
    const { server } = await s3World()
    const far = await s3World()
    const client = createHttpClient({
      origin: server.url,
      credential: {
        scheme: 'aws',
        accessKeyId: { value: 'AKIDWRITES' },
        secretAccessKey: { value: 'writes' },
        region: 'eu-central-1',
        service: 's3',
      },
    })
    server.faults.add({ do: { answer: 307, headers: { location: `${far.server.url}/x` } } })
    const { status, stream } = await client.download('/packages/a', soon())
    stream.destroy()
    expect(status).toBe(307)
    expect(far.server.requests).toEqual([])
    expect(client.quote('writes AKIDWRITES')).toBe('[redacted] [redacted]')
  })
})
