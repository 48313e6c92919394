import { instant } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { isFinal } from '../../contract/refusal.js'
import { sampleBytes, soon } from '../../testing/fixtures.js'
import type { S3Options } from '../../testing/s3/index.js'
import { s3Keys, s3World, sendable } from '../../testing/s3-world.js'
import { virtualClock } from '../../testing/virtual-clock.js'
import { storePath } from '../path.js'

const path = storePath('acme/1.2.3/acme.tar.gz')
const data = sampleBytes(3000)
const puts = (asked: readonly string[]) => asked.filter((one) => one.startsWith('PUT'))
const probes = (asked: readonly string[]) => puts(asked).filter((one) => one.endsWith('/.stagegate/probe'))

describe('before the first write, a server', () => {
  test('that obeys conditions is found out with one small object, and later with one request', async () => {
    const { open, store, asked, server } = await s3World()
    for (const name of ['a', 'b', 'c']) await store.create(storePath(name), sendable(data), soon())
    expect(probes(asked())).toHaveLength(2)
    await open().create(storePath('d'), sendable(data), soon())
    expect(probes(asked())).toHaveLength(3)
    const moving = open()
    for (let turn = 0; turn < 3; turn++) await moving.replaceIf(path, sendable(data), 'absent', soon())
    expect(probes(asked())).toHaveLength(5)
    expect([...server.objects().keys()].filter((key) => key.includes('.stagegate'))).toEqual(['linux/.stagegate/probe'])
  })

  test.each<[string, S3Options, 'create' | 'replace', string]>([
    ['that ignores conditions', { conditions: 'ignores' }, 'create', 'If-None-Match'],
    ['that ignores conditions', { conditions: 'ignores' }, 'replace', 'If-None-Match'],
    ['that ignores If-Match', { conditions: 'ignores-if-match' }, 'replace', 'If-Match'],
    ['that knows no conditions', { conditions: 'not-implemented' }, 'create', '501'],
  ])('%s (%j) is refused by name for a %s, and nothing is uploaded', async (_, options, what, said) => {
    const { store, server } = await s3World(options)
    const write = () =>
      what === 'create' ? store.create(path, sendable(data), soon()) : store.replaceIf(path, sendable(data), 'absent', soon())
    const error = await write().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'store/no-preconditions', message: expect.stringContaining(said) })
    expect(isFinal(error)).toBe(true)
    expect([...server.objects().keys()].filter((key) => !key.endsWith('/.stagegate/probe'))).toEqual([])
  })

  test('that ignores If-Match alone still takes files that never change', async () => {
    const { store } = await s3World({ conditions: 'ignores-if-match' })
    expect(await store.create(path, sendable(data), soon())).toEqual({ outcome: 'accepted' })
  })

  test('that did not answer is asked again with the next write', async () => {
    const { store, server } = await s3World()
    server.faults.add({ on: { method: 'PUT' }, do: { answer: 503 } })
    await expect(store.create(path, sendable(data), soon())).rejects.toMatchObject({ code: 'repository/retry-later' })
    expect(await store.create(path, sendable(data), soon())).toEqual({ outcome: 'accepted' })
  })

  test('whose answer is lost is asked again, and the object that was made changes nothing', async () => {
    const { store, server } = await s3World()
    server.faults.add({ on: { method: 'PUT' }, do: { commitThenReset: true } })
    await expect(store.create(path, sendable(data), soon())).rejects.toMatchObject({ code: 'http/reset' })
    expect(await store.create(path, sendable(data), soon())).toEqual({ outcome: 'accepted' })
  })
})

describe('another region', () => {
  test('that the same server names is signed for, once and from then on', async () => {
    const { store, asked } = await s3World({ region: 'eu-west-1' })
    expect(await store.create(path, sendable(data), soon())).toEqual({ outcome: 'accepted' })
    expect(await store.observe(path, soon())).toMatchObject({ saw: 'present' })
    // One request too many, in all.
    expect(asked()).toHaveLength(5)
  })

  test('is found out by a look, whose answer has no body, too', async () => {
    const { store } = await s3World({ region: 'eu-west-1' })
    expect(await store.observe(path, soon())).toEqual({ saw: 'absent' })
  })

  test.each([301, 307] as const)('on another host (%i) is refused with its name, and no signature goes there', async (status) => {
    const other = await s3World()
    const location = `${other.server.url}/packages/x`
    const { store, server } = await s3World({ elsewhere: { status, region: 'ap-south-1', location } })
    const region = { code: 'store/region', message: expect.stringContaining("region: 'ap-south-1'") }
    await expect(store.observe(path, soon())).rejects.toMatchObject(region)
    await expect(store.read(path, soon())).rejects.toMatchObject(region)
    await expect(store.create(path, sendable(data), soon())).rejects.toMatchObject(region)
    expect(isFinal(await store.observe(path, soon()).catch((thrown: unknown) => thrown))).toBe(true)
    server.faults.add({ do: { answer: status, headers: { location } }, times: 9 })
    await expect(store.read(path, soon())).rejects.toMatchObject({ code: 'store/region' })
    expect(other.server.requests).toEqual([])
  })

  test('that is named in a form that no region has is not signed for', async () => {
    const { store, server } = await s3World()
    const headers = { 'x-amz-bucket-region': 'eu-west-1/s3/aws4_request' }
    server.faults.add({ do: { answer: 301, headers }, times: 9 })
    await expect(store.observe(path, soon())).rejects.toMatchObject({
      code: 'store/region',
      message: expect.not.stringContaining('aws4_request'),
    })
  })
})

describe('a clock', () => {
  test.each([3600, -3600])('that differs by %i seconds is corrected by the server’s own, once and from then on', async (ahead) => {
    const { store, asked } = await s3World({ ahead })
    expect(await store.observe(path, soon())).toEqual({ saw: 'absent' })
    const before = asked().length
    expect(await store.create(path, sendable(data), soon())).toEqual({ outcome: 'accepted' })
    expect(asked()).toHaveLength(before + 3)
  })

  test('that cannot be corrected is named', async () => {
    const clock = virtualClock(instant(Date.now() + 86_400_000))
    const { store, server } = await s3World({}, { clock })
    const body = '<Error><Code>RequestTimeTooSkewed</Code><Message>It is too large.</Message></Error>'
    server.faults.add({ times: 9, do: { answer: 403, body } })
    await expect(
      store.read(path, { signal: new AbortController().signal, deadline: instant(Date.now() + 90_000_000) }),
    ).rejects.toMatchObject({
      code: 'store/clock',
    })
  })
})

describe('credentials', () => {
  const accounts = {
    AKIDWRITES: { secretAccessKey: 'writes' },
    AKIDREADS: { secretAccessKey: 'reads', may: 'read' },
    AKIDBLIND: { secretAccessKey: 'blind', mayList: false },
    ASIASESSION: { secretAccessKey: 'session', sessionToken: 'token' },
    ASIAOVER: { secretAccessKey: 'over', sessionToken: 'token', isExpired: true },
  } as const

  const keys = (accessKeyId: string, secretAccessKey: string, sessionToken?: string) => ({
    keys: {
      accessKeyId: { value: accessKeyId },
      secretAccessKey: { value: secretAccessKey },
      ...(sessionToken !== undefined && { sessionToken: { value: sessionToken } }),
    },
  })

  test('that are temporary are sent with their token', async () => {
    const { store } = await s3World({ accounts }, keys('ASIASESSION', 'session', 'token'))
    expect(await store.create(path, sendable(data), soon())).toEqual({ outcome: 'accepted' })
  })

  test.each([
    ['a key that nobody has', keys('AKIDNOBODY', 'writes'), 'repository/unauthorized', true],
    ['another secret', keys('AKIDWRITES', 'secret-of-another'), 'repository/unauthorized', true],
    ['a session without its token', keys('ASIASESSION', 'session'), 'repository/unauthorized', true],
    ['a session that is over', keys('ASIAOVER', 'over', 'token'), 'store/session-over', false],
    ['a key that may read', keys('AKIDREADS', 'reads'), 'repository/forbidden', true],
    ['none', { keys: undefined }, 'repository/forbidden', true],
  ])('with %s write nothing, and it is said without repeating them', async (_, opening, code, final) => {
    const { store, server } = await s3World({ accounts }, opening)
    const error = await store.create(path, sendable(data), soon()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code })
    expect(isFinal(error)).toBe(final)
    expect(String(error)).not.toMatch(/secret-of-another|AKIDNOBODY|StringToSign|Signature=/)
    expect([...server.objects().keys()]).toEqual([])
  })

  test('are hidden in words of the server', async () => {
    const { store, server } = await s3World()
    const message = `AKIDWRITES and writes do not fit, nor does ${Buffer.from('writes').toString('base64')}`
    server.faults.add({
      times: 9,
      do: { answer: 403, body: `<Error><Code>SignatureDoesNotMatch</Code><Message>${message}</Message></Error>` },
    })
    const error = await store.read(path, soon()).catch((thrown: unknown) => thrown)
    expect(String(error)).toContain('[redacted] and [redacted] do not fit, nor does [redacted]')
  })

  test('without the right to list cannot tell absent from forbidden, and say what is missing', async () => {
    const { store } = await s3World({ accounts }, keys('AKIDBLIND', 'blind'))
    await expect(store.observe(path, soon())).rejects.toMatchObject({
      code: 'repository/forbidden',
      message: expect.stringContaining('s3:ListBucket'),
    })
  })
})

describe('unknown is not absent:', () => {
  test('a bucket that is not there', async () => {
    const { store } = await s3World({}, { bucket: { name: 'typo', style: 'path' } })
    for (const ask of [() => store.observe(path, soon()), () => store.read(path, soon()), () => store.create(path, sendable(data), soon())])
      await expect(ask()).rejects.toMatchObject({ code: 'store/no-such-bucket' })
  })

  test.each<[string, { readonly answer: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }, string]>([
    ['a 404 of a proxy', { answer: 404, body: '<html>Not found</html>' }, 'repository/unexpected-answer'],
    ['a 404 without a word', { answer: 404, body: '' }, 'repository/unexpected-answer'],
    ['a 404 about something else', { answer: 404, body: '<Error><Code>NoSuchUpload</Code></Error>' }, 'repository/unexpected-answer'],
    [
      'a page to sign in',
      { answer: 200, body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } },
      'repository/unexpected-answer',
    ],
    ['a slow-down', { answer: 503, body: '<Error><Code>SlowDown</Code></Error>' }, 'repository/retry-later'],
    ['an error without an end', { answer: 500, body: `<Error><Code>${'x'.repeat(200_000)}` }, 'repository/retry-later'],
    ['an archived object', { answer: 403, body: '<Error><Code>InvalidObjectState</Code></Error>' }, 'repository/refused'],
  ])('%s', async (_, fault, code) => {
    const { store, server } = await s3World()
    server.faults.add({ times: 9, do: fault })
    await expect(store.observe(path, soon())).rejects.toMatchObject({ code })
    await expect(store.read(path, soon())).rejects.toMatchObject({ code })
  })
})

describe('a refused write says why:', () => {
  test.each<[string, { readonly answer: number; readonly body?: string }, object]>([
    [
      'another one under way',
      { answer: 409, body: '<Error><Code>ConditionalRequestConflict</Code></Error>' },
      { code: 'repository/retry-later' },
    ],
    [
      'bytes that were changed on the way',
      { answer: 400, body: '<Error><Code>BadDigest</Code></Error>' },
      { code: 'repository/unexpected-answer' },
    ],
    ['an odd request', { answer: 400, body: '<Error><Code>InvalidRequest</Code></Error>' }, { outcome: 'refused' }],
    ['a file in the place of a folder', { answer: 409, body: '<Error><Code>ObjectParentIsFile</Code></Error>' }, { outcome: 'refused' }],
    [
      'too large for the server',
      { answer: 400, body: '<Error><Code>EntityTooLarge</Code></Error>' },
      { because: { code: 'repository/too-large' } },
    ],
    ['too large for a proxy', { answer: 413, body: '<html>' }, { because: { code: 'repository/too-large' } }],
    ['there', { answer: 412, body: '' }, { outcome: 'exists' }],
  ])('%s', async (_, fault, expected) => {
    const { store, server } = await s3World()
    server.faults.add({ on: { method: 'PUT', path: /acme\.tar\.gz$/ }, do: fault })
    const ended = await store.create(path, sendable(data), soon()).catch((thrown: unknown) => thrown)
    expect(ended).toMatchObject(expected)
    expect(isFinal(ended)).toBe(false)
    expect(server.objects().has(`linux/${path}`)).toBe(false)
  })
})

test('a success with an error in its body is a failure', async () => {
  const { store, server } = await s3World()
  const fault = { commitThenAnswer: 200, body: '<Error><Code>InternalError</Code></Error>' }
  server.faults.add({ on: { method: 'PUT', path: /acme\.tar\.gz$/ }, do: fault })
  await expect(store.create(path, sendable(data), soon())).rejects.toMatchObject({ code: 'repository/retry-later' })
  expect(await store.observe(path, soon())).toMatchObject({ saw: 'present' })
})

test('keys are of no use to another store: their signature is for one host', async () => {
  const { open, server } = await s3World()
  const far = await s3World()
  server.faults.add({
    on: { method: 'GET' },
    times: 9,
    do: { answer: 302, headers: { location: `${far.server.url}/packages/linux/${path}` } },
  })
  await expect(open({ keys: s3Keys }).read(path, soon())).rejects.toMatchObject({ code: 'repository/unexpected-answer' })
  expect(far.server.requests).toEqual([])
})
