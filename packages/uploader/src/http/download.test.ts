import type { IncomingMessage, RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { instant, later } from '@stagegate/schema'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { tls } from '../testing/authority.js'
import { type Listening, listen } from '../testing/server/listen.js'
import { resetConnection } from '../testing/server/tls.js'
import type { HttpClientOptions } from './client-options.js'
import { createHttpClient } from './create-client.js'
import { nextHop } from './download.js'
import { Failures } from './http-error.js'

const credential = { scheme: 'header', header: 'PRIVATE-TOKEN', value: { variable: 'TOKEN' } } as const
const soon = () => ({ signal: new AbortController().signal, deadline: later(instant(Date.now()), 5) })

const open: Listening[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

async function serve(listener: RequestListener) {
  const server = await listen(listener, tls)
  open.push(server)
  return server
}
function clientOf(origin: string, more: Partial<HttpClientOptions> = {}) {
  return createHttpClient({ origin, credential, secrets: () => 'the-token', ...more })
}

describe('a download', () => {
  test('statement 7: follows a redirect to another origin without the credential, and none is sent any more when it leads back', async () => {
    const seen: string[] = []
    const note = (name: string, request: IncomingMessage) =>
      seen.push(`${name} ${request.url} ${request.headers['private-token']} ${request.headers.authorization}`)
    const home = await serve((request, response) => {
      note('home', request)
      if (request.url === '/file') response.writeHead(302, { location: '/moved' }).end()
      else if (request.url === '/moved')
        response.writeHead(307, { location: `${cdn.url.replace('//', '//user:password@')}/signed?t=1` }).end()
      else response.end('the bytes')
    })
    const cdn = await serve((request, response) => {
      note('cdn', request)
      response.writeHead(303, { location: `${home.url}/back` }).end()
    })
    const answer = await clientOf(home.url).download('/file', soon())
    expect(await text(answer.stream)).toBe('the bytes')
    expect(seen).toEqual([
      'home /file the-token undefined',
      'home /moved the-token undefined',
      'cdn /signed?t=1 undefined undefined',
      'home /back undefined undefined',
    ])
  })

  test('follows five redirects and not six', async () => {
    const { url } = await serve((request, response) => {
      const left = Number(request.url?.slice(1))
      if (left === 0) response.end('there')
      else response.writeHead(302, { location: `/${left - 1}` }).end()
    })
    expect(await text((await clientOf(url).download('/5', soon())).stream)).toBe('there')
    await expect(clientOf(url).download('/6', soon())).rejects.toMatchObject({ code: 'http/redirect' })
  })

  test.each(['http://packages.example/x', 'file:///etc/passwd', 'http://'])('does not follow a redirect to %s', async (location) => {
    const { url } = await serve((_, response) => response.writeHead(302, { location }).end())
    await expect(clientOf(url).download('/', soon())).rejects.toMatchObject({ code: 'http/redirect' })
  })

  test('gives another status with its body, and destroying that closes the connection', async () => {
    const closed = vi.fn()
    const { url } = await serve((request, response) => {
      request.socket.once('close', closed)
      response.writeHead(404, { 'content-length': '1000000' }).write('not')
    })
    const answer = await clientOf(url).download('/', soon())
    expect(answer.status).toBe(404)
    answer.stream.destroy()
    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), { timeout: 30_000 })
  })

  test.each([
    ['is closed', (_: IncomingMessage, end: () => void) => end()],
    ['is reset', (request: IncomingMessage) => resetConnection(request.socket)],
  ])('errors when the connection %s before its Content-Length', async (_, cut) => {
    const { url } = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => cut(request, () => response.destroy()))
    })
    const { stream } = await clientOf(url).download('/', soon())
    await expect(text(stream)).rejects.toMatchObject({
      name: 'HttpError',
      code: 'http/short',
      message: expect.stringContaining('expected 100 bytes'),
    })
  })

  test('errors when a chunked body does not end', async () => {
    const { url } = await serve((_, response) => void response.write('half', () => response.destroy()))
    const { stream } = await clientOf(url).download('/', soon())
    await expect(text(stream)).rejects.toMatchObject({ name: 'HttpError', code: 'http/reset' })
  })

  test('errors when nothing comes for too long, but not while nobody reads it', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/whole') response.end(Buffer.alloc(8 * 1024 * 1024))
      else response.writeHead(200, { 'content-length': '100' }).write('half')
    })
    const client = clientOf(url, { limits: { idle: 150 } })
    const whole = await client.download('/whole', soon())
    const { stream } = await client.download('/half', soon())
    await expect(text(stream)).rejects.toMatchObject({ code: 'http/timeout' })
    expect((await text(whole.stream)).length).toBe(8 * 1024 * 1024)
  })

  test('errors when it drips, but not when it is read slowly', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/whole') return void response.end(Buffer.alloc(8 * 1024 * 1024))
      const timer = setInterval(() => response.write(Buffer.alloc(1024)), 10)
      response.once('close', () => clearInterval(timer))
    })
    const client = clientOf(url, { limits: { leastRate: 10 * 1024 * 1024, rateOver: 100 } })
    const dripping = await client.download('/drip', soon())
    await expect(text(dripping.stream)).rejects.toMatchObject({ code: 'http/timeout', message: expect.stringContaining('too slow') })
    const whole = await client.download('/whole', soon())
    let length = 0
    for await (const chunk of whole.stream as AsyncIterable<Buffer>) {
      length += chunk.length
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(length).toBe(8 * 1024 * 1024)
  })

  test('is bound to the call to its end: an abort errors the stream and closes the connection', async () => {
    const closed = vi.fn()
    const { url } = await serve((request, response) => {
      request.socket.once('close', closed)
      response.writeHead(200, { 'content-length': '100' }).write('half')
    })
    const controller = new AbortController()
    const reason = new Error('stop')
    const { stream } = await clientOf(url).download('/', { ...soon(), signal: controller.signal })
    const reading = text(stream)
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), { timeout: 30_000 })
  })

  test('leaves nothing behind that a later abort could hit', async () => {
    const { url } = await serve((_, response) => response.end('x'))
    const controller = new AbortController()
    const { stream } = await clientOf(url).download('/', { ...soon(), signal: controller.signal })
    await text(stream)
    controller.abort()
    expect(stream.errored).toBe(null)
  })
})

test('https is never left for http, not even for this machine', async () => {
  const from = new URL('https://packages.example/x')
  const failures = new Failures('GET', from, (text) => text)
  expect(() => nextHop(from, 'http://127.0.0.1/x', true, failures)).toThrow(expect.objectContaining({ code: 'http/redirect' }))
  expect(nextHop(from, 'https://u:p@cdn.example/y?t=1', false, failures).href).toBe('https://cdn.example/y?t=1')
})
