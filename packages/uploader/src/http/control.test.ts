import { createServer } from 'node:net'
import { instant, later } from '@stagegate/schema'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../testing/authority.js'
import { bodyOf, sampleBytes } from '../testing/fixtures.js'
import { type Listening, listen } from '../testing/server/listen.js'
import type { HttpClientOptions } from './client-options.js'
import { createHttpClient } from './create-client.js'
import type { HttpLimits } from './exchange.js'

const token = 'tok/en+1234567890'
const forms = [token, Buffer.from(`${token}:`).toString('base64'), encodeURIComponent(token)]
const credential = { scheme: 'basic', username: { variable: 'TOKEN' }, password: '' } as const
const soon = () => ({ signal: new AbortController().signal, deadline: later(instant(Date.now()), 5) })

const open: Listening[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

async function serve(listener: Parameters<typeof listen>[0]) {
  const server = await listen(listener, tls)
  open.push(server)
  return server
}
function clientOf(origin: string, more: Partial<HttpClientOptions> = {}) {
  return createHttpClient({ origin, credential, secrets: () => token, ...more })
}

describe('a control request', () => {
  test('has the credential, the client’s name and the text, and gets status, headers and text', async () => {
    const seen: unknown[] = []
    const { url } = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => seen.push(text))
      request.on('end', () => {
        seen.push(request.method, request.url, request.headers.authorization, request.headers['user-agent'])
        response.writeHead(422, { 'x-two': ['a', 'b'] }).end('{"no":1}')
      })
    })
    const answer = await clientOf(url).send({ method: 'POST', path: '/a?b=c', body: 'text' }, soon())
    expect(seen).toEqual(['text', 'POST', '/a?b=c', `Basic ${Buffer.from(`${token}:`).toString('base64')}`, 'stagegate'])
    expect(answer).toMatchObject({ status: 422, headers: { 'x-two': 'a, b' }, text: '{"no":1}' })
  })

  test('without a body is complete, too', async () => {
    const { url } = await serve((request, response) => response.end(`${request.method} ${request.headers['content-length']}`))
    expect((await clientOf(url).send({ method: 'POST', path: '/' }, soon())).text).toBe('POST 0')
    expect((await clientOf(url).send({ method: 'GET', path: '/' }, soon())).text).toBe('GET undefined')
    expect((await clientOf(url).send({ method: 'HEAD', path: '/' }, soon())).status).toBe(200)
  })

  test('statement 7: takes a redirect for an answer', async () => {
    const { url } = await serve((_, response) => response.writeHead(302, { location: 'https://elsewhere.example/' }).end())
    expect(await clientOf(url).send({ method: 'GET', path: '/' }, soon())).toMatchObject({
      status: 302,
      headers: { location: 'https://elsewhere.example/' },
    })
  })

  test('statement 7: may bring no credential of its own', async () => {
    const sending = clientOf('http://127.0.0.1:9').send({ method: 'GET', path: '/', headers: { Authorization: 'x' } }, soon())
    await expect(sending).rejects.toMatchObject({ code: 'usage/header' })
  })

  test('is not answered without end: the rest is not read', async () => {
    let sent = 0
    const { url } = await serve((_, response) => {
      const chunk = Buffer.alloc(256 * 1024, 'x')
      const more = () => {
        while (!response.destroyed && sent < 512 * 1024 * 1024) {
          sent += chunk.length
          if (!response.write(chunk)) return void response.once('drain', more)
        }
      }
      more()
    })
    await expect(clientOf(url).send({ method: 'GET', path: '/' }, soon())).rejects.toMatchObject({
      name: 'HttpError',
      code: 'http/too-long',
    })
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })

  test('that is cut off is no answer, whatever status came', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    })
    await expect(clientOf(url).send({ method: 'GET', path: '/' }, soon())).rejects.toMatchObject({ name: 'HttpError', code: 'http/short' })
  })

  test.each([
    ['a header with a line break', { headers: { x: 'a\r\nb: c' } }],
    ['a header with a letter that none can have', { headers: { x: '\u0100' } }],
    ['a header whose name is none', { headers: { 'a b': 'x' } }],
  ])('with %s is refused before anything is sent, and nothing is left behind', async (_, more) => {
    let requests = 0
    const { url } = await serve((_, response) => {
      requests++
      response.end()
    })
    const controller = new AbortController()
    for (const body of [undefined, bodyOf(sampleBytes(10))])
      await expect(
        clientOf(url).send({ method: 'PUT', path: '/', body, ...more }, { ...soon(), signal: controller.signal }),
      ).rejects.toMatchObject({ code: 'usage/header' })
    await expect(clientOf(url).download('/', { ...soon(), signal: controller.signal }, more)).rejects.toMatchObject({
      code: 'usage/header',
    })
    // Whoever listened still would now throw where nobody catches it.
    controller.abort(new Error('enough'))
    expect(requests).toBe(0)
  })

  test('that is answered with an unexpected body is answered', async () => {
    const { url } = await serve((request) => void request.socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\n\r\nnot found'))
    expect(await clientOf(url).send({ method: 'HEAD', path: '/' }, soon())).toMatchObject({ status: 404, text: '' })
    expect(await clientOf(url).send({ method: 'HEAD', path: '/' }, soon())).toMatchObject({ status: 404, text: '' })
  })

  test.each([204, 304])('that is answered with %i has no body, whatever length is said', async (status) => {
    const { url } = await serve((request) => void request.socket.write(`HTTP/1.1 ${status} x\r\ncontent-length: 10\r\n\r\n`))
    expect(await clientOf(url).send({ method: 'GET', path: '/' }, soon())).toMatchObject({ status, text: '' })
  })

  test('that is answered before it was read whole leaves no connection', async () => {
    let closed: () => void = () => undefined
    const close = new Promise<void>((resolve) => (closed = resolve))
    const { url } = await serve((request, response) => {
      request.socket.once('close', closed)
      response.writeHead(413).end('no')
    })
    const body = 'x'.repeat(12 * 1024 * 1024)
    expect(await clientOf(url).send({ method: 'POST', path: '/', body }, soon())).toMatchObject({ status: 413, text: 'no' })
    await close
  })

  test('ends at the call’s deadline', async () => {
    const { url } = await serve(() => undefined)
    const call = { signal: new AbortController().signal, deadline: instant(Date.now() + 50) }
    await expect(clientOf(url).send({ method: 'GET', path: '/' }, call)).rejects.toMatchObject({ code: 'http/timeout' })
    await expect(clientOf(url).send({ method: 'GET', path: '/' }, call)).rejects.toMatchObject({ code: 'http/timeout' })
  })

  test('ends with the signal’s own reason', async () => {
    const { url } = await serve(() => controller.abort(reason))
    const controller = new AbortController()
    const reason = new Error('stop')
    await expect(clientOf(url).send({ method: 'GET', path: '/' }, { ...soon(), signal: controller.signal })).rejects.toBe(reason)
    await expect(clientOf(url).send({ method: 'GET', path: '/' }, { ...soon(), signal: controller.signal })).rejects.toBe(reason)
  })

  test('ends when the server says nothing for too long', async () => {
    const { url } = await serve(() => undefined)
    await expect(clientOf(url, { limits: { answer: 30 } }).send({ method: 'GET', path: '/' }, soon())).rejects.toMatchObject({
      code: 'http/timeout',
    })
  })
})

describe('an error', () => {
  async function errorsOf(url: string, limits: Partial<HttpLimits>) {
    const client = clientOf(url, { limits })
    const path = `/priv/${encodeURIComponent(token)}/x?t=${encodeURIComponent(token)}&page=2`
    return Promise.all([
      client.send({ method: 'GET', path }, soon()).catch((error: unknown) => error),
      client.download(path, soon()).catch((error: unknown) => error),
    ])
  }
  function everything(error: unknown): string {
    const parts: unknown[] = [String(error), JSON.stringify(error)]
    for (let at = error; at instanceof Error; at = at.cause) parts.push(at.message, at.stack, JSON.stringify(Object.entries(at)))
    return parts.join('\n')
  }

  test.each([
    ['nobody listens', 'http/unreachable', () => undefined],
    ['the connection is reset', 'http/reset', () => createServer((socket) => socket.resetAndDestroy())],
    [
      'the answer repeats the credential as garbage',
      'http/failed',
      () => createServer((socket) => void socket.once('data', (data) => socket.end(`garbage ${data}\r\n\r\n`))),
    ],
    ['nothing is answered', 'http/timeout', () => createServer(() => undefined)],
  ])('when %s says %s, where, and shows no token in any form', async (_, code, start) => {
    const server = start()
    let port = 9
    if (server !== undefined) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => void server.close())
      const address = server.address()
      if (address !== null && typeof address === 'object') port = address.port
    }
    const limits = code === 'http/timeout' ? { answer: 30, idle: 30 } : {}
    for (const error of await errorsOf(`http://127.0.0.1:${port}`, limits)) {
      expect(error).toMatchObject({
        name: 'HttpError',
        code,
        method: 'GET',
        origin: `http://127.0.0.1:${port}`,
        path: '/priv/[redacted]/x?t=…&page=…',
      })
      for (const form of forms) expect(everything(error)).not.toContain(form)
    }
  })
})
