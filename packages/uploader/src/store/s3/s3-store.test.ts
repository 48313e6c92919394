import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { bytesOf, contentOf, sampleBytes, soon } from '../../testing/fixtures.js'
import type { S3Options } from '../../testing/s3/index.js'
import { s3World, sendable } from '../../testing/s3-world.js'
import { storePath } from '../path.js'

const mebibyte = 1024 ** 2

const path = storePath('a/b+c~d=%2B e/(f)!.txt')
const data = sampleBytes(3000)
const other = sampleBytes(3000, 2)

describe('an object', () => {
  test('is absent, created once, seen with the digest that the server confirms, and read', async () => {
    const { store, server, open } = await s3World()
    expect(await store.observe(path, soon())).toEqual({ saw: 'absent' })
    expect(await store.create(path, sendable(data), soon())).toEqual({ outcome: 'accepted' })
    const { sha256, size } = contentOf(data)
    expect(await open().observe(path, soon())).toEqual({ saw: 'present', sha256, size, version: expect.stringMatching(/^".+"$/) })
    expect(await open().create(path, sendable(other), soon())).toEqual({ outcome: 'exists' })
    const { stream, version } = await store.read(path, soon())
    expect(await bytesOf(stream)).toEqual(data)
    expect(version).toBe(server.objects().get(`linux/${path}`)?.etag)
    expect(server.objects().get(`linux/${path}`)?.headers).toEqual({
      'content-type': 'application/octet-stream',
      'cache-control': 'max-age=31536000, immutable',
      'x-amz-meta-sha256': sha256,
    })
  })

  test('whose server keeps no checksums is there, and its digest is not known', async () => {
    const { store } = await s3World({ keepsChecksums: false })
    await store.create(path, sendable(data), soon())
    expect(await store.observe(path, soon())).toMatchObject({ saw: 'present', sha256: undefined, size: data.length })
  })

  test('that is gone is NotThere', async () => {
    const { store } = await s3World()
    await expect(store.read(path, soon())).rejects.toMatchObject({ code: 'content/not-there' })
  })

  test('can be addressed by the host', async () => {
    const { store, server } = await s3World({ hostOf: 'packages' }, { bucket: { name: 'packages', style: 'host' }, prefix: undefined })
    await store.create(path, sendable(data), soon())
    expect([...server.objects().keys()]).toEqual(['.stagegate/probe', path])
  })

  test('is never sent with other bytes than its digest says', async () => {
    const { store, server } = await s3World()
    const lying = { content: contentOf(data), stream: () => Readable.from([other]) }
    await expect(store.create(path, lying, soon())).rejects.toMatchObject({ message: expect.stringContaining('XAmzContentSHA256Mismatch') })
    expect(server.objects().has(`linux/${path}`)).toBe(false)
  })
})

describe('a name that moves', () => {
  test('is created once, replaced as it was seen, and changed otherwise', async () => {
    const { store, open, server } = await s3World()
    const first = await store.replaceIf(path, sendable(data), 'absent', soon())
    if (first.outcome !== 'replaced') throw new Error('Expected it to be created')
    expect(await open().replaceIf(path, sendable(other), 'absent', soon())).toEqual({ outcome: 'changed' })
    const second = await open().replaceIf(path, sendable(other), first.version, soon())
    expect(second).toMatchObject({ outcome: 'replaced' })
    expect(await store.replaceIf(path, sendable(data), first.version, soon())).toEqual({ outcome: 'changed' })
    server.objects().delete(`linux/${path}`)
    expect(await store.replaceIf(path, sendable(data), first.version, soon())).toEqual({ outcome: 'changed' })
    server.contend(1)
    expect(await store.replaceIf(path, sendable(data), 'absent', soon())).toEqual({ outcome: 'changed' })
  })

  test('of many writers at once, each that is told so has replaced what it saw', async () => {
    const { open, server } = await s3World()
    const add = async (writer: number): Promise<void> => {
      const store = open()
      for (;;) {
        const seen = await store.observe(path, soon())
        const before = seen.saw === 'absent' ? '' : String(await bytesOf((await store.read(path, soon())).stream))
        const body = sendable(Buffer.from(`${before}${writer}\n`))
        const { outcome } = await store.replaceIf(path, body, seen.saw === 'absent' ? 'absent' : seen.version, soon())
        if (outcome === 'replaced') return
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, writer) => add(writer)))
    const lines = String(server.objects().get(`linux/${path}`)?.data)
      .trim()
      .split('\n')
    expect(lines.map(Number).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('is listed, page by page', async () => {
    const { store, server } = await s3World({ maxPerPage: 2 })
    const paths = ['x/1', 'x/<2>&', 'x/3', 'x/4/5', 'x-6', 'y/7'].map(storePath)
    for (const one of paths) await store.create(one, sendable(data), soon())
    server.objects().set('linux/x//8', { data, etag: '"a"', headers: {} })
    const listed = async (folder?: string) => {
      const found: string[] = []
      for await (const { path: one } of store.list(folder === undefined ? undefined : storePath(folder), soon())) found.push(one)
      return found
    }
    expect(await listed('x')).toEqual(['x/1', 'x/3', 'x/4/5', 'x/<2>&'])
    expect(new Set(await listed())).toEqual(new Set(paths))
  })
})

describe('in parts', () => {
  const limits = { single: 6 * mebibyte, part: 5 * mebibyte }
  const large = sampleBytes(12 * mebibyte)

  test('a large object is sent piece by piece, is one object in the end, and replaces none', async () => {
    const { store, server, asked } = await s3World({ largestObject: limits.single }, { limits })
    expect(await store.create(path, sendable(large), soon())).toEqual({ outcome: 'accepted' })
    expect(server.objects().get(`linux/${path}`)?.data.equals(large)).toBe(true)
    expect(asked().filter((one) => one.includes('partNumber='))).toHaveLength(3)
    // The digest of parts says nothing of the whole.
    expect(await store.observe(path, soon())).toMatchObject({ saw: 'present', sha256: undefined, size: large.length })
    expect(await store.create(path, sendable(sampleBytes(7 * mebibyte, 3)), soon())).toEqual({ outcome: 'exists' })
    expect(server.objects().get(`linux/${path}`)?.data.equals(large)).toBe(true)
  })

  test('a body that breaks off, or ends too soon, is not complete', async () => {
    const { store, server } = await s3World({}, { limits })
    const content = contentOf(large)
    const broken = async function* () {
      yield large.subarray(0, 11 * mebibyte)
      throw new Error('the source broke')
    }
    await expect(store.create(path, { content, stream: () => Readable.from(broken()) }, soon())).rejects.toThrow('the source broke')
    const short = { content, stream: () => Readable.from([large.subarray(1)]) }
    await expect(store.create(path, short, soon())).rejects.toThrow('its stream had')
    expect(server.objects().has(`linux/${path}`)).toBe(false)
  })

  test.each([
    ['InternalError', 'repository/retry-later'],
    ['ConditionalRequestConflict', 'repository/retry-later'],
  ])('an error %s in an answer of 200 is not taken for success', async (code, ours) => {
    const { store, server } = await s3World({}, { limits })
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n\n<Error><Code>${code}</Code><Message>We encountered it.</Message></Error>`
    server.faults.add({ on: { method: 'POST', path: /uploadId/ }, do: { answer: 200, body } })
    await expect(store.create(path, sendable(large), soon())).rejects.toMatchObject({ code: ours })
    expect(server.objects().has(`linux/${path}`)).toBe(false)
  })

  test.each([
    [304, ''],
    [200, '<Error><Code>PreconditionFailed</Code></Error>'],
  ])('a condition that does not hold can be said with %i', async (status, body) => {
    const { store, server } = await s3World({}, { limits })
    server.faults.add({ on: { method: 'POST', path: /uploadId/ }, do: { answer: status, body } })
    expect(await store.create(path, sendable(large), soon())).toEqual({ outcome: 'exists' })
  })

  test('more parts than an object can have are refused before anything is sent', async () => {
    const { store, asked } = await s3World({}, { limits: { single: 1, part: 1 } })
    expect(await store.create(path, sendable(sampleBytes(10_001)), soon())).toMatchObject({
      outcome: 'refused',
      because: { code: 'repository/too-large' },
    })
    expect(asked().filter((one) => one.includes('uploads'))).toEqual([])
  })
})

describe('a copy on the server', () => {
  const from = storePath('staged.bin')

  async function staged(options: S3Options = {}, content = data) {
    const world = await s3World({ buckets: ['packages', 'staging'], ...options })
    const staging = world.open({ bucket: { name: 'staging', style: 'path' }, prefix: undefined })
    await staging.create(from, sendable(content), soon())
    return { ...world, staging, elsewhere: staging.nameOnHost(from), to: world.open() }
  }

  test('moves no bytes, replaces nothing, and says where the digest came from', async () => {
    const { to, elsewhere, server } = await staged()
    expect(await to.copy(elsewhere, path, contentOf(data), soon())).toEqual({ outcome: 'accepted' })
    expect(server.objects().get(`linux/${path}`)?.data).toEqual(data)
    expect(server.objects().get(`linux/${path}`)?.headers).toMatchObject({ 'x-amz-meta-sha256': contentOf(data).sha256 })
    expect(await to.copy(elsewhere, path, contentOf(data), soon())).toEqual({ outcome: 'exists' })
  })

  test('has a digest that the server confirms, and can be copied again', async () => {
    const { to, open, elsewhere, server } = await staged()
    await to.copy(elsewhere, path, contentOf(data), soon())
    expect(await to.observe(path, soon())).toMatchObject({ saw: 'present', sha256: contentOf(data).sha256, size: data.length })
    const third = open({ prefix: storePath('third') })
    expect(await third.copy(to.nameOnHost(path), path, contentOf(data), soon())).toEqual({ outcome: 'accepted' })
    // A claim that the checksum does not confirm is none.
    const object = server.objects().get(`linux/${path}`)
    if (object !== undefined)
      server.objects().set(`linux/${path}`, { ...object, headers: { ...object.headers, 'x-amz-meta-sha256': contentOf(other).sha256 } })
    expect(await to.observe(path, soon())).toMatchObject({ saw: 'present', sha256: undefined })
  })

  test.each([
    ['of other bytes than those that are expected', {}, other, data],
    ['that the server vouches for no digest of', { keepsChecksums: false }, data, data],
    ['without any bytes', {}, Buffer.of(), Buffer.of()],
  ])('is left to those who send bytes for an object %s', async (_, options, there, expected) => {
    const { to, elsewhere, server } = await staged(options, there)
    expect(await to.copy(elsewhere, path, contentOf(expected), soon())).toEqual({ outcome: 'unsupported' })
    expect(server.objects().has(`linux/${path}`)).toBe(false)
  })

  test('is left to them where the server does not do it, the object is gone, or is on another server', async () => {
    for (const answer of [400, 403, 404, 412, 501]) {
      const { to, elsewhere, server, asked } = await staged()
      server.faults.add({ on: { method: 'PUT', path: /partNumber/ }, do: { answer } })
      expect(await to.copy(elsewhere, path, contentOf(data), soon())).toEqual({ outcome: 'unsupported' })
      const { length } = asked()
      expect(await to.copy(elsewhere, path, contentOf(data), soon())).toEqual({ outcome: 'unsupported' })
      expect(asked(), 'it is not tried again').toHaveLength(length)
      expect(server.objects().has(`linux/${path}`)).toBe(false)
    }
    const [near, far] = await Promise.all([staged(), staged()])
    expect(await near.to.copy(far.elsewhere, path, contentOf(data), soon())).toEqual({ outcome: 'unsupported' })
    expect(near.asked().filter((one) => one.includes(path))).toEqual([])
  })

  test('of which the server says in an answer of 200 that it failed is not known', async () => {
    const { to, elsewhere, server } = await staged()
    server.faults.add({ on: { method: 'PUT', path: /partNumber/ }, do: { answer: 200, body: '<Error><Code>InternalError</Code></Error>' } })
    await expect(to.copy(elsewhere, path, contentOf(data), soon())).rejects.toMatchObject({ code: 'repository/retry-later' })
  })
})
