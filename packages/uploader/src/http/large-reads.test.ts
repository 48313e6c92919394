import type { RequestListener, ServerResponse } from 'node:http'
import { createServer, type Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { bytesOf, sampleBytes, soon } from '../testing/fixtures.js'
import { type Listening, listen } from '../testing/server/listen.js'
import { createHttpClient } from './create-client.js'
import { LargeReadAgent, ownBytes } from './large-reads.js'

const mebibyte = 1024 * 1024
const data = sampleBytes(4 * mebibyte)

const open: Listening[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

async function serve(listener: RequestListener) {
  const server = await listen(listener)
  open.push(server)
  return server
}

/** A server that says exactly these bytes to each request's headers. */
async function serveRaw(answer: (socket: Socket) => void): Promise<{ url: string; connections: Socket[] }> {
  const connections: Socket[] = []
  const server = createServer((socket) => {
    connections.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (request) => {
      if (request.includes('\r\n\r\n')) answer(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of connections) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port')
  return { url: `http://127.0.0.1:${address.port}`, connections }
}

const clientOf = (origin: string, largeReads = true) => createHttpClient({ origin, secrets: () => undefined, largeReads })

/** How a server answers, and how the answer is read. */
interface Exchange {
  readonly size: number
  readonly from: number
  readonly framing: 'length' | 'chunked' | 'closed'
  /** Sizes of the pieces that are written at once, over and over. */
  readonly pieces: readonly number[]
  /** Turns of the loop between two pieces that are written, and between two that are read. */
  readonly pauses: { readonly writing: number; readonly reading: number }
}

const exchange: fc.Arbitrary<Exchange> = fc.record({
  size: fc.oneof(fc.constantFrom(0, 1, 65_536, mebibyte, 2 * mebibyte), fc.nat(300_000), fc.nat(3 * mebibyte)),
  from: fc.nat(mebibyte),
  framing: fc.constantFrom('length', 'chunked', 'closed'),
  pieces: fc.array(fc.oneof(fc.integer({ min: 1000, max: 70_000 }), fc.integer({ min: 200_000, max: 3_000_000 })), {
    minLength: 1,
    maxLength: 5,
  }),
  pauses: fc.record({ writing: fc.nat(2), reading: fc.nat(3) }),
})

async function answerAs({ size, from, framing, pieces, pauses }: Exchange, response: ServerResponse): Promise<void> {
  if (framing === 'length') response.setHeader('content-length', size)
  if (framing === 'closed') {
    response.shouldKeepAlive = false
    response.useChunkedEncodingByDefault = false
  }
  for (let sent = 0, index = 0; sent < size; index++) {
    const piece = data.subarray(from + sent, from + Math.min(size, sent + (pieces[index % pieces.length] ?? 1)))
    sent += piece.length
    if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve))
    for (let turns = 0; turns < pauses.writing; turns++) await turn()
  }
  response.end()
}

/** Keeps every chunk as it came, so that one which is written to later shows. */
async function chunksOf(stream: Readable, turns: number): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    for (let count = 0; count < turns; count++) await turn()
  }
  return chunks
}

describe('what comes in large reads', () => {
  test('is what was sent, whatever the pieces, the framing and the pace, on connections that are used again', async () => {
    let asked: readonly Exchange[] = []
    const { url } = await serve((request, response) => {
      const exchange = asked[Number(request.url?.slice(1))]
      if (exchange === undefined) response.writeHead(404).end()
      else void answerAs(exchange, response)
    })
    let largest = 0
    await fc.assert(
      fc.asyncProperty(fc.array(exchange, { minLength: 1, maxLength: 6 }), fc.boolean(), async (exchanges, atOnce) => {
        asked = exchanges
        const client = clientOf(url)
        const fetch = async ({ pauses }: Exchange, index: number) =>
          chunksOf((await client.download(`/${index}`, soon())).stream, pauses.reading)
        const all: Buffer[][] = []
        if (atOnce) all.push(...(await Promise.all(exchanges.map(fetch))))
        else for (const [index, exchange] of exchanges.entries()) all.push(await fetch(exchange, index))
        for (const [index, { from, size }] of exchanges.entries()) {
          const chunks = all[index] ?? []
          largest = Math.max(largest, ...chunks.map(({ length }) => length))
          expect(Buffer.concat(chunks).equals(data.subarray(from, from + size))).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
    // Otherwise this has not tested what it says.
    expect(largest).toBeGreaterThan(200_000)
  })

  test('stops when nobody reads, and goes on when somebody does: memory does not grow', async () => {
    let sent = 0
    const { url } = await serve(async (_, response) => {
      response.writeHead(200, { 'content-length': 256 * mebibyte })
      while (sent < 256 * mebibyte && !response.destroyed) {
        sent += mebibyte
        if (!response.write(data.subarray(0, mebibyte))) await new Promise((resolve) => response.once('drain', resolve))
      }
      response.end()
    })
    const { stream } = await clientOf(url).download('/', soon())
    let received = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      received += chunk.length
      if (received < 20 * mebibyte || received - chunk.length >= 20 * mebibyte) continue
      // A stall: the kernel's buffers fill up, and then nothing moves any more.
      let before = -1
      await vi.waitUntil(
        () => {
          const still = sent === before
          before = sent
          return still
        },
        { interval: 200, timeout: 10_000 },
      )
      // The kernel's buffers can have some 40 MiB, on both sides together.
      expect(sent - received).toBeLessThan(64 * mebibyte)
      expect(stream.readableLength).toBeLessThan(2 * mebibyte)
    }
    expect(received).toBe(256 * mebibyte)
  })

  test('stays as it came, however long it lies in the socket', async () => {
    const { url } = await serveRaw((socket) => socket.write(data))
    const socket = new LargeReadAgent().createConnection({ host: '127.0.0.1', port: new URL(url).port })
    onTestFinished(() => void socket.destroy())
    socket.pause()
    socket.write('\r\n\r\n')
    await vi.waitUntil(
      () => {
        // Asks for more and takes nothing.
        socket.read(0)
        return socket.readableLength === data.length
      },
      { interval: 1, timeout: 5000 },
    )
    expect(data.equals(socket.read())).toBe(true)
  })

  test('is read into the same memory again and again, which whoever asks for bytes of its own is not given', async () => {
    const { url } = await serveRaw((socket) => socket.write(data))
    const socket = new LargeReadAgent().createConnection({ host: '127.0.0.1', port: new URL(url).port })
    onTestFinished(() => void socket.destroy())
    const memory = new Set<unknown>()
    const own: Buffer[] = []
    socket.on('data', (chunk: Buffer) => {
      memory.add(chunk.buffer)
      own.push(ownBytes(chunk))
    })
    socket.write('\r\n\r\n')
    await vi.waitUntil(() => own.reduce((sum, { length }) => sum + length, 0) === data.length, { interval: 1, timeout: 5000 })
    expect(memory.size).toBe(1)
    expect(Buffer.concat(own).equals(data)).toBe(true)
    // What is in other memory already is not copied.
    for (const chunk of own) expect(ownBytes(chunk)).toBe(chunk)
  })

  test('leaves the connection to the next download, also after a slow reader', async () => {
    const sockets = new Set<unknown>()
    const { url } = await serve((request, response) => {
      sockets.add(request.socket)
      response.end(data)
    })
    const client = clientOf(url)
    for (const turns of [0, 3, 0, 1]) {
      const chunks = await chunksOf((await client.download('/', soon())).stream, turns)
      expect(Buffer.concat(chunks).equals(data)).toBe(true)
      // The connection is given back only after the stream's end was seen.
      await turn()
    }
    expect(sockets.size).toBe(1)
  })

  test('breaks with the connection, and the next download has one of its own', async () => {
    let requests = 0
    const { url } = await serve((request, response) => {
      if (++requests > 1) response.end(data)
      else {
        response.writeHead(200, { 'content-length': data.length })
        response.write(data.subarray(0, 3 * mebibyte), () => request.socket.resetAndDestroy())
      }
    })
    const client = clientOf(url)
    const { stream } = await client.download('/', soon())
    await expect(bytesOf(stream)).rejects.toMatchObject({ code: 'http/short' })
    expect((await bytesOf((await client.download('/', soon())).stream)).equals(data)).toBe(true)
  })

  test('can be given up in the middle, and the next download is whole', async () => {
    const { url } = await serve((_, response) => response.end(data))
    const client = clientOf(url)
    for (let count = 0; count < 5; count++) {
      const controller = new AbortController()
      const { stream } = await client.download('/', soon(controller.signal))
      for await (const _ of stream) {
        if (count % 2 === 0) break
        controller.abort(new Error('enough'))
        await expect(bytesOf(stream)).rejects.toThrow('enough')
        break
      }
    }
    expect((await bytesOf((await client.download('/', soon())).stream)).equals(data)).toBe(true)
  })

  test('may be nothing: HEAD, 204 and 304 have no body, and the connection stays', async () => {
    const sockets = new Set<unknown>()
    const { url } = await serve((request, response) => {
      sockets.add(request.socket)
      const status = Number(request.url?.slice(1))
      response.writeHead(status, status === 200 ? { 'content-length': data.length } : {})
      response.end(request.method === 'HEAD' || status !== 200 ? undefined : data)
    })
    const client = clientOf(url)
    for (const path of ['/200', '/204', '/304', '/200'])
      expect(await client.send({ method: 'HEAD', path }, soon())).toMatchObject({ status: Number(path.slice(1)), text: '' })
    for (const status of [204, 304]) {
      const answer = await client.download(`/${status}`, soon())
      expect([answer.status, (await bytesOf(answer.stream)).length]).toEqual([status, 0])
      await turn()
    }
    expect((await bytesOf((await client.download('/200', soon())).stream)).equals(data)).toBe(true)
    expect(sockets.size).toBe(1)
  })

  test('comes over a redirect, too', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/moved') response.end(data)
      else response.writeHead(302, { location: '/moved', 'content-length': mebibyte }).end(data.subarray(0, mebibyte))
    })
    expect((await bytesOf((await clientOf(url).download('/', soon())).stream)).equals(data)).toBe(true)
  })

  test('comes from a name with several addresses', async () => {
    const { url } = await serve((_, response) => response.end(data))
    const { stream } = await clientOf(url.replace('127.0.0.1', 'localhost')).download('/', soon())
    expect((await bytesOf(stream)).equals(data)).toBe(true)
  })
})

describe.each([
  ['large reads', true],
  ['plain reads', false],
])('with %s', (_, largeReads) => {
  const response = (text: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`

  test('bytes that follow an answer are never taken for the next one', async () => {
    let requests = 0
    const { url } = await serveRaw((socket) => {
      requests++
      socket.write(response(`right ${requests}`) + response('wrong'))
    })
    const client = clientOf(url, largeReads)
    for (let count = 1; count <= 3; count++) {
      const { stream } = await client.download('/', soon())
      expect((await bytesOf(stream)).toString()).toBe(`right ${count}`)
    }
  })

  test('bytes that come while nobody asks are never taken for an answer', async () => {
    let requests = 0
    const { url, connections } = await serveRaw((socket) => socket.write(response(`right ${++requests}`)))
    const client = clientOf(url, largeReads)
    for (let count = 1; count <= 3; count++) {
      const { stream } = await client.download('/', soon())
      expect((await bytesOf(stream)).toString()).toBe(`right ${count}`)
      await turn()
      const idle = connections.at(-1)
      await new Promise<void>((resolve) => idle?.write(response('wrong'), () => resolve()))
      // What was sent has arrived when another connection has had an answer.
      const { stream: other } = await clientOf(url, largeReads).download('/', soon())
      await bytesOf(other)
      requests--
    }
  })
})
