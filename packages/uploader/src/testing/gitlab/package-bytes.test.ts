import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:https'
import { describe, expect, test } from 'vitest'
import { authority } from '../authority.js'
import { asking, emulated } from './emulated.js'

// How bytes come to generic packages, and how they are given again.
const at = '/api/v4/projects/7/packages/generic/acme/1'
const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
/** More than is kept in memory, and no text. */
const large = Buffer.alloc(3 * 1024 * 1024 + 17, 'no text: \xff\x00', 'latin1')

async function bytesOf(answer: Response): Promise<Buffer> {
  return Buffer.from(await answer.arrayBuffer())
}

describe('bytes', () => {
  test.each([
    ['none', Buffer.alloc(0)],
    ['those that are no text', Buffer.from([0xff, 0x00, 0xc3, 0x28])],
    ['many, which lie on disk', large],
  ])('are given as they came: %s', async (_, body) => {
    const { packages, ask } = await emulated()
    const shown = await ask(`${at}/a.bin?select=package_file`, { method: 'PUT', body: new Uint8Array(body) })
    expect(await shown.json()).toMatchObject({ file_name: 'a.bin', size: body.length, file_sha256: sha256(body) })
    const answer = await ask(`${at}/a.bin`)
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(body.length)])
    expect(answer.headers.get('x-checksum-sha256')).toBe(sha256(body))
    expect((await bytesOf(answer)).equals(body)).toBe(true)
    expect(packages.all['acme/1']?.[0]?.read().equals(body)).toBe(true)
  })

  test('are described by HEAD as by GET, without a body', async () => {
    const { packages, ask } = await emulated()
    packages.add(7, ['acme', '1'], { name: 'a', text: 'abc' })
    const answer = await ask(`${at}/a`, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-length'), (await bytesOf(answer)).length]).toEqual([200, '3', 0])
    expect(answer.headers.get('x-checksum-sha256')).toBe(sha256(Buffer.from('abc')))
  })

  test.each(['acme', large.toString('latin1')])('that a server keeps wrong are said as they are kept', async (body) => {
    const { packages, server, ask } = await emulated()
    server.faults.add({ on: { method: 'PUT' }, do: { storeOtherBytes: true } })
    expect((await ask(`${at}/a`, { method: 'PUT', body })).status).toBe(201)
    const [file] = packages.all['acme/1'] ?? []
    expect(file?.read().equals(Buffer.from(body))).toBe(false)
    expect((await ask(`${at}/a`)).headers.get('x-checksum-sha256')).toBe(file?.sha256)
  })

  test('can be altered or cut off on their way to the reader', async () => {
    const { packages, server, ask } = await emulated()
    packages.add(7, ['acme', '1'], { name: 'a', text: 'abc' })
    server.faults.add({ do: { serveOtherBytes: true } }, { do: { truncateAnswer: 2 } })
    expect(await (await ask(`${at}/a`)).text()).toBe('abb')
    await expect((await ask(`${at}/a`)).text()).rejects.toThrow()
  })

  test.each([
    ['forgotten', { acceptAndForget: true }, 201, 0],
    ['kept without an answer', { commitThenReset: true }, undefined, 1],
    ['kept, and answered as if not', { commitThenAnswer: 502 }, 502, 1],
    ['lost with the connection', { reset: 'after-body' }, undefined, 0],
    ['lost on the way', { reset: { afterBytes: 1 } }, undefined, 0],
  ] as const)('can be %s', async (_, fault, status, rows) => {
    const { packages, server, ask } = await emulated()
    server.faults.add({ on: { method: 'PUT' }, do: fault })
    const answer = await ask(`${at}/a`, { method: 'PUT', body: 'abc' }).catch(() => undefined)
    expect(answer?.status).toBe(status)
    expect(packages.all['acme/1'] ?? []).toHaveLength(rows)
    expect(server.violations).toEqual([])
  })

  test('that break off leave no row', async () => {
    const { packages, server, token } = await emulated()
    const sending = request(`${server.url}${at}/a`, {
      method: 'PUT',
      ca: authority.ca,
      headers: { 'job-token': token, 'content-length': '10' },
    })
    sending.on('error', () => undefined)
    sending.write('abc')
    await expect.poll(() => server.requests.length).toBe(1)
    sending.destroy()
    await expect.poll(() => sending.closed).toBe(true)
    await server.close()
    expect(packages.all).toEqual({})
  })

  test('are asked for after the rights were checked, and before they come', async () => {
    const { server, token } = await emulated()
    for (const [own, expected] of [
      [token, ['continue', 201]],
      ['glcbt-over', [401]],
    ] as const) {
      const seen: unknown[] = []
      const headers = { 'job-token': own, 'content-length': '3', expect: '100-continue' }
      const sending = request(`${server.url}${at}/a`, { method: 'PUT', ca: authority.ca, headers })
      sending.on('error', () => undefined)
      sending.on('continue', () => {
        seen.push('continue')
        sending.end('abc')
      })
      sending.flushHeaders()
      const [answer] = await once(sending, 'response')
      seen.push(answer.statusCode)
      sending.destroy()
      expect(seen).toEqual(expected)
    }
  })

  test('of a form are kept as a form, which nobody wants', async () => {
    const { packages, server, ask } = await emulated()
    const form = new FormData()
    form.set('file', new Blob(['abc']), 'a')
    expect((await ask(`${at}/a`, { method: 'PUT', body: form })).status).toBe(201)
    expect(packages.all['acme/1']?.[0]?.text).toContain('Content-Disposition: form-data')
    expect(server.violations).toEqual([expect.stringContaining('a form instead of the file')])
  })
})

describe('an object storage', () => {
  test.each([
    ['storage', null],
    ['storage-with-checksum', sha256(Buffer.from('abc'))],
  ] as const)('gives the bytes at another origin: %s', async (downloads, checksum) => {
    const { packages, server, ask } = await emulated({ packages: { downloads } })
    packages.add(7, ['acme', '1'], { name: 'a', text: 'abc' })
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(`${at}/a`, { method })
      expect([answer.status, answer.headers.get('x-checksum-sha256')]).toEqual([302, checksum])
      const location = answer.headers.get('location') ?? ''
      expect(new URL(location).origin).not.toBe(new URL(server.url).origin)
      const given = await fetch(location, { method })
      expect([given.status, await given.text()]).toEqual([200, method === 'GET' ? 'abc' : ''])
      expect(given.headers.get('x-checksum-sha256')).toBeNull()
    }
    expect(server.requests.map(({ at: where }) => where)).toEqual(['gitlab', 'storage', 'gitlab', 'storage'])
    expect(server.violations).toEqual([])
  })

  test.each(['private-token', 'job-token', 'deploy-token', 'authorization'])(
    'refuses a request with %s, which has leaked',
    async (header) => {
      const { packages, server, ask } = await emulated({ packages: { downloads: 'storage' } })
      packages.add(7, ['acme', '1'], { name: 'a', text: 'abc' })
      const location = (await ask(`${at}/a`)).headers.get('location') ?? ''
      expect((await fetch(location, { headers: { [header]: 'x' } })).status).toBe(400)
      expect(server.violations).toEqual([expect.stringContaining(`came to the object storage with ${header}`)])
    },
  )

  test('gives nothing at an address that it did not sign', async () => {
    const { packages, ask } = await emulated({ packages: { downloads: 'storage' } })
    packages.add(7, ['acme', '1'], { name: 'a', text: 'abc' })
    const location = new URL((await ask(`${at}/a`)).headers.get('location') ?? '')
    location.searchParams.set('X-Amz-Expires', '1')
    expect((await fetch(location)).status).toBe(403)
    location.search = ''
    expect((await fetch(location)).status).toBe(403)
  })

  test('misbehaves as the script says', async () => {
    const { packages, server, ask } = await emulated({ packages: { downloads: 'storage' } })
    packages.add(7, ['acme', '1'], { name: 'a', text: large })
    server.faults.add({ on: { path: /gitlab-packages/ }, do: { answer: 503 } })
    const location = (await ask(`${at}/a`)).headers.get('location') ?? ''
    expect((await fetch(location)).status).toBe(503)
    expect((await bytesOf(await fetch(location))).equals(large)).toBe(true)
  })
})

test('a server whose failing store refuses uploads says only that they are forbidden, and keeps nothing', async () => {
  const { packages, server, token } = await emulated()
  const put = (body: string) => asking(server, { 'job-token': token })(`${at}/a`, { method: 'PUT', body })
  packages.failUploads(1)
  const answer = await put('abc')
  expect([answer.status, await answer.json()]).toEqual([403, { message: '403 Forbidden' }])
  expect(packages.all).toEqual({})
  expect((await put('abc')).status).toBe(201)
})
