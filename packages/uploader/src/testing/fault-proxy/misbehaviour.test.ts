import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Breach, Place, ProxyMisbehaviour } from './misbehaviour.js'
import { answerOf, endsOf, eventually, requestOf, type Seen, standstill } from './raw-ends.js'

const request = requestOf('0123456789')
const answer = answerOf('abcdefghij', 'HTTP/1.1 201 Created')
const requestHead = request.length - 10
const answerHead = answer.length - 10

function settled({ bytes, ended }: Seen) {
  return { bytes: bytes.toString('latin1'), ended }
}

/** Ways in which a connection ends after exactly so many bytes; over plain HTTP three of them are the same. */
const breaks = ['close', 'close-unannounced', 'close-in-record', 'reset'] as const

/** How many bytes come before a place. */
const places: readonly (readonly [Place, ofRequest: number, ofAnswer: number])[] = [
  [{ head: 0 }, 0, 0],
  [{ head: 1 }, 1, 1],
  [{ head: 20 }, 20, 20],
  [{ body: -1 }, requestHead - 1, answerHead - 1],
  [{ body: 0 }, requestHead, answerHead],
  [{ body: 1 }, requestHead + 1, answerHead + 1],
  [{ body: 9 }, requestHead + 9, answerHead + 9],
  [{ body: 10 }, request.length, answer.length],
]

describe.each(['http', 'https'] as const)('over %s', (scheme) => {
  const { proxyTo, rawClient, rawServer } = endsOf(scheme)

  /** One request through a proxy that does this, to a server that answers when it has all of a request. */
  async function through(fault: ProxyMisbehaviour, says: Buffer | string = answer) {
    const server = await rawServer((seen, socket) => void (seen.length >= request.length && socket.write(says)))
    const proxy = await proxyTo(server.url, { limits: { made: 1024 * 1024 } })
    proxy.faults.add({ do: fault })
    return { server, proxy, client: rawClient(proxy.url, request) }
  }
  /** The same to its end. */
  async function all(fault: ProxyMisbehaviour, says: Buffer | string = answer) {
    const { server, proxy, client } = await through(fault, says)
    await client.over
    await eventually(() => expect(proxy.connections).toBe(0))
    return { client, servers: server.connections, outcome: proxy.requests[0]?.outcome }
  }
  describe('after so many bytes of a request', () => {
    describe.each(breaks)('%s', (breach) => {
      const how = breach === 'reset' ? 'reset' : 'close'

      test.each(places)('%j: the server has them and no more, and both connections end so', async (after, sent) => {
        const { client, servers, outcome } = await all({ request: { after, breach } }, '')
        expect(settled(client)).toEqual({ bytes: '', ended: how })
        await eventually(() => expect(servers.map(settled)).toEqual([{ bytes: request.toString('latin1', 0, sent), ended: how }]))
        expect(outcome).toBe('broken off')
      })
    })

    test.each(places)('%j: a truncated one is all that the server gets, and its answer goes back', async (after, sent) => {
      const server = await rawServer(() => undefined, answer)
      const proxy = await proxyTo(server.url)
      proxy.faults.add({ do: { request: { after, breach: 'truncate' } } })
      const client = rawClient(proxy.url, request)
      await eventually(() =>
        expect(server.connections.map(settled)).toEqual([{ bytes: request.toString('latin1', 0, sent), ended: 'close' }]),
      )
      await eventually(() => expect(client.bytes).toEqual(answer))
      expect(proxy.requests).toMatchObject([{ received: { body: 10 } }])
    })

    test.each(places)('%j: a half-closed one goes on to the server, and the client gets nothing', async (after) => {
      const { client, servers, outcome } = await all({ request: { after, breach: 'half-close' } })
      expect(settled(client)).toEqual({ bytes: '', ended: 'close' })
      expect(servers.map(({ bytes }) => bytes)).toEqual([request])
      expect(outcome).toBe('broken off')
    })

    test.each(places.slice(0, -1))('%j: a stall is one, until the client goes', async (after, sent) => {
      const { server, proxy, client } = await through({ request: { after, breach: 'stall' } })
      await eventually(() => expect(server.connections[0]?.bytes).toEqual(request.subarray(0, sent)))
      client.reset()
      await eventually(() => expect(proxy.connections).toBe(0))
      expect(proxy.requests).toMatchObject([{ outcome: 'the client left' }])
      expect(server.connections[0]?.bytes.length).toBe(sent)
      expect(client.bytes.length).toBe(0)
    })

    test.each<[string, Breach]>([
      ['a short stall', { stall: 30 }],
      ['a drip', { drip: 3, every: 10 }],
    ])('%s is one, and all arrives', async (_, breach) => {
      const began = performance.now()
      const { server, client } = await through({ request: { after: { body: 1 }, breach } })
      await eventually(() => expect(client.bytes).toEqual(answer))
      expect(performance.now() - began).toBeGreaterThanOrEqual(29)
      expect(server.connections.map(({ bytes }) => bytes)).toEqual([request])
    })

    test('that it does not have, nothing happens', async () => {
      const { client } = await through({
        request: { after: { body: 11 }, breach: 'reset' },
        answer: { after: { body: 11 }, breach: 'reset' },
      })
      await eventually(() => expect(client.bytes).toEqual(answer))
      client.socket.write(request)
      await eventually(() => expect(client.bytes).toEqual(Buffer.concat([answer, answer])))
    })
  })

  describe('after so many bytes of an answer', () => {
    describe.each(breaks)('%s', (breach) => {
      const how = breach === 'reset' ? 'reset' : 'close'

      test.each(places)('%j: the client has them and no more, and the server had all of the request', async (after, _, given) => {
        const { client, servers, outcome } = await all({ answer: { after, breach } })
        expect(settled(client)).toEqual({ bytes: answer.toString('latin1', 0, given), ended: how })
        expect(servers.map(({ bytes }) => bytes)).toEqual([request])
        expect(outcome).toBe('broken off')
      })
    })

    test.each(places.slice(0, -1))('%j: a stall is one, and ends when the client goes', async (after, _, given) => {
      const { proxy, client } = await through({ answer: { after, breach: 'stall' } })
      await eventually(() => expect(proxy.requests[0]?.received.body).toBe(10))
      await eventually(() => expect(client.bytes).toEqual(answer.subarray(0, given)))
      client.socket.destroy()
      await eventually(() => expect(proxy.connections).toBe(0))
      expect(proxy.requests).toMatchObject([
        { outcome: 'the client left', sent: { head: Math.min(given, answerHead), body: Math.max(0, given - answerHead) } },
      ])
    })

    test.each<[string, Breach]>([
      ['a short stall', { stall: 30 }],
      ['a drip', { drip: 3, every: 10 }],
    ])('%s is one, and all arrives', async (_, breach) => {
      const began = performance.now()
      const { client } = await through({ answer: { after: { body: 1 }, breach } })
      await eventually(() => expect(client.bytes).toEqual(answer))
      expect(performance.now() - began).toBeGreaterThanOrEqual(29)
    })

    test('a reset at once is not waited for', async () => {
      const { client, outcome } = await all({ answer: { after: { body: 1 }, breach: 'reset-at-once' } })
      expect(client.bytes).toEqual(answer.subarray(0, client.bytes.length))
      expect(client.bytes.length).toBeLessThanOrEqual(answerHead + 1)
      expect(outcome).toBe('broken off')
    })
  })

  describe('a message', () => {
    test('has another bit', async () => {
      const { client, server } = await through({ request: { flipBit: 9 }, answer: { flipBit: 0 } })
      await eventually(() => expect(client.bytes.toString()).toBe(answer.toString().replace('abcdefghij', '`bcdefghij')))
      expect(server.connections[0]?.bytes.toString()).toBe(request.toString().replace('0123456789', '0123456788'))
    })

    test('is a request that the server gets twice, and of its answers the client gets the second', async () => {
      const answers = [answerOf('first'), answerOf('second')]
      const server = await rawServer((seen, socket) => {
        const answer = seen.length >= request.length ? answers.shift() : undefined
        if (answer !== undefined) socket.write(answer)
      })
      const proxy = await proxyTo(server.url)
      proxy.faults.add({ do: { request: { twice: true } } })
      const client = rawClient(proxy.url, request)
      await eventually(() => expect(client.bytes).toEqual(answerOf('second')))
      expect(server.connections.map(({ bytes }) => bytes)).toEqual([request, request])
    })

    test('is an answer that was never the server’s', async () => {
      const { client, servers, outcome } = await all({ instead: { status: 503, headers: { 'retry-after': '2' }, body: 'nö' } })
      expect(settled(client)).toEqual({
        bytes: Buffer.from(
          'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 3\r\nconnection: close\r\nretry-after: 2\r\n\r\nnö',
        ).toString('latin1'),
        ended: 'close',
      })
      expect(servers).toEqual([])
      expect(outcome).toBe('answered')
    })

    test('is no HTTP at all', async () => {
      expect(settled((await all({ instead: { raw: 'garbage \xff' } })).client)).toEqual({ bytes: 'garbage \xff', ended: 'close' })
    })

    test.each<[number, string]>([
      [4, 'close'],
      [4, 'reset'],
    ])('is an answer that comes when %i bytes of the body have come, and then %s', async (afterBody, ended) => {
      const server = await rawServer(() => undefined)
      const proxy = await proxyTo(server.url)
      const early = answerOf('no', 'HTTP/1.1 422 Unprocessable Entity')
      proxy.faults.add({
        do: {
          instead: { status: 422, body: 'no', afterBody },
          ...(ended === 'reset' ? { answer: { after: { body: 2 }, breach: 'reset' } } : {}),
        },
      })
      const client = rawClient(proxy.url, request.subarray(0, requestHead + 3))
      await eventually(() => expect(proxy.requests[0]?.received.body).toBe(3))
      expect(client.bytes.length).toBe(0)
      client.socket.write('x')
      await eventually(() => expect(client.ended).toBe(ended))
      expect(client.bytes.toString()).toMatch(/^HTTP\/1.1 422 .*\r\n\r\nno$/s)
      expect(early.length).toBeLessThanOrEqual(client.bytes.length)
      expect(server.connections).toEqual([])
    })

    test('is an early answer to one who was told to go ahead', async () => {
      const proxy = await proxyTo('http://127.0.0.1:9')
      proxy.faults.add({ do: { instead: { status: 409, afterBody: 1 } } })
      const client = rawClient(proxy.url, 'PUT / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n')
      await eventually(() => expect(client.bytes.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n'))
      client.socket.write('x')
      await client.over
      expect(client.bytes.toString()).toContain('HTTP/1.1 409 Conflict')
    })
  })

  describe('an answer', () => {
    const changed = async (fault: ProxyMisbehaviour['answer']) => (await all({ answer: fault })).client.bytes.toString('latin1')
    const close = 'connection: close'

    test.each<[string, ProxyMisbehaviour['answer'], string]>([
      ['another status', { status: 302 }, `HTTP/1.1 302 Found\r\ncontent-length: 10\r\n${close}\r\n\r\nabcdefghij`],
      [
        'other headers, with the request’s number',
        { headers: { Link: '</x?page={n}>; rel="next"', two: ['a', 'b'], 'Content-Length': null } },
        `HTTP/1.1 201 Created\r\n${close}\r\nLink: </x?page=1>; rel="next"\r\ntwo: a\r\ntwo: b\r\n\r\nabcdefghij`,
      ],
      ['a greater length', { lengthBy: 1 }, `HTTP/1.1 201 Created\r\n${close}\r\ncontent-length: 11\r\n\r\nabcdefghij`],
      ['a smaller length', { lengthBy: -1 }, `HTTP/1.1 201 Created\r\n${close}\r\ncontent-length: 9\r\n\r\nabcdefghij`],
      ['something before it', { before: 'HTTP/1.1 102 Processing\r\n\r\n' }, `HTTP/1.1 102 Processing\r\n\r\n${answer}`],
    ])('has %s', async (_, fault, expected) => {
      expect(await changed(fault)).toBe(expected)
    })

    test('is compressed, and says so', async () => {
      const { client } = await all({ answer: { gzip: true } })
      const end = client.bytes.indexOf('\r\n\r\n') + 4
      const body = client.bytes.subarray(end)
      expect(client.bytes.toString('latin1', 0, end)).toBe(
        `HTTP/1.1 201 Created\r\n${close}\r\ncontent-length: ${body.length}\r\ncontent-encoding: gzip\r\n\r\n`,
      )
      expect(gunzipSync(body).toString()).toBe('abcdefghij')
    })

    test('keeps its interim answers back', async () => {
      const { client } = await through({ answer: { withholdInterim: true } }, `HTTP/1.1 100 Continue\r\n\r\n${answer}`)
      await eventually(() => expect(client.bytes).toEqual(answer))
    })

    test.each<['interim' | 'headers' | 'body', RegExp]>([
      ['interim', /^(HTTP\/1.1 100 Continue\r\n\r\n)+$/],
      ['headers', /^HTTP\/1.1 201 Created\r\ncontent-length: 10\r\nconnection: close\r\n(x-endless-\d+: x{100}\r\n)+$/],
      ['body', /^HTTP\/1.1 201 Created\r\nconnection: close\r\n\r\n(endless \d+ )+$/],
    ])('has %s without end, up to a limit, and is then reset', async (endless, pattern) => {
      const { client, outcome } = await all({ answer: { endless } })
      expect(client.ended).toBe('reset')
      expect(outcome).toBe('too much')
      expect(client.bytes.toString('latin1')).toMatch(pattern)
      expect(client.bytes.length).toBeGreaterThan(1024 * 1024)
      expect(client.bytes.length).toBeLessThan(1024 * 1024 + 128 * 1024)
    })

    test('without end is made only as fast as it is read, and not after the client has gone', async () => {
      const server = await rawServer((_, socket) => void socket.write(answer))
      const proxy = await proxyTo(server.url)
      proxy.faults.add({ do: { answer: { endless: 'body' } } })
      const client = rawClient(proxy.url, request)
      client.socket.once('data', () => client.socket.pause())
      const before = await standstill(() => proxy.requests[0]?.sent.body ?? 0)
      expect(before).toBeLessThan(32 * 1024 * 1024)
      client.socket.destroy()
      await eventually(() => expect(proxy.requests).toMatchObject([{ outcome: 'the client left' }]))
    })
  })
})
