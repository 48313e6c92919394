import { request } from 'node:https'
import { connect, createServer } from 'node:net'
import { TLSSocket, connect as tlsConnect } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { authority } from '../authority.js'
import { listen } from '../server/listen.js'
import type { HandshakeMisbehaviour } from './handshake.js'
import type { Breach } from './misbehaviour.js'
import { answerOf, endsOf, eventually } from './raw-ends.js'
import { startFaultProxy } from './start.js'

const { proxyTo, rawClient, rawServer } = endsOf('https')

/** A proxy to a server that says hello. */
async function greeting(...handshakes: readonly HandshakeMisbehaviour[]) {
  const server = await rawServer((seen, socket) => void (seen.includes('\r\n\r\n') && socket.write(answerOf('hello'))))
  return proxyTo(server.url, { handshakes: handshakes.map((fault) => ({ do: fault })) })
}

/** An answer's status and the version of TLS, or the error's code. */
function ask(url: string): Promise<string> {
  return new Promise((resolve) => {
    const sent = request(url.replace('127.0.0.1', 'localhost'), { agent: false, ca: authority.ca }, (response) => {
      const { socket } = response.resume()
      resolve(`${response.statusCode} ${socket instanceof TLSSocket ? socket.getProtocol() : 'not secure'}`)
    })
    sent.once('error', (error) => resolve('code' in error ? String(error.code) : error.message)).end()
    onTestFinished(() => void sent.destroy())
  })
}

const noSecureConnection = /^(ERR_SSL_|EPROTO$)/

describe('a handshake', () => {
  test.each<[string, HandshakeMisbehaviour, string | RegExp]>([
    ['has no fault', {}, '200 TLSv1.3'],
    ['has an expired certificate', { tls: authority.expired }, 'CERT_HAS_EXPIRED'],
    ['has a certificate of the future', { tls: authority.notYetValid }, 'CERT_NOT_YET_VALID'],
    ['has another host’s certificate', { tls: authority.wrongName }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['has a certificate of nobody’s', { tls: authority.selfSigned }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['has a certificate of another authority', { tls: authority.foreign }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['has that authority’s too', { tls: authority.foreignChain }, 'SELF_SIGNED_CERT_IN_CHAIN'],
    ['is one of TLS 1.2', { version: 'TLSv1.2' }, '200 TLSv1.2'],
    ['is one of TLS 1.3', { version: 'TLSv1.3' }, '200 TLSv1.3'],
    ['is one of TLS 1.1', { version: 'TLSv1.1' }, noSecureConnection],
    // The certificate has no RSA key.
    ['has no cipher that both know', { version: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }, noSecureConnection],
    ['is answered without TLS', { raw: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, noSecureConnection],
    ['is closed', { breach: 'close' }, 'ECONNRESET'],
    ['is reset', { breach: 'reset' }, 'ECONNRESET'],
    ['is closed in the first record', { breach: 'close', after: 40 }, 'ECONNRESET'],
    ['is reset in the first record', { breach: 'reset', after: 40 }, 'ECONNRESET'],
    ['comes late', { breach: { stall: 50 } }, '200 TLSv1.3'],
  ])('%s: the client sees just that, and the next is well again', async (_, fault, expected) => {
    const proxy = await greeting(fault)
    expect(await ask(proxy.url)).toMatch(expected)
    expect(await ask(proxy.url)).toBe('200 TLSv1.3')
    await eventually(() => expect(proxy.connections).toBe(0))
  })

  test.each([0, 40])('that stalls after %i bytes does so until the client goes', async (after) => {
    const proxy = await greeting({ breach: 'stall', after })
    const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let came = 0
    socket.on('data', (bytes) => {
      came += bytes.length
    })
    const secure = tlsConnect({ socket }).on('error', () => undefined)
    const states: string[] = []
    for (const event of ['secureConnect', 'close', 'end']) secure.on(event, () => states.push(event))
    await eventually(() => expect([socket.bytesRead, proxy.connections]).toEqual([after, 1]))
    expect(states).toEqual([])
    socket.destroy()
    await eventually(() => expect(proxy.connections).toBe(0))
    expect(came).toBeLessThanOrEqual(after)
  })

  test('that stalls ends with the connection’s time', async () => {
    const server = await rawServer(() => undefined)
    const proxy = await proxyTo(server.url, { limits: { time: 50 }, handshakes: [{ do: { breach: 'stall' } }] })
    expect(await ask(proxy.url)).toBe('ECONNRESET')
    await eventually(() => expect(proxy.connections).toBe(0))
  })

  test('that stalls is over when the proxy is', async () => {
    const proxy = await greeting({ breach: 'stall' }, { breach: { stall: 60_000 } })
    const asked = [ask(proxy.url), ask(proxy.url)]
    await eventually(() => expect(proxy.connections).toBe(2))
    await proxy.close()
    expect(await Promise.all(asked)).toEqual(['ECONNRESET', 'ECONNRESET'])
  })

  test.each([
    ['plain HTTP', 'GET / HTTP/1.1\r\n\r\n'],
    ['half of a hello', '\x16\x03\x01\x02\x00\x01'],
    ['nothing', ''],
  ])('that is %s from the client ends with the client, and disturbs nobody', async (_, bytes) => {
    const proxy = await greeting()
    const client = endsOf('http').rawClient(proxy.url, bytes)
    if (client.ended === 'not yet') client.socket.end()
    await client.over
    await eventually(() => expect(proxy.connections).toBe(0))
    expect(await ask(proxy.url)).toBe('200 TLSv1.3')
    expect(proxy.requests).toHaveLength(1)
  })

  test('counts connections and no requests', async () => {
    const proxy = await greeting()
    proxy.handshakes.add({ after: 1, times: 2, do: { tls: authority.expired } })
    const seen = []
    for (let count = 0; count < 4; count++) seen.push(await ask(proxy.url))
    expect(seen).toEqual(['200 TLSv1.3', 'CERT_HAS_EXPIRED', 'CERT_HAS_EXPIRED', '200 TLSv1.3'])
    expect(proxy.requests).toHaveLength(2)
  })
})

/** Between a client and a server: what the server sent, record by record. */
async function tap(url: string) {
  const sent: Buffer[] = []
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const onward = connect({ host: '127.0.0.1', port: Number(new URL(url).port), allowHalfOpen: true })
    client.pipe(onward).on('error', () => undefined)
    onward.on('data', (bytes) => sent.push(bytes))
    onward.pipe(client).on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port')
  return { url: `https://127.0.0.1:${address.port}`, sent: () => Buffer.concat(sent) }
}

/** The type of the last record of a connection, and whether all of it is there (RFC 5246, section 6.2.1). */
function lastRecord(bytes: Buffer): string {
  let at = 0
  for (let next = 0; next < bytes.length; next = at + 5 + bytes.readUInt16BE(at + 3)) at = next
  const whole = bytes.length === at + 5 + bytes.readUInt16BE(at + 3)
  return `${whole ? 'all' : 'part'} of ${{ 21: 'an alert', 23: 'data' }[bytes.readUInt8(at)]}`
}

test.each<[Breach, string]>([
  ['close', 'all of an alert'],
  ['close-unannounced', 'all of data'],
  ['close-in-record', 'part of data'],
])('a connection that ends by a %s ends with %s', async (breach, last) => {
  // Later versions hide what is an alert.
  const proxy = await greeting({ version: 'TLSv1.2' })
  proxy.faults.add({ do: { answer: { after: { body: 2 }, breach } } })
  const tapped = await tap(proxy.url)
  const client = rawClient(tapped.url, 'GET / HTTP/1.1\r\n\r\n')
  expect((await client.over).bytes.toString()).toMatch(/\r\n\r\nhe$/)
  expect(lastRecord(tapped.sent())).toBe(last)
})

test.each([
  ['https', undefined, authority.server],
  ['http', authority.server, undefined],
])('the server can be one of %s where the client’s connection is none', async (_, tls, upstream) => {
  const server = await listen((_, response) => response.end('hello'), upstream)
  onTestFinished(() => server.close())
  const proxy = await startFaultProxy({ upstream: server.url, tls })
  onTestFinished(() => proxy.close())
  expect(await (await fetch(proxy.url)).text()).toBe('hello')
})

test('a server whose name is not in its certificate is still asked', async () => {
  const server = await listen((_, response) => response.end('hello'), authority.wrongName)
  onTestFinished(() => server.close())
  expect(await ask((await proxyTo(server.url)).url)).toBe('200 TLSv1.3')
  expect(await ask((await proxyTo(server.url.replace('127.0.0.1', 'localhost'))).url)).toBe('200 TLSv1.3')
})
