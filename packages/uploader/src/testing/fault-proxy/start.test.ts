import http from 'node:http'
import https from 'node:https'
import { buffer, text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { authority } from '../authority.js'
import { sampleBytes } from '../fixtures.js'
import { listen } from '../server/listen.js'
import { answerOf, digest, endsOf, eventually, requestOf, resetWhenRead, standstill } from './raw-ends.js'

const get = 'GET /x HTTP/1.1\r\nHost: server\r\n\r\n'
const whole = (request: Buffer | string, answer: Buffer | string) => (seen: Buffer, socket: { write(bytes: Buffer | string): unknown }) =>
  void (seen.length >= request.length && socket.write(answer))

describe.each(['http', 'https'] as const)('over %s', (scheme) => {
  const { proxyTo, rawClient, rawServer } = endsOf(scheme)
  const { Agent, request: httpRequest } = scheme === 'http' ? http : https
  const tls = scheme === 'http' ? undefined : authority.server

  describe('without a fault a proxy hands on every byte as it is', () => {
    test.each([
      [
        'odd spelling',
        'GET /a?b=%zz HTTP/1.1\r\nhOST:server\r\nX-Two: a\r\nX-Two:  b \r\n\r\n',
        'HTTP/1.1 299 \r\ncontent-LENGTH:2\r\n\r\nok',
      ],
      [
        'a chunked answer with extensions and a trailer',
        get,
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n',
      ],
      ['an answer that ends with its connection', get, 'HTTP/1.1 200 OK\r\n\r\nhello'],
      [
        'interim answers',
        get,
        'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
      ],
      ['an answer to HEAD', 'HEAD /x HTTP/1.1\r\nHost: server\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n'],
      ['a chunked request', 'PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n', answerOf('')],
      ['bytes that are no text', requestOf(Buffer.of(0, 255, 128, 13, 10, 13, 10)), answerOf(Buffer.of(255, 0, 10))],
    ])('%s', async (name, request, answer) => {
      const server = await rawServer((seen, socket) => {
        if (seen.length < request.length) return
        if (name.includes('ends with its connection')) socket.end(answer)
        else socket.write(answer)
      })
      const proxy = await proxyTo(server.url)
      const client = rawClient(proxy.url, request)
      await eventually(() => expect(client.bytes).toEqual(Buffer.from(answer)))
      expect(server.connections.map(({ bytes }) => bytes)).toEqual([Buffer.from(request)])
      await eventually(() => expect(proxy.requests).toMatchObject([{ outcome: 'answered' }]))
    })

    test('byte by byte, too, and says how many there were', async () => {
      const request = requestOf('abcdef')
      const server = await rawServer(whole(request, answerOf('xyz')))
      const proxy = await proxyTo(server.url)
      const client = rawClient(proxy.url, request.subarray(0, 1))
      for (const byte of request.subarray(1)) await new Promise((resolve) => client.socket.write(Buffer.of(byte), resolve))
      await eventually(() => expect(client.bytes).toEqual(answerOf('xyz')))
      await eventually(() =>
        expect(proxy.requests.map(({ method, path, received, sent }) => ({ method, path, received, sent }))).toEqual([
          {
            method: 'PUT',
            path: '/x',
            received: { head: request.length - 6, body: 6 },
            sent: { head: answerOf('xyz').length - 3, body: 3 },
          },
        ]),
      )
    })

    test('both ways at once, much more than anybody keeps', async () => {
      const body = sampleBytes(24 * 1024 * 1024)
      const server = await listen((request, response) => {
        response.writeHead(200, { 'content-length': request.headers['content-length'] })
        request.pipe(response)
      }, tls)
      onTestFinished(() => server.close())
      const proxy = await proxyTo(server.url)
      const answered = new Promise<Buffer>((resolve, reject) => {
        const request = httpRequest(proxy.url, { method: 'POST', headers: { 'content-length': String(body.length) } })
        request.once('response', (response) => resolve(buffer(response))).once('error', reject)
        request.end(body)
      })
      expect(digest(await answered)).toBe(digest(body))
    })

    test('and takes no more from one side than the other has room for', async () => {
      let sent = 0
      const server = await listen((_, response) => {
        const more = () => {
          while (sent < 512 * 1024 * 1024) {
            sent += 1024 * 1024
            if (!response.write(Buffer.alloc(1024 * 1024))) return void response.once('drain', more)
          }
          response.end()
        }
        more()
      }, tls)
      onTestFinished(() => server.close())
      const proxy = await proxyTo(server.url)
      const client = rawClient(proxy.url, get)
      client.socket.once('data', () => client.socket.pause())
      await standstill(() => sent)
      expect(sent).toBeLessThan(64 * 1024 * 1024)
    })

    test('keeps a client’s connection for its next request, and asks the server on another one', async () => {
      const ports: (number | undefined)[] = []
      const server = await listen((request, response) => {
        ports.push(request.socket.remotePort)
        request.resume().on('end', () => response.end('ok'))
      }, tls)
      onTestFinished(() => server.close())
      const proxy = await proxyTo(server.url)
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      onTestFinished(() => agent.destroy())
      const ask = (method: string, body: string) =>
        new Promise<[string, boolean]>((resolve, reject) => {
          const request = httpRequest(proxy.url, { agent, method })
          request.once('error', reject)
          request.once('response', async (response) => resolve([await text(response), request.reusedSocket]))
          request.end(body)
        })
      expect([await ask('GET', ''), await ask('POST', 'body'), await ask('GET', '')]).toEqual([
        ['ok', false],
        ['ok', true],
        ['ok', true],
      ])
      expect(new Set(ports).size).toBe(3)
    })

    test('passes on what is said before the body is sent: go ahead, or no', async () => {
      const { server, ...listening } = await listen(
        (request, response) => request.resume().on('end', () => response.writeHead(201).end()),
        tls,
      )
      onTestFinished(() => listening.close())
      server.on('checkContinue', (request, response) => {
        if (request.url === '/no') return void response.writeHead(413, { connection: 'close' }).end()
        response.writeContinue()
        server.emit('request', request, response)
      })
      const proxy = await proxyTo(listening.url)
      const ask = (path: string) =>
        new Promise<string[]>((resolve, reject) => {
          const heard: string[] = []
          const headers = { expect: '100-continue', 'content-length': '4' }
          const request = httpRequest(proxy.url + path, { method: 'PUT', headers, agent: false })
          request.once('continue', () => {
            heard.push('continue')
            request.end('body')
          })
          request.once('error', reject)
          request.once('response', (response) => {
            resolve([...heard, String(response.statusCode)])
            request.destroy()
          })
          request.flushHeaders()
        })
      expect(await ask('/yes')).toEqual(['continue', '201'])
      expect(await ask('/no')).toEqual(['413'])
      await eventually(() =>
        expect(proxy.requests).toMatchObject([
          { received: { body: 4 }, outcome: 'answered' },
          { received: { body: 0 }, outcome: 'answered' },
        ]),
      )
    })

    test('an answer that comes early is heard, and what the client still sends is taken from it', async () => {
      const body = Buffer.alloc(8 * 1024 * 1024, 'x')
      const server = await rawServer(
        (seen, socket) => void (seen.length > 100_000 && socket.writable && socket.end(answerOf('no', 'HTTP/1.1 422 No'))),
      )
      const proxy = await proxyTo(server.url)
      const client = rawClient(proxy.url, requestOf(body))
      await client.over
      expect(client.bytes).toEqual(answerOf('no', 'HTTP/1.1 422 No'))
      expect(client.ended).toBe('close')
    })
  })

  describe('a proxy', () => {
    test('says its own address, and that of another proxy, where the server says its own', async () => {
      const server = await rawServer((_, socket) => {
        socket.write(`HTTP/1.1 302 Found\r\nLocation: http://storage.example/x\r\nLink: <${server.url}/2>\r\nContent-Length: 0\r\n\r\n`)
      })
      const proxy = await proxyTo(server.url, { origins: { 'http://storage.example': 'http://127.0.0.1:1' } })
      const client = rawClient(proxy.url, get)
      await eventually(() =>
        expect(client.bytes.toString()).toBe(
          `HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\nLink: <${proxy.url}/2>\r\nContent-Length: 0\r\n\r\n`,
        ),
      )
    })

    test('does to the client what the server does: cuts off, resets, or is not there', async () => {
      const server = await rawServer((seen, socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')
        if (seen.includes('/close')) socket.end()
        else resetWhenRead(socket)
      })
      const proxy = await proxyTo(server.url)
      const closed = await rawClient(proxy.url, 'GET /close HTTP/1.1\r\n\r\n').over
      expect([closed.ended, closed.bytes.subarray(-4).toString()]).toEqual(['close', 'half'])
      expect((await rawClient(proxy.url, 'GET /reset HTTP/1.1\r\n\r\n').over).ended).toBe('reset')
      const alone = await proxyTo(`${scheme}://127.0.0.1:9`)
      expect(await rawClient(alone.url, get).over).toMatchObject({ bytes: Buffer.alloc(0), ended: 'reset' })
      expect([...proxy.requests, ...alone.requests].map(({ outcome }) => outcome)).toEqual(Array(3).fill('the server left'))
    })

    test.each(['close', 'reset'] as const)('does to the server what the client does: %s', async (how) => {
      const server = await rawServer(() => undefined)
      const proxy = await proxyTo(server.url)
      const request = requestOf('a body').subarray(0, -3)
      const client = rawClient(proxy.url, request)
      await eventually(() => expect(server.connections[0]?.bytes).toEqual(request))
      if (how === 'close') client.socket.end()
      else client.reset()
      await eventually(() => expect(server.connections[0]?.ended).toBe(how))
      await eventually(() => expect(proxy.requests).toMatchObject([{ outcome: 'the client left' }]))
      await eventually(() => expect(proxy.connections).toBe(0))
    })

    test('lets the server go when the client no longer waits for it', async () => {
      const server = await rawServer(() => undefined)
      const proxy = await proxyTo(server.url)
      const client = rawClient(proxy.url, get)
      await eventually(() => expect(server.connections).toHaveLength(1))
      client.socket.destroy()
      await eventually(() => expect(server.connections[0]?.ended).toBe('close'))
    })

    test('gives a connection so much time and no more', async () => {
      const server = await rawServer(() => undefined)
      const proxy = await proxyTo(server.url, { limits: { time: 1000 } })
      expect(await rawClient(proxy.url, get).over).toMatchObject({ ended: 'reset' })
      expect(await rawClient(proxy.url, 'GET').over).toMatchObject({ ended: 'reset' })
      expect(proxy.requests).toMatchObject([{ outcome: 'out of time' }])
      await eventually(() => expect(server.connections[0]?.ended).toBe('reset'))
    })

    test.each([
      ['a client', 'hello\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n', []],
      ['a client of two lengths', 'PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', '', ['not HTTP']],
      ['a client of a strange chunk', 'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', '', ['not HTTP']],
      ['a client of endless headers', `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(20_000)}`, '', []],
      ['a server', get, 'hello\r\n\r\n', ['not HTTP']],
      ['a server of another protocol', get, 'HTTP/1.1 101 Switching Protocols\r\n\r\n', ['not HTTP']],
      ['a server of endless headers', get, `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`, ['not HTTP']],
    ])('breaks off what is not HTTP, of %s', async (_, request, answer, outcomes) => {
      const server = await rawServer((_, socket) => void socket.write(answer))
      const proxy = await proxyTo(server.url)
      const { bytes, ended } = await rawClient(proxy.url, request).over
      // Node's TLS tells a client that is in the midst of a long write of an end.
      expect([bytes.length, ended]).toEqual([0, scheme === 'https' && request.length > 1000 ? expect.any(String) : 'reset'])
      expect(proxy.requests.map(({ outcome }) => outcome)).toEqual(outcomes)
    })

    test('takes no server of another protocol', async () => {
      await expect(proxyTo('ftp://127.0.0.1')).rejects.toThrow('expected an http or https origin')
    })

    test('leaves nothing open when it is closed, whatever is under way', async () => {
      await eventually(() => expect(openSockets()).toBe(0))
      const server = await listen(() => undefined, tls)
      const proxy = await proxyTo(server.url)
      proxy.faults.add(
        { on: { path: /a/ }, do: { request: { after: { body: 1 }, breach: 'stall' } } },
        { on: { path: /b/ }, do: { answer: { endless: 'body' } } },
        { on: { path: /c/ }, do: { instead: { status: 200, body: 'abc' }, answer: { breach: { drip: 1, every: 60_000 } } } },
      )
      const clients = ['/a', '/b', '/c', '/d'].map((path) => rawClient(proxy.url, `PUT ${path} HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc`))
      await eventually(() => expect(proxy.requests).toHaveLength(4))
      await proxy.close()
      await Promise.all(clients.map(({ over }) => over))
      await server.close()
      await eventually(() => expect(openSockets()).toBe(0))
    })
  })
})

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length
}
