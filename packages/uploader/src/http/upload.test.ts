import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { bytes, instant, later } from '@stagegate/schema'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { tls } from '../testing/authority.js'
import { bodyOf } from '../testing/bodies.js'
import { type Listening, listen } from '../testing/server/listen.js'
import { resetConnection } from '../testing/server/tls.js'
import type { HttpClientOptions } from './client-options.js'
import { createHttpClient } from './create-client.js'

const soon = () => ({ signal: new AbortController().signal, deadline: later(instant(Date.now()), 10) })
const mebibyte = Buffer.alloc(1024 * 1024, 'x')

const open: Listening[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

/** A server that says 100 by itself, unless `asked` takes that over. */
async function serve(listener: (request: IncomingMessage, response: ServerResponse) => void, asked?: typeof listener) {
  const server = await listen(listener, tls)
  if (asked !== undefined) server.server.on('checkContinue', asked)
  open.push(server)
  return server
}
function clientOf(origin: string, more: Partial<HttpClientOptions> = {}) {
  return createHttpClient({ origin, secrets: () => undefined, ...more })
}
/** Takes so many bytes every ten milliseconds. */
function slowly(request: IncomingMessage, atOnce: number) {
  const timer = setInterval(() => request.read(atOnce), 10)
  request.on('readable', () => undefined)
  request.once('close', () => clearInterval(timer))
}
/** `count` mebibytes, made only when they are wanted. */
function large(count: number) {
  const stream = Readable.from(
    (function* () {
      for (let made = 0; made < count; made++) yield mebibyte
    })(),
    { highWaterMark: 1 },
  )
  return { ...bodyOf('', () => stream), content: { ...bodyOf('').content, size: bytes(count * mebibyte.length) } }
}

describe('an upload', () => {
  test('has a length, asks first, and arrives whole', async () => {
    const { url } = await serve((request, response) => {
      const chunks: Buffer[] = []
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => response.writeHead(201).end(JSON.stringify([request.headers, Buffer.concat(chunks).toString()])))
    })
    const answer = await clientOf(url).send(
      { method: 'PUT', path: '/x', headers: { 'Content-Type': 'text/plain' }, body: bodyOf('some bytes') },
      soon(),
    )
    const [headers, text] = JSON.parse(answer.text)
    expect(headers).toMatchObject({ 'content-length': '10', expect: '100-continue', 'content-type': 'text/plain' })
    expect(headers).not.toHaveProperty('transfer-encoding')
    expect(text).toBe('some bytes')
  })

  test('of no bytes is one, too', async () => {
    const { url } = await serve((request, response) =>
      response.writeHead(201).end(`${request.headers['content-length']} ${request.headers.expect}`),
    )
    expect(await clientOf(url).send({ method: 'PUT', path: '/x', body: bodyOf('') }, soon())).toMatchObject({
      status: 201,
      text: '0 undefined',
    })
  })

  test('as a multipart has its fields before its file, and the length of all of it', async () => {
    const { url } = await serve((request, response) => {
      const chunks: Buffer[] = []
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () =>
          response.end(`${request.headers['content-length'] === String(Buffer.concat(chunks).length)}\n${Buffer.concat(chunks)}`),
        )
    })
    const body = {
      fields: [['package[distro_version_id]', '237']],
      file: { field: 'package[package_file]', filename: 'a"b\n.deb', body: bodyOf('BYTES') },
    } as const
    const { text } = await clientOf(url).send({ method: 'POST', path: '/', body }, soon())
    expect(text.replaceAll(/--stagegate-[0-9a-f]{32}/g, '--B').split(/\r?\n/)).toEqual([
      'true',
      '--B',
      'Content-Disposition: form-data; name="package[distro_version_id]"',
      '',
      '237',
      '--B',
      'Content-Disposition: form-data; name="package[package_file]"; filename="a%22b%0A.deb"',
      'Content-Type: application/octet-stream',
      '',
      'BYTES',
      '--B--',
      '',
    ])
  })

  test('that is refused at once sends no byte of its body, and does not even open it', async () => {
    let received = 0
    const { url } = await serve(
      () => undefined,
      (request, response) => {
        request.socket.on('data', (data) => {
          received += data.length
        })
        response.writeHead(413).end('too large')
      },
    )
    const stream = vi.fn(() => Readable.from([mebibyte]))
    const answer = await clientOf(url).send({ method: 'POST', path: '/', body: bodyOf(mebibyte, stream) }, soon())
    expect(answer).toMatchObject({ status: 413, text: 'too large' })
    expect(received).toBe(0)
    expect(stream).not.toHaveBeenCalled()
  })

  test('is sent without the question when the server does not take it', async () => {
    const { url } = await serve(
      (request, response) => request.resume().on('end', () => response.writeHead(201).end(String(request.headers.expect))),
      (_, response) => response.writeHead(417).end(),
    )
    const answer = await clientOf(url).send({ method: 'PUT', path: '/', body: bodyOf('x') }, soon())
    expect(answer).toMatchObject({ status: 201, text: 'undefined' })
  })

  test('statement 7: that is redirected goes nowhere: the redirect is the answer', async () => {
    const elsewhere = vi.fn()
    const other = await serve(elsewhere)
    const { url } = await serve(
      () => undefined,
      (_, response) => response.writeHead(307, { location: `${other.url}/` }).end(),
    )
    const answer = await clientOf(url).send({ method: 'PUT', path: '/', body: large(8) }, soon())
    expect(answer).toMatchObject({ status: 307, headers: { location: `${other.url}/` } })
    expect(elsewhere).not.toHaveBeenCalled()
  })

  test('is begun after a while when the server does not know the question', async () => {
    const { url } = await serve(
      () => undefined,
      (request, response) => request.resume().on('end', () => response.writeHead(201).end()),
    )
    const began = performance.now()
    const answer = await clientOf(url, { limits: { goAhead: 40 } }).send({ method: 'PUT', path: '/', body: bodyOf('x') }, soon())
    expect(answer.status).toBe(201)
    expect(performance.now() - began).toBeGreaterThanOrEqual(39)
  })

  // Over TLS, a write that meets the reset ends the connection before node looks at what came: then nothing is known of the answer.
  test.each([
    ['before a byte of the body was sent', true, true, ['422 no']],
    ['while the body is under way', false, true, ['422 no', 'http/reset']],
    ['over plain http before a byte of the body was sent', true, false, ['422 no']],
    ['over plain http while the body is under way', false, false, ['422 no']],
  ])('that is refused %s gives the answer, though a reset follows it at once', async (_, asks, secure, outcomes) => {
    const refuse = (request: IncomingMessage, response: ServerResponse) =>
      response.writeHead(422, { 'content-length': 2 }).end('no', () => {
        resetConnection(request.socket)
        // Both are there when the client comes to look.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
      })
    const begin = (request: IncomingMessage, response: ServerResponse) => {
      response.writeContinue()
      request.once('data', () => refuse(request.pause(), response))
    }
    const server = await listen(() => undefined, secure ? tls : undefined)
    open.push(server)
    server.server.on('checkContinue', asks ? refuse : begin)
    for (let count = 0; count < 20; count++) {
      const answer = clientOf(server.url).send({ method: 'POST', path: '/', body: large(64) }, soon())
      const outcome = await answer.then(
        ({ status, text }) => `${status} ${text}`,
        ({ code }: { code: string }) => code,
      )
      expect(outcomes).toContain(outcome)
    }
  })

  test('that is refused half-way ends there, gives the answer, and leaves the body', async () => {
    const { url } = await serve((request, response) => request.once('data', () => response.writeHead(422).end('{"filename":["no"]}')))
    const body = large(512)
    const stream = body.stream()
    const answer = await clientOf(url).send({ method: 'POST', path: '/', body: { ...body, stream: () => stream } }, soon())
    expect(answer).toMatchObject({ status: 422, text: '{"filename":["no"]}' })
    expect(stream.destroyed).toBe(true)
  })

  test('that is refused while its body has nothing to give is so, however slowly the answer comes', async () => {
    const stream = new Readable({ objectMode: true, read: () => undefined })
    // Of two chunks, the second is held back.
    for (const chunk of ['one', 'two']) stream.push(Buffer.from(chunk))
    const { url } = await serve((request, response) => {
      request.once('data', () => {
        response.writeHead(422, { 'content-length': '2' }).write('n')
        setTimeout(() => response.end('o'), 20)
      })
    })
    const body = { ...bodyOf('', () => stream), content: { ...bodyOf('').content, size: bytes(100) } }
    expect(await clientOf(url).send({ method: 'PUT', path: '/x', body }, soon())).toMatchObject({ status: 422, text: 'no' })
    expect(stream.destroyed).toBe(true)
  })

  test('statement 9: is not believed to have succeeded before it was complete', async () => {
    const { url } = await serve((request, response) => request.once('data', () => response.writeHead(201).end()))
    await expect(clientOf(url).send({ method: 'POST', path: '/', body: large(64) }, soon())).rejects.toMatchObject({
      code: 'http/early-success',
    })
  })

  test('whose body errors is broken off: the server sees it aborted, the caller the body’s own error', async () => {
    const aborted = deferred<string>()
    const { url } = await serve((request) => {
      request.on('end', () => aborted.resolve('complete'))
      request.on('error', (error) => aborted.resolve(error.message))
      request.resume()
    })
    const wrong = new Error('the bytes were wrong')
    const stream = Readable.from(
      (async function* () {
        yield mebibyte
        throw wrong
      })(),
    )
    const body = { ...bodyOf('', () => stream), content: { ...bodyOf('').content, size: bytes(mebibyte.length + 1) } }
    await expect(clientOf(url).send({ method: 'PUT', path: '/', body }, soon())).rejects.toBe(wrong)
    expect(await aborted.promise).toBe('aborted')
  })

  test.each([
    ['few', 20],
    ['many', 5],
  ])('whose body has too %s bytes is broken off, and never looks complete', async (_, size) => {
    const outcome = deferred<string>()
    const { url } = await serve((request) => {
      request.on('end', () => outcome.resolve('complete'))
      request.on('error', (error) => outcome.resolve(error.message))
      request.resume()
    })
    // The second piece comes once the first is on its way, so that what is sent is seen.
    const stream = Readable.from(
      (async function* () {
        yield Buffer.from('four')
        await turn()
        yield Buffer.from(' bytes')
        await turn()
      })(),
    )
    const body = { ...bodyOf('', () => stream), content: { ...bodyOf('').content, size: bytes(size) } }
    await expect(clientOf(url).send({ method: 'PUT', path: '/', body }, soon())).rejects.toMatchObject({ code: 'http/failed' })
    expect(await outcome.promise).toBe('aborted')
  })

  test('that nobody reads any more ends', async () => {
    const { url } = await serve((request) => request.pause())
    const sending = clientOf(url, { limits: { idle: 100 } }).send({ method: 'PUT', path: '/', body: large(64) }, soon())
    await expect(sending).rejects.toMatchObject({ code: 'http/timeout', message: expect.stringContaining('stopped accepting bytes') })
  })

  test('that a server takes too slowly ends, though it never stops', async () => {
    const { url } = await serve((request) => slowly(request, 64 * 1024))
    const limits = { leastRate: 100 * mebibyte.length, rateOver: 200 }
    const sending = clientOf(url, { limits }).send({ method: 'PUT', path: '/', body: large(512) }, soon())
    await expect(sending).rejects.toMatchObject({ code: 'http/timeout', message: expect.stringContaining('accepts bytes too slowly') })
  })

  test('that a server takes fast enough goes on, and a slow source is not the server’s fault', async () => {
    const { url } = await serve((request, response) => request.resume().on('end', () => response.writeHead(201).end()))
    const chunk = mebibyte.subarray(0, 64 * 1024)
    const stream = Readable.from(
      (async function* () {
        for (let made = 0; made < 8; made++) {
          await new Promise((resolve) => setTimeout(resolve, 100))
          yield chunk
        }
      })(),
    )
    const body = { ...bodyOf('', () => stream), content: { ...bodyOf('').content, size: bytes(8 * chunk.length) } }
    // The source gives 0.6 MiB/s, for longer than a slow server is borne.
    const limits = { leastRate: mebibyte.length, rateOver: 500 }
    expect(await clientOf(url, { limits }).send({ method: 'PUT', path: '/', body }, soon())).toMatchObject({ status: 201 })
  })

  test('whose answer drips ends', async () => {
    const { url } = await serve((request, response) => {
      request.resume()
      response.writeHead(201)
      const timer = setInterval(() => response.write('x'), 10)
      response.once('close', () => clearInterval(timer))
    })
    const sending = clientOf(url, { limits: { answerToUpload: 100 } }).send({ method: 'PUT', path: '/', body: bodyOf('') }, soon())
    await expect(sending).rejects.toMatchObject({ code: 'http/timeout', message: expect.stringContaining('did not end') })
  })

  test('that is never answered ends', async () => {
    const { url } = await serve((request) => request.resume())
    const sending = clientOf(url, { limits: { answerToUpload: 50 } }).send({ method: 'PUT', path: '/', body: bodyOf('x') }, soon())
    await expect(sending).rejects.toMatchObject({ code: 'http/timeout', message: expect.stringContaining('after all bytes') })
  })

  test('whose answer is cut off has none', async () => {
    const { url } = await serve((request, response) =>
      request.resume().on('end', () => {
        response.writeHead(201, { 'content-length': '100' })
        response.write('half', () => response.destroy())
      }),
    )
    await expect(clientOf(url).send({ method: 'PUT', path: '/', body: bodyOf('x') }, soon())).rejects.toMatchObject({ code: 'http/reset' })
  })

  test('ends with the signal’s reason, and with it the body', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const { url } = await serve((request) => request.once('data', () => controller.abort(reason)))
    const body = large(512)
    const stream = body.stream()
    await expect(
      clientOf(url).send({ method: 'PUT', path: '/', body: { ...body, stream: () => stream } }, { ...soon(), signal: controller.signal }),
    ).rejects.toBe(reason)
    expect(stream.destroyed).toBe(true)
  })

  test('waits for the server: what is under way stays small', async () => {
    let made = 0
    const stream = Readable.from(
      (function* () {
        for (; made < 256; made++) yield mebibyte
      })(),
      { highWaterMark: 1 },
    )
    const paused = deferred<IncomingMessage>()
    const { url } = await serve((request, response) => {
      request.once('data', () => paused.resolve(request.pause()))
      request.on('end', () => response.writeHead(201).end())
    })
    const body = { ...bodyOf('', () => stream), content: { ...bodyOf('').content, size: bytes(256 * mebibyte.length) } }
    const sending = clientOf(url).send({ method: 'PUT', path: '/', body }, soon())
    const request = await paused.promise
    // The kernel's buffers fill up, and then nothing more is made.
    await vi.waitUntil(() => request.socket.readableFlowing === false || made > 0)
    await vi.waitFor(() => expect(made).toBeGreaterThan(0), { timeout: 30_000 })
    expect(made).toBeLessThan(64)
    request.resume()
    expect((await sending).status).toBe(201)
    expect(made).toBe(256)
  })
})

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
