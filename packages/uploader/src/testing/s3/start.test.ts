import { createHash } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { type S3Options, startS3 } from './index.js'

/* The emulator, asked by a client that is not the product's. */

async function started(options: S3Options = {}) {
  const server = await startS3({ tls, ...options })
  onTestFinished(() => server.close())
  const by = (keys: Partial<ConstructorParameters<typeof AwsClient>[0]> = {}) =>
    new AwsClient({ accessKeyId: 'AKIDWRITES', secretAccessKey: 'writes', region: 'eu-central-1', service: 's3', retries: 0, ...keys })
  const send = async (method: string, key: string, { body = '', headers = {}, keys = {} }: Sent = {}) => {
    const digest = createHash('sha256').update(body).digest('hex')
    const sent = { 'x-amz-content-sha256': digest, ...headers }
    const more = method === 'GET' || method === 'HEAD' ? {} : { body }
    return by(keys).fetch(`${server.url}/packages/${key}`, { method, headers: sent, ...more })
  }
  const said = async (...given: Parameters<typeof send>) => {
    const answer = await send(...given)
    const text = await answer.text()
    return [answer.status, /<Code>(.*?)<\/Code>/.exec(text)?.[1] ?? text].filter((one) => one !== '')
  }
  return { server, send, said }
}

interface Sent {
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly keys?: Partial<ConstructorParameters<typeof AwsClient>[0]>
}

const once = { 'if-none-match': '*' }

describe('an emulated S3', () => {
  test('keeps what it was sent, and tells it with its metadata', async () => {
    const { send, said, server } = await started()
    expect(await said('GET', 'a')).toEqual([404, 'NoSuchKey'])
    const sum = createHash('sha256').update('abc').digest('base64')
    const headers = { ...once, 'x-amz-meta-a': 'b', 'x-amz-checksum-sha256': sum, 'cache-control': 'no-cache' }
    expect(await said('PUT', 'a', { body: 'abc', headers })).toEqual([200])
    const got = await send('GET', 'a', { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
    expect(await got.text()).toBe('abc')
    expect(Object.fromEntries(got.headers)).toMatchObject({
      etag: '"900150983cd24fb0d6963f7d28e17f72"',
      'x-amz-meta-a': 'b',
      'x-amz-checksum-sha256': sum,
      'x-amz-checksum-type': 'FULL_OBJECT',
      'cache-control': 'no-cache',
    })
    expect((await send('HEAD', 'a')).headers.get('x-amz-checksum-sha256')).toBeNull()
    expect(server.violations).toEqual([])
  })

  test.each<[string, Sent, readonly [number, string]]>([
    ['another secret', { keys: { secretAccessKey: 'x' } }, [403, 'SignatureDoesNotMatch']],
    ['a key of nobody', { keys: { accessKeyId: 'x' } }, [403, 'InvalidAccessKeyId']],
    ['a token of no session', { keys: { sessionToken: 'x' } }, [400, 'InvalidToken']],
    ['another region', { keys: { region: 'us-east-1' } }, [400, 'AuthorizationHeaderMalformed']],
    ['another digest of the body', { headers: { ...once, 'x-amz-content-sha256': 'a'.repeat(64) } }, [400, 'XAmzContentSHA256Mismatch']],
    ['another checksum', { headers: { ...once, 'x-amz-checksum-sha256': `${'A'.repeat(43)}=` } }, [400, 'BadDigest']],
    ['a checksum that is none', { headers: { ...once, 'x-amz-checksum-sha256': 'abc' } }, [400, 'InvalidRequest']],
    ['an ETag as If-None-Match', { headers: { 'if-none-match': '"a"' } }, [501, 'NotImplemented']],
    ['If-Match of what is not there', { headers: { 'if-match': '"a"' } }, [404, 'NoSuchKey']],
  ])('refuses %s', async (_, sent, expected) => {
    const { said, server } = await started()
    expect(await said('PUT', 'a', { body: 'abc', headers: once, ...sent })).toEqual(expected)
    expect(server.objects().size).toBe(0)
  })

  test('obeys conditions exactly', async () => {
    const { said, send, server } = await started()
    expect(await said('PUT', 'a', { body: '1', headers: once })).toEqual([200])
    expect(await said('PUT', 'a', { body: '2', headers: once })).toEqual([412, 'PreconditionFailed'])
    const etag = (await send('HEAD', 'a')).headers.get('etag') ?? ''
    expect(await said('PUT', 'a', { body: '3', headers: { 'if-match': '"other"' } })).toEqual([412, 'PreconditionFailed'])
    expect(await said('PUT', 'a', { body: '4', headers: { 'if-match': etag } })).toEqual([200])
    server.contend(1)
    expect(await said('PUT', 'b', { body: '5', headers: once })).toEqual([409, 'ConditionalRequestConflict'])
    expect(String(server.objects().get('a')?.data)).toBe('4')
  })

  test('tells of writes without a condition, of bodies that are not signed, and of deletions', async () => {
    const { send, server } = await started()
    await send('PUT', 'a', { body: '1' })
    await send('PUT', 'b', { body: '1', headers: { ...once, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })
    await send('DELETE', 'a')
    expect(server.violations).toEqual([
      'PUT /packages/a: it has no condition',
      'PUT /packages/b: its body is not signed',
      'DELETE /packages/a: something is deleted',
    ])
  })

  test('refuses a signature of another time, and says its own', async () => {
    const { send } = await started({ ahead: 1200 })
    const { status, headers } = await send('GET', 'a')
    expect(status).toBe(403)
    expect(Math.round((Date.parse(headers.get('date') ?? '') - Date.now()) / 60_000)).toBe(20)
  })

  test('shows visitors what is public alone, and never that something is absent', async () => {
    const { said, server } = await started({ publicPrefixes: ['public/'] })
    for (const key of ['public/a', 'private/a']) await said('PUT', key, { body: 'abc', headers: once })
    const visit = async (path: string) => (await fetch(`${server.url}/packages/${path}`)).status
    expect([await visit('public/a'), await visit('private/a'), await visit('public/b'), await visit('')]).toEqual([200, 403, 403, 403])
  })

  test('a plus in an address is a space there', async () => {
    const { server } = await started({ publicPrefixes: [''] })
    server.objects().set('a b', { data: Buffer.from('1'), etag: '"1"', headers: {} })
    expect(await (await fetch(`${server.url}/packages/a+b`)).text()).toBe('1')
    expect((await fetch(`${server.url}/packages/a%2Bb`)).status).toBe(403)
  })

  test('makes an object of parts that are complete, in order and large enough', async () => {
    const { said, send, server } = await started({ smallestPart: 3 })
    const begun = await (await send('POST', 'a?uploads=')).text()
    const upload = `a?uploadId=${encodeURIComponent(/<UploadId>(.*)<\/UploadId>/.exec(begun)?.[1] ?? '')}`
    const etags = ['abc', 'd', 'ef'].map((part) => `"${createHash('md5').update(part).digest('hex')}"`)
    for (const [index, part] of ['abc', 'd', 'ef'].entries()) await send('PUT', `${upload}&partNumber=${index + 1}`, { body: part })
    const list = (...numbers: readonly number[]) =>
      numbers.map((one) => `<Part><PartNumber>${one}</PartNumber><ETag>${etags[one - 1]}</ETag></Part>`).join('')
    const complete = (body: string) => said('POST', upload, { body, headers: once })
    expect(await complete(list(2, 1))).toEqual([400, 'EntityTooSmall'])
    expect(await complete(list(1, 2, 3))).toEqual([400, 'EntityTooSmall'])
    expect(await complete(list(3, 1))).toEqual([400, 'EntityTooSmall'])
    expect(await complete('<x/>')).toEqual([400, 'MalformedXML'])
    expect(await complete(list(1).replace(/"[0-9a-f]+"/, '"0"'))).toEqual([400, 'InvalidPart'])
    expect((await complete(list(1, 3)))[0]).toBe(200)
    expect(String(server.objects().get('a')?.data)).toBe('abcef')
    expect(await complete(list(1, 3))).toEqual([404, 'NoSuchUpload'])
    expect(server.violations).toEqual([])
  })
})
