import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { bytes, instant } from '@stagegate/schema'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Body } from '../contract/capabilities.js'
import { authority, tls } from '../testing/authority.js'
import { bodyOf } from '../testing/bodies.js'
import {
  type FaultProxy,
  type HandshakeMisbehaviour,
  type ProxyMisbehaviour,
  type RequestBreach,
  type Size,
  startFaultProxy,
} from '../testing/fault-proxy/index.js'
import { standstill } from '../testing/fault-proxy/raw-ends.js'
import { type Spot, spots } from '../testing/fault-proxy/spots.js'
import { bytesOf, contentOf, sampleBytes } from '../testing/fixtures.js'
import { type Listening, listen } from '../testing/server/listen.js'
import { createHttpClient, type HttpLimits } from './index.js'

/*
 * What the client makes of everything that can go wrong between it and a server which does all as it should: a table of faults
 * and of what comes of them. After each, no socket and no timer of the client is left.
 */

/** For what never comes, and for what comes late on a busy machine. */
const patience = { little: limitsOf(150), much: limitsOf(10_000) }
const mebibyte = 1024 * 1024
const file = sampleBytes(300_000, 1)
const upload = sampleBytes(300_000, 2)
const form = `a=${'b'.repeat(500)}`
const text = JSON.stringify({ rows: Array(50).fill('a row') })

function limitsOf(milliseconds: number): Partial<HttpLimits> {
  return { connect: 10_000, goAhead: 60, answer: milliseconds, answerToUpload: milliseconds, idle: milliseconds }
}

const kinds = ['get', 'form', 'upload', 'download'] as const
type Kind = (typeof kinds)[number]
/** A status and whether what came is what the server gave, or the error's code. */
type Outcome = string

/** The server, behind a proxy that ends TLS: says what it got. */
function serveAll() {
  return listen((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const got = contentOf(Buffer.concat(chunks)).sha256
      const answer = { '/get': Buffer.from(text), '/download': file }[request.url ?? ''] ?? Buffer.from(JSON.stringify({ got, text }))
      response.writeHead(200, { 'content-length': String(answer.length), 'content-type': 'text/plain' }).end(answer)
    })
  })
}

const right: Readonly<Record<Kind, Buffer>> = {
  get: Buffer.from(text),
  form: Buffer.from(JSON.stringify({ got: contentOf(Buffer.from(form)).sha256, text })),
  upload: Buffer.from(JSON.stringify({ got: contentOf(upload).sha256, text })),
  download: file,
}

interface Asking {
  readonly limits?: Partial<HttpLimits>
  readonly milliseconds?: number
  readonly body?: Body
}

/** One request of this kind, to its end. */
async function ask(kind: Kind, origin: string, { limits = patience.much, milliseconds = 20_000, body = bodyOf(upload) }: Asking = {}) {
  const credential = { scheme: 'header', header: 'PRIVATE-TOKEN', value: { variable: 'TOKEN' } } as const
  const client = createHttpClient({ origin, limits, credential, secrets: () => 'the-token' })
  const call = { signal: new AbortController().signal, deadline: instant(Date.now() + milliseconds) }
  try {
    if (kind === 'download') {
      const answer = await client.download('/download', call)
      // Of a refusal there is nothing to be read.
      const came = answer.status === 401 ? Buffer.alloc(0) : await bytesOf(answer.stream)
      return `${answer.status} ${came.equals(file) ? 'whole' : 'other'}`
    }
    const answer = await client.send(
      kind === 'get' ? { method: 'GET', path: '/get' } : { method: 'POST', path: `/${kind}`, body: kind === 'form' ? form : body },
      call,
    )
    return `${answer.status} ${answer.text === right[kind].toString() ? 'whole' : 'other'}`
  } catch (error) {
    expect(error).toMatchObject({ name: 'HttpError', origin })
    // The cast: it was just looked at.
    return (error as { code: string }).code
  }
}

const sockets = new Set<Socket>()
function note(message: unknown): void {
  // The cast: this is what the channel carries.
  sockets.add((message as { socket: Socket }).socket)
}
function openTo(origin: string): number {
  return [...sockets].filter(({ destroyed, remotePort }) => !destroyed && remotePort === Number(new URL(origin).port)).length
}
function active(type: 'TCP' | 'Timeout'): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith(type)).length
}
/** Without a timer of its own. The test runner has timers, too, which a busy machine keeps for a while. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 60_000
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within a minute: ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

let server: Listening
let proxy: FaultProxy
let timers: number
/** What leads elsewhere. */
const others: Listening[] = []
/** Of what is sent when nothing goes wrong. Every port has five digits, so a request has the same size in every test. */
const sizes = new Map<Kind, { readonly request: Size; readonly answer: Size }>()
function sizeOf(kind: Kind) {
  const size = sizes.get(kind)
  if (size === undefined) throw new Error('nothing was measured')
  return size
}

async function open() {
  server = await serveAll()
  proxy = await startFaultProxy({ upstream: server.url, tls, limits: { time: 10_000, made: 64 * mebibyte } })
}
async function close() {
  await Promise.all([proxy.close(), server.close(), ...others.splice(0).map((other) => other.close())])
}

beforeAll(async () => {
  await open()
  for (const kind of kinds) {
    expect(await ask(kind, proxy.url)).toBe('200 whole')
    const measured = proxy.requests.at(-1)
    if (measured === undefined) throw new Error('nothing was measured')
    // The client can have all before the proxy knows that it has.
    await until('all was sent', () => measured.outcome === 'answered')
    sizes.set(kind, { request: measured.received, answer: measured.sent })
  }
  await close()
})
beforeEach(async () => {
  await until('nothing of an earlier test is open', () => active('TCP') === 0)
  timers = active('Timeout')
  subscribe('net.client.socket', note)
  await open()
})
afterEach(async () => {
  unsubscribe('net.client.socket', note)
  sockets.clear()
  await close()
  await until('nothing is open', () => active('TCP') === 0 && active('Timeout') <= timers)
})

/** Does a fault have this outcome? Afterwards the client has no connection but one that it may use again. */
async function expectOf(fault: ProxyMisbehaviour, kind: Kind, expected: Outcome, body?: Body): Promise<void> {
  proxy.faults.add({ do: fault, times: Number.POSITIVE_INFINITY })
  const late = expected === 'http/timeout' ? { limits: patience.little, milliseconds: 800 } : {}
  expect(await ask(kind, proxy.url, { ...late, ...(body && { body }) })).toMatch(new RegExp(`^(${expected})$`))
  const kept = expected.startsWith('http/') || kind === 'upload' ? 0 : 1
  await until('the client’s sockets are closed', () => openTo(proxy.url) <= kept)
}

const spotsOf = (message: 'request' | 'answer', kind: Kind) => spots(message === 'answer' || kind === 'form' || kind === 'upload')

/** What comes of a breach, by where it is; one entry for all kinds, or one for each. */
type Comes = Partial<Readonly<Record<Spot['where'], Outcome | Readonly<Record<Kind, Outcome>>>>>
const whole = '200 whole'
const each = (outcome: Outcome): Readonly<Record<Kind, Outcome>> => ({ get: outcome, form: outcome, upload: outcome, download: outcome })
/** Of a body that we read ourselves we say how much was missing. */
const cutShort = { ...each('http/short'), upload: 'http/reset' }
function outcomeFor(kind: Kind, outcome: Outcome | Readonly<Record<Kind, Outcome>> = ''): Outcome {
  return typeof outcome === 'object' ? outcome[kind] : outcome
}
function interim(...statuses: readonly number[]): string {
  return statuses.map((status) => `HTTP/1.1 ${status} Wait\r\nx: y\r\n\r\n`).join('')
}

const breaches: readonly (readonly [message: 'request' | 'answer', how: RequestBreach, comes: Comes])[] = [
  ['request', 'reset', { head: 'http/reset', body: 'http/reset', all: 'http/reset', beyond: whole }],
  ['request', 'close', { head: 'http/reset', body: 'http/reset', all: 'http/reset', beyond: whole }],
  ['request', 'close-unannounced', { head: 'http/reset', body: 'http/reset', all: 'http/reset', beyond: whole }],
  ['request', 'close-in-record', { head: 'http/reset', body: 'http/reset', all: 'http/reset', beyond: whole }],
  ['request', 'half-close', { head: 'http/reset', body: 'http/reset', all: 'http/reset', beyond: whole }],
  // What the server says of half a request.
  ['request', 'truncate', { body: '400 other', beyond: whole }],
  ['request', 'stall', { head: 'http/timeout', body: 'http/timeout', all: whole, beyond: whole }],
  ['request', { stall: 20 }, { head: whole, body: whole, all: whole, beyond: whole }],
  ['request', { drip: 20_000, every: 1 }, { head: whole, body: whole, all: whole, beyond: whole }],
  ['answer', 'reset', { head: 'http/reset', body: cutShort, all: whole, beyond: whole }],
  ['answer', 'reset-at-once', { head: 'http/reset', body: cutShort, beyond: whole }],
  ['answer', 'close', { head: 'http/reset', body: cutShort, all: whole, beyond: whole }],
  ['answer', 'close-unannounced', { head: 'http/reset', body: cutShort, all: whole, beyond: whole }],
  ['answer', 'close-in-record', { head: 'http/reset', body: cutShort, all: whole, beyond: whole }],
  ['answer', 'stall', { head: 'http/timeout', body: 'http/timeout', all: whole, beyond: whole }],
  ['answer', { stall: 20 }, { head: whole, body: whole, all: whole, beyond: whole }],
  ['answer', { drip: 20_000, every: 1 }, { head: whole, body: whole, all: whole, beyond: whole }],
]

describe.each(kinds)('%s', (kind) => {
  describe.each(breaches)('its %s: %j', (message, breach, comes) => {
    test.each(spotsOf(message, kind).filter(({ where }) => comes[where] !== undefined))('at $name', async ({ where, at }) => {
      const head = at(sizeOf(kind)[message])
      await expectOf({ [message]: { after: { head }, breach } }, kind, outcomeFor(kind, comes[where]))
    })
  })
})

/** Of what is sent, the answer's body says nothing that its status does not. */
const encoded = { get: 'http/coding', download: 'http/coding' }

/** What comes of everything else that can be wrong with a request or its answer. */
const spoilt: readonly (readonly [string, ProxyMisbehaviour, Outcome | Readonly<Record<Kind, Outcome>>])[] = [
  ['a length that is one too great', { answer: { lengthBy: 1 } }, cutShort],
  ['a length that is one too small', { answer: { lengthBy: -1 } }, 'http/failed'],
  ['two lengths', { answer: { headers: { 'content-length': ['5', '6'] } } }, 'http/failed'],
  ['a length that is no number', { answer: { headers: { 'content-length': 'x' } } }, 'http/failed'],
  ['a negative length', { answer: { headers: { 'content-length': '-1' } } }, 'http/failed'],
  ['a length beyond all numbers', { answer: { headers: { 'content-length': '9'.repeat(30) } } }, 'http/failed'],
  ['a length and chunks', { answer: { headers: { 'transfer-encoding': 'chunked' } } }, 'http/failed'],
  ['chunks that are none', { answer: { headers: { 'transfer-encoding': 'chunked', 'content-length': null } } }, 'http/failed'],
  ['no length', { answer: { headers: { 'content-length': null } } }, whole],
  // Nobody can tell; the digest can, and JSON does.
  [
    'no length, and a close half-way',
    { answer: { headers: { 'content-length': null }, after: { body: 100 }, breach: 'close' } },
    '200 other',
  ],
  [
    'no length, and a reset half-way',
    { answer: { headers: { 'content-length': null }, after: { body: 100 }, breach: 'reset' } },
    'http/reset',
  ],
  [
    'no length, and the end of a process half-way',
    { answer: { headers: { 'content-length': null }, after: { body: 100 }, breach: 'close-unannounced' } },
    '200 other',
  ],
  ['another bit', { answer: { flipBit: 200 } }, '200 other'],
  ['another bit on the way there', { request: { flipBit: 200 } }, { get: whole, download: whole, form: '200 other', upload: '200 other' }],
  ['another encoding', { answer: { gzip: true } }, { ...each('200 other'), ...encoded }],
  ['another encoding, which it has not', { answer: { headers: { 'content-encoding': 'gzip' } } }, { ...each(whole), ...encoded }],
  ['an encoding that is none', { answer: { headers: { 'content-encoding': 'identity' } } }, whole],
  ['a refusal with another encoding', { answer: { status: 403, headers: { 'content-encoding': 'gzip' } } }, '403 whole'],
  ['a server that is asked twice', { request: { twice: true } }, whole],
  ['no 100 Continue', { answer: { withholdInterim: true } }, whole],
  ['another status', { answer: { status: 503 } }, '503 whole'],
  ['a status nobody knows', { answer: { status: 999 } }, '999 whole'],
  // The body can come when the answer has been taken for complete, and is nobody's then.
  ['a status that has no body, and a body', { answer: { status: 204 } }, 'http/failed|204 other'],
  ['a redirect to nowhere', { answer: { status: 302 } }, '302 whole'],
  ['a redirect to itself', { answer: { status: 302, headers: { location: '/get' } } }, { ...each('302 whole'), download: 'http/redirect' }],
  ['all kinds of interim answers', { answer: { before: interim(102, 103, 100, 199, 100) } }, whole],
  ['an interim answer with a length', { answer: { before: 'HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\n' } }, whole],
  ['a change to another protocol', { answer: { before: `HTTP/1.1 101 Now\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n` } }, 'http/failed'],
  ['something before it', { answer: { before: 'garbage\r\n' } }, 'http/failed'],
  ['garbage instead', { instead: { raw: 'garbage\r\n\r\n' } }, 'http/failed'],
  ['TLS instead', { instead: { raw: '\x15\x03\x01\x00\x02\x02\x28' } }, 'http/failed'],
  ['a header with a zero byte', { instead: { raw: 'HTTP/1.1 200 OK\r\nx: \0\r\n\r\n' } }, 'http/failed'],
  ['nothing instead', { instead: { raw: '' } }, 'http/reset'],
  ['interim answers without end', { answer: { endless: 'interim' } }, 'http/timeout'],
  ['interim answers that drip without end', { answer: { endless: 'interim', breach: { drip: 25, every: 5 } } }, 'http/timeout'],
  ['headers without end', { answer: { endless: 'headers' } }, 'http/failed'],
  ['headers that drip without end', { answer: { endless: 'headers', breach: { drip: 1, every: 5 } } }, 'http/timeout'],
  ['a body that drips for ever', { answer: { endless: 'body', after: { body: 0 }, breach: { drip: 1, every: 5 } } }, 'http/timeout'],
  ['a refusal before the server was asked', { instead: { status: 413, body: 'no' } }, '413 other'],
]

describe.each(kinds)('%s', (kind) => {
  test.each(spoilt)('with %s', async (_, fault, expected) => {
    await expectOf(fault, kind, outcomeFor(kind, expected))
  })
})

/** What comes of what is wrong before any request. The server is asked nothing then. */
const handshakes: readonly (readonly [string, HandshakeMisbehaviour, Outcome])[] = [
  ['an expired certificate', { tls: authority.expired }, 'http/tls'],
  ['a certificate of the future', { tls: authority.notYetValid }, 'http/tls'],
  ['a certificate for another name', { tls: authority.wrongName }, 'http/tls'],
  ['a certificate signed by itself', { tls: authority.selfSigned }, 'http/tls'],
  ['a certificate of another authority', { tls: authority.foreign }, 'http/tls'],
  ['a certificate of another authority, and its own', { tls: authority.foreignChain }, 'http/tls'],
  ['TLS 1.1 alone', { version: 'TLSv1.1' }, 'http/tls'],
  ['no cipher that both know', { version: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }, 'http/tls'],
  ['plain HTTP', { raw: 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n' }, 'http/tls'],
  ['garbage', { raw: 'garbage' }, 'http/tls'],
  // RFC 8446, section 6.2: what the server says of itself, and may be over the next time.
  ['an internal error', { raw: '\x15\x03\x03\x00\x02\x02\x50' }, 'http/reset'],
  ['a reset', { breach: 'reset' }, 'http/reset'],
  ['a reset half-way', { breach: 'reset', after: 40 }, 'http/reset'],
  ['a close', { breach: 'close' }, 'http/reset'],
  ['a close half-way', { breach: 'close', after: 40 }, 'http/reset'],
  ['a stall', { breach: 'stall' }, 'http/timeout'],
  ['a stall half-way', { breach: 'stall', after: 40 }, 'http/timeout'],
  ['a pause', { breach: { stall: 20 } }, whole],
  ['TLS 1.2 alone', { version: 'TLSv1.2' }, whole],
  ['TLS 1.3 alone', { version: 'TLSv1.3' }, whole],
]

describe.each(kinds)('%s', (kind) => {
  test.each(handshakes)('with %s for a handshake', async (_, fault, expected) => {
    proxy.handshakes.add({ do: fault, times: Number.POSITIVE_INFINITY })
    const late = expected === 'http/timeout' ? { limits: { ...patience.much, connect: 150 } } : {}
    expect(await ask(kind, proxy.url, late)).toBe(expected)
    expect(proxy.requests).toHaveLength(expected === whole ? 1 : 0)
    await until('the client’s sockets are closed', () => openTo(proxy.url) <= (expected === whole && kind !== 'upload' ? 1 : 0))
  })
})

describe('an upload', () => {
  /** More than all the buffers on the way hold. */
  const large = () => {
    const made = Readable.from(
      (function* () {
        for (let count = 0; count < 64; count++) yield Buffer.alloc(mebibyte)
      })(),
      { highWaterMark: 1 },
    )
    return { ...bodyOf('', () => made), content: { ...bodyOf('').content, size: bytes(64 * mebibyte) } }
  }

  test.each<[string, ProxyMisbehaviour, Outcome]>([
    ['refused', { instead: { status: 422, body: 'no', afterBody: mebibyte } }, '422 other'],
    [
      'refused, and then reset',
      { instead: { status: 422, body: 'no', afterBody: mebibyte }, answer: { after: { body: 2 }, breach: 'reset' } },
      '422 other',
    ],
    ['taken for complete', { instead: { status: 201, body: '{}', afterBody: mebibyte } }, 'http/early-success'],
    ['not taken any more', { request: { after: { body: mebibyte }, breach: 'stall' } }, 'http/timeout'],
    ['reset', { request: { after: { body: mebibyte }, breach: 'reset' } }, 'http/reset'],
    ['reset at once', { request: { after: { body: mebibyte }, breach: 'reset-at-once' } }, 'http/reset'],
    ['closed', { request: { after: { body: mebibyte }, breach: 'close' } }, 'http/reset'],
    ['half closed', { request: { after: { body: mebibyte }, breach: 'half-close' } }, 'http/reset'],
    ['taken drop by drop', { request: { after: { body: mebibyte }, breach: { drip: 1, every: 5 } } }, 'http/timeout'],
  ])('that is %s half-way', async (_, fault, expected) => {
    await expectOf(fault, 'upload', expected, large())
  })
})

describe('an answer without end costs little', () => {
  const most = 16 * mebibyte
  const given = () => (proxy.requests.at(-1)?.sent.body ?? 0) + (proxy.requests.at(-1)?.sent.head ?? 0)

  test.each([
    ['get', {}, 'http/too-long'],
    ['form', {}, 'http/too-long'],
    ['upload', {}, 'http/too-long'],
    ['get', { 'content-length': '1000000000000' }, 'http/too-long'],
    ['upload', { 'content-length': '1000000000000' }, 'http/too-long'],
  ] as const)('to %s %j', async (kind, headers, expected) => {
    await expectOf({ answer: { endless: 'body', headers } }, kind, expected)
    expect(given()).toBeLessThan(most)
  })

  test.each(kinds.flatMap((kind) => [[kind, 'interim', 'http/timeout'] as const, [kind, 'headers', 'http/failed'] as const]))(
    'to %s with %s',
    async (kind, endless, expected) => {
      await expectOf({ answer: { endless } }, kind, expected)
      expect(given()).toBeLessThan(most)
    },
  )

  test('to a download that nobody reads: it waits, and its socket is closed with it', async () => {
    proxy.faults.add({ do: { answer: { endless: 'body' } } })
    const client = createHttpClient({ origin: proxy.url, limits: patience.much, secrets: () => undefined })
    const { stream } = await client.download('/download', {
      signal: new AbortController().signal,
      deadline: instant(Date.now() + 5000),
    })
    const before = await standstill(given)
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThan(most)
    stream.destroy()
    await until('the socket is closed', () => openTo(proxy.url) === 0)
  })
})

test('bytes that a server sends before a request are not taken for its answer', async () => {
  const answer = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n${text}`
  // The second comes while the connection is idle, and the third, which is none, once it is used again.
  const raw = `${answer('first')}${answer('other')}third`
  proxy.faults.add({ on: { path: /first/ }, do: { instead: { raw }, answer: { breach: { drip: answer('first').length, every: 100 } } } })
  const client = createHttpClient({ origin: proxy.url, limits: patience.much, secrets: () => undefined })
  const get = (path: string) =>
    client.send({ method: 'GET', path }, { signal: new AbortController().signal, deadline: instant(Date.now() + 3000) })
  expect((await get('/first')).text).toBe('first')
  await until('the second was sent', () => (proxy.requests[0]?.sent.head ?? 0) === 2 * answer('first').length)
  // Whether node uses the connection again is its own affair.
  const next = await get('/get').then(
    (answer) => answer.text,
    (error: { code: string }) => error.code,
  )
  expect([text, 'http/failed']).toContain(next)
})

describe('statement 7: no credential leaves its origin', () => {
  const statuses = [300, 301, 302, 303, 305, 307, 308]

  test.each(kinds.flatMap((kind) => statuses.map((status) => [kind, status] as const)))('%s, %i', async (kind, status) => {
    const seen: IncomingHttpHeaders[] = []
    const elsewhere = await listen((request, response) => {
      seen.push(request.headers)
      response.end('another address')
    }, tls)
    others.push(elsewhere)
    const headers = {
      location: `${elsewhere.url}/x`,
      link: `<${elsewhere.url}/2>; rel="next"`,
      refresh: `0; url=${elsewhere.url}`,
      'www-authenticate': `Bearer realm="${elsewhere.url}/token",service="x"`,
    }
    const followed = kind === 'download' && [301, 302, 303, 307, 308].includes(status)
    await expectOf({ answer: { status, headers } }, kind, followed ? '200 other' : `${status} whole`)
    expect(seen.map((headers) => headers['private-token'])).toEqual(followed ? [undefined] : [])
    expect(JSON.stringify(seen)).not.toContain('the-token')
  })

  test.each(kinds)('%s, 401 with a realm elsewhere', async (kind) => {
    const asked = vi.fn()
    const elsewhere = await listen((_, response) => {
      asked()
      response.end('{}')
    }, tls)
    others.push(elsewhere)
    const headers = { 'www-authenticate': `Bearer realm="${elsewhere.url}/token"` }
    await expectOf({ instead: { status: 401, headers } }, kind, '401 other')
    expect(asked).not.toHaveBeenCalled()
  })
})
