import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { instant, later } from '@stagegate/schema'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { tls } from '../testing/authority.js'
import { bodyOf } from '../testing/bodies.js'
import { listen } from '../testing/server/listen.js'
import { resetConnection } from '../testing/server/tls.js'
import type { HttpClientOptions } from './client-options.js'
import { createHttpClient } from './create-client.js'

/** A server that is asked before an upload, and says itself when it may go ahead. */
async function serve(asked: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = await listen(asked, tls)
  onTestFinished(() => server.close())
  server.server.on('checkContinue', asked)
  return server
}
function clientOf(origin: string, limits: HttpClientOptions['limits'] = {}) {
  return createHttpClient({ origin, secrets: () => undefined, limits })
}

describe('uploads, one after the other,', () => {
  /** A server that says on which of its connections each upload came, and what it does with those after the first. */
  async function counting(next: (request: IncomingMessage, response: ServerResponse) => 'go ahead' | 'nothing more') {
    const sockets: unknown[] = []
    const seen: number[] = []
    const take = (request: IncomingMessage, response: ServerResponse) => {
      const known = sockets.indexOf(request.socket)
      const number = known === -1 ? sockets.push(request.socket) - 1 : known
      seen.push(number)
      if (known !== -1 && next(request, response) === 'nothing more') return
      response.writeContinue()
      // Later ones take longer than the word to go ahead is waited for.
      const answer = () => response.writeHead(201).end(String(number))
      request.resume().on('end', () => (known === -1 ? answer() : setTimeout(answer, 400)))
    }
    const { url } = await serve(take)
    return { url, seen }
  }
  const put = (client: ReturnType<typeof clientOf>, body = bodyOf('x')) =>
    client.send({ method: 'PUT', path: '/', body }, { signal: new AbortController().signal, deadline: later(instant(Date.now()), 10) })

  test('use one connection, once the server was heard to say that they may go ahead', async () => {
    const { url, seen } = await counting(() => 'go ahead')
    const client = clientOf(url, { goAhead: 300 })
    for (let count = 0; count < 4; count++) expect((await put(client, bodyOf(Buffer.alloc(2 ** 21, 'x')))).status).toBe(201)
    expect(seen).toEqual([0, 1, 1, 1])
  })

  test.each([
    ['was closed meanwhile', (request: IncomingMessage) => request.socket.destroy()],
    ['was reset meanwhile', (request: IncomingMessage) => resetConnection(request.socket)],
    ['is dead', () => undefined],
  ])('begin their body once, though the connection %s', async (_, end) => {
    const { url, seen } = await counting((request) => {
      end(request)
      return 'nothing more'
    })
    const client = clientOf(url, { goAhead: 300 })
    await put(client)
    await put(client)
    const stream = vi.fn(() => Readable.from([Buffer.from('x')]))
    expect(await put(client, bodyOf('x', stream))).toMatchObject({ status: 201, text: '2' })
    expect(stream).toHaveBeenCalledTimes(1)
    expect(seen).toEqual([0, 1, 1, 2])
  })

  test('statement 9: are not tried again once their body was begun', async () => {
    const { url, seen } = await counting((request, response) => {
      response.writeContinue()
      request.once('data', () => request.socket.destroy())
      return 'nothing more'
    })
    const client = clientOf(url)
    await put(client)
    await put(client)
    await expect(put(client)).rejects.toMatchObject({ code: 'http/reset' })
    expect(seen).toEqual([0, 1, 1])
  })

  test('have connections of their own where the server answers before it has everything, or never says to go ahead', async () => {
    const early = await counting((_, response) => {
      response.writeHead(413).end()
      return 'nothing more'
    })
    const client = clientOf(early.url)
    for (let count = 0; count < 4; count++) await put(client)
    expect(early.seen).toEqual([0, 1, 1, 2])

    const ports = new Set<number | undefined>()
    const take = (request: IncomingMessage, response: ServerResponse) => {
      ports.add(request.socket.remotePort)
      request.resume().on('end', () => response.writeHead(201).end())
    }
    const { url } = await serve(take)
    const other = clientOf(url, { goAhead: 20 })
    for (let count = 0; count < 3; count++) await put(other)
    expect(ports.size).toBe(3)
  })

  test('keep their connection though the answer comes before node has heard that the last bytes are out', async () => {
    const ports = new Set<number | undefined>()
    const size = 2 ** 20
    const { url } = await serve((request, response) => {
      ports.add(request.socket.remotePort)
      response.writeContinue()
      let came = 0
      // It does not wait for the request's end, nor for the answer's turn.
      request.on('data', (chunk: Buffer) => {
        came += chunk.length
        if (came === size) response.writeHead(201).end()
      })
    })
    const client = clientOf(url)
    for (let count = 0; count < 30; count++) expect((await put(client, bodyOf(Buffer.alloc(size, 'x')))).status).toBe(201)
    expect(ports.size).toBeLessThanOrEqual(2)
  })

  test('statement 9: what a server says before it is asked is no answer to the next', async () => {
    const sockets: IncomingMessage['socket'][] = []
    const take = (request: IncomingMessage, response: ServerResponse) => {
      if (sockets.push(request.socket) !== 2) {
        response.writeContinue()
        request.resume().on('end', () => response.writeHead(201).end('asked'))
        return
      }
      response.writeContinue()
      const answer = (text: string) => `HTTP/1.1 201 Created\r\nContent-Length: ${text.length}\r\n\r\n${text}`
      request.resume().on('end', () => request.socket.write(answer('asked') + answer('unasked')))
    }
    const { url } = await serve(take)
    const client = clientOf(url)
    await put(client)
    await put(client)
    const next = await put(client).then(
      ({ text }) => text,
      (error: { code: string }) => error.code,
    )
    expect(['asked', 'http/early-success']).toContain(next)
  })
})
