import { buffer } from 'node:stream/consumers'
import { isStagegateError } from '@stagegate/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { HttpLimits } from '../../http/index.js'
import { acme, openAt, soon, start, token } from '../../testing/acme.js'
import { authority, tls } from '../../testing/authority.js'
import { bodyOf } from '../../testing/bodies.js'
import type { ProxyMisbehaviour, RequestBreach, Size } from '../../testing/fault-proxy/index.js'
import { endsOf, eventually } from '../../testing/fault-proxy/raw-ends.js'
import { type Spot, spots } from '../../testing/fault-proxy/spots.js'
import { stalls } from '../../testing/fault-proxy/stalls.js'
import { makeDeb } from '../../testing/packages/index.js'
import { listen } from '../../testing/server/listen.js'

/*
 * Every misbehaviour of the connection, at every request that a look, an upload and a download consist of. The server itself does
 * all as it should, so what is true afterwards can be asked of it directly.
 */

const deb = Buffer.from(makeDeb({ name: 'acme', version: '1.2.3-1', architecture: 'amd64', size: 200_000 }))
const item = { coordinates: acme, content: bodyOf(deb).content }
const location = '/acme/stable/packages/ubuntu/jammy/acme_1.2.3-1_amd64.deb/download'

/** Milliseconds, for answers that come late on a busy machine, and for those that never come. */
const much = 10_000
const little = 400

function limitsOf(milliseconds: number): Partial<HttpLimits> {
  return { goAhead: 60, answer: milliseconds, answerToUpload: milliseconds, idle: milliseconds }
}

const { proxyTo } = endsOf('https')

/** A server behind two proxies that end TLS, one for the site and one for the storage, and a way around them. */
async function world(present: boolean, limits: Partial<HttpLimits>, digestAfter = 0) {
  const { server, repository: direct } = await start({ tls: undefined, lags: { digestAfter } })
  const storage = await proxyTo(server.downloadUrl, { onStall: stalls.onStall })
  const site = await proxyTo(server.url, { origins: { [server.downloadUrl]: storage.url }, onStall: stalls.onStall })
  if (present) await direct.create(item, bodyOf(deb), soon())
  const repository = openAt(site.url, { limits })
  return { server, direct, storage, site, repository }
}
type World = Awaited<ReturnType<typeof world>>

/** What it comes to, in a word or two; for what is thrown, its code. */
async function said(asked: Promise<string>): Promise<string> {
  try {
    return await asked
  } catch (error) {
    if (isStagegateError(error)) return error.code
    throw error
  }
}
async function look({ repository }: Pick<World, 'repository'>): Promise<string> {
  const seen = await repository.observe(acme, soon())
  if (seen.saw === 'absent') return 'absent'
  return seen.sha256 === undefined ? 'present' : seen.sha256 === item.content.sha256 ? 'the same' : 'another'
}
async function create({ repository }: World): Promise<string> {
  const written = await repository.create(item, bodyOf(deb), soon())
  return written.outcome === 'refused' ? `refused: ${written.because.code}` : written.outcome
}
async function read({ repository }: World): Promise<string> {
  return (await buffer(await repository.read(location, soon()))).equals(deb) ? 'the same' : 'another'
}

interface Step {
  readonly name: string
  readonly run: (world: World) => Promise<string>
  /** Whether the package is there before. */
  readonly present: boolean
  readonly digestAfter?: number
  readonly at: 'site' | 'storage'
  readonly path: RegExp
  /** What is said when nothing goes wrong. */
  readonly right: string
}
const site = { at: 'site' } as const
const search = { ...site, path: /search/ }
const looking: Step = { ...search, name: 'the search, of what is there', run: look, present: true, right: 'the same' }
const none: Step = { ...search, name: 'the search, of what is not there', run: look, present: false, right: 'absent' }
const gone: Step = { ...search, name: 'the search, when a download is not found', run: read, present: false, right: 'content/not-there' }
const details: Step = {
  ...site,
  name: 'the details of what is listed without a digest',
  run: look,
  present: true,
  digestAfter: 2,
  path: /package\/deb/,
  right: 'the same',
}
const table: Step = { ...site, name: 'the distributions', run: create, present: false, path: /distributions/, right: 'accepted' }
const upload: Step = { ...site, name: 'the upload', run: create, present: false, path: /packages\.json/, right: 'accepted' }
const download: Step = { ...site, name: 'the address of a download', run: read, present: true, path: /download$/, right: 'the same' }
const bytes: Step = { at: 'storage', name: 'the download', run: read, present: true, path: /package_files/, right: 'the same' }
const every = [looking, none, gone, details, table, upload, download, bytes]

const measured = new Map<Step, { readonly request: Size; readonly answer: Size }>()
/** How large a step's messages are. Every port has five digits, so they are the same in every world. */
async function sizesOf(step: Step) {
  const known = measured.get(step)
  if (known !== undefined) return known
  const calm = await world(step.present, limitsOf(much), step.digestAfter)
  expect(await said(step.run(calm))).toBe(step.right)
  const asked = calm[step.at].requests.find(({ path }) => step.path.test(path))
  if (asked === undefined) throw new Error(`nobody asked for ${step.path}`)
  // The client can have all before the proxy knows that it has.
  await eventually(() => expect(asked.outcome).toBe('answered'))
  const sizes = { request: asked.received, answer: asked.sent }
  measured.set(step, sizes)
  return sizes
}

/** Runs a step in a world of its own, with this fault at its request. */
async function suffer(step: Step, fault: ProxyMisbehaviour, patience: number) {
  const its = await world(step.present, limitsOf(patience), step.digestAfter)
  its[step.at].faults.add({ on: { path: step.path }, do: fault })
  const outcome = await said(step.run(its))
  return { ...its, outcome }
}

/** What is there in truth, and that a look without faults says so. */
async function truth({ server, direct }: World): Promise<string> {
  const [stored] = server.packages('acme/stable')
  const there = stored === undefined ? 'absent' : stored.digests.sha256 === item.content.sha256 ? 'the same' : 'another'
  expect(await look({ repository: direct })).toBe(there)
  return there
}

type Message = 'request' | 'answer'
/** Where a message can be broken off so that not all of it arrives. */
function within(step: Step, message: Message): readonly Spot[] {
  return spots(message === 'answer' ? step !== download : step === upload).filter(({ where }) => where === 'head' || where === 'body')
}
const breaks: readonly RequestBreach[] = ['reset', 'close-in-record', 'stall']
const broken = (step: Step) =>
  (['request', 'answer'] as const).flatMap((message) =>
    breaks.flatMap((breach) => within(step, message).map(({ name, where, at }) => [message, breach, name, where, at] as const)),
  )

async function breakOff(step: Step, message: Message, breach: RequestBreach, at: Spot['at']) {
  const head = at((await sizesOf(step))[message])
  if (breach === 'stall') stalls.begin()
  return suffer(step, { [message]: { after: { head }, breach } }, much)
}

/** Nothing of this hides or changes what was said. */
const harmless: readonly (readonly [string, ProxyMisbehaviour])[] = [
  ['a pause', { answer: { after: { body: 1 }, breach: { stall: 20 } } }],
  ['a pause in the request', { request: { after: { head: 50 }, breach: { stall: 20 } } }],
  ['drops', { answer: { breach: { drip: 5000, every: 1 } }, request: { breach: { drip: 5000, every: 1 } } }],
  ['interim answers', { answer: { before: 'HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 103 Wait\r\nlink: </>; rel="next"\r\n\r\n' } }],
  ['no go-ahead', { answer: { withholdInterim: true } }],
  ['no length', { answer: { headers: { 'content-length': null } } }],
  ['a reset after all of it', { answer: { after: { body: 10 ** 9 }, breach: 'reset' } }],
]
describe.each(every)('$name', (step) => {
  test.each(harmless)('bears %s', async (_, fault) => {
    expect((await suffer(step, fault, much)).outcome).toBe(step.right)
  })
})

/** No answer of this API, whatever was asked. */
const wrong: readonly (readonly [string, ProxyMisbehaviour])[] = [
  ['a length that is one too great', { answer: { lengthBy: 1 } }],
  ['a length that is one too small', { answer: { lengthBy: -1 } }],
  ['two lengths', { answer: { headers: { 'content-length': ['2', '3'] } } }],
  ['no length, and a close after one byte', { answer: { headers: { 'content-length': null }, after: { body: 1 }, breach: 'close' } }],
  ['another bit in its first byte', { answer: { flipBit: 0 } }],
  ['another encoding', { answer: { gzip: true } }],
  ['an encoding that it does not have', { answer: { headers: { 'content-encoding': 'gzip' } } }],
  ['chunks that are none', { answer: { headers: { 'transfer-encoding': 'chunked', 'content-length': null } } }],
  ['headers without end', { answer: { endless: 'headers' } }],
  ['a body without end', { answer: { endless: 'body' } }],
  ['another protocol', { answer: { before: 'HTTP/1.1 101 Now\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n' } }],
  ['garbage', { instead: { raw: 'garbage' } }],
  ['nothing', { instead: { raw: '' } }],
  ['nothing, and 200', { instead: { status: 200 } }],
  ['null', { instead: { status: 200, body: 'null' } }],
  ['a page to sign in', { instead: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' } }],
  ['a list that ends half-way', { instead: { status: 200, body: '[{"filename": "x"}' } }],
]
const statuses = [201, 204, 206, 301, 304, 400, 401, 403, 404, 408, 409, 410, 422, 429, 500, 503, 999]
const unknown = /^(http|repository)\//

/** What is said of a request that was broken off; of half an answer, how much was missing. */
function brokenBy(message: string, breach: unknown, where: string): string {
  return breach === 'stall' ? 'http/timeout' : message === 'answer' && where === 'body' ? 'http/short' : 'http/reset'
}

describe('statement 3: what is not known is never taken for absent, nor for gone', () => {
  describe.each([looking, none, gone, details])('$name', (step) => {
    test.each(broken(step))('the %s: %s at %s', async (message, breach, _, where, at) => {
      const { outcome, server } = await breakOff(step, message, breach, at)
      expect(outcome).toBe(brokenBy(message, breach, where))
      expect(server.packages('acme/stable')).toHaveLength(step.present ? 1 : 0)
    })

    test.each(wrong)('%s', async (_, fault) => {
      expect((await suffer(step, fault, much)).outcome).toMatch(unknown)
    })

    test.each(statuses)('the same answer with status %i', async (status) => {
      expect((await suffer(step, { answer: { status } }, much)).outcome).toMatch(unknown)
    })

    test('interim answers without end', async () => {
      expect((await suffer(step, { answer: { endless: 'interim' } }, little)).outcome).toBe('http/timeout')
    })
  })

  test('a digest with another bit is another digest', async () => {
    const { server, site, repository } = await world(true, limitsOf(much))
    await look({ repository })
    const authorization = `Basic ${Buffer.from(`${token}:`).toString('base64')}`
    const list = await (await fetch(`${server.url}${site.requests[0]?.path}`, { headers: { authorization } })).text()
    site.faults.add({ do: { answer: { flipBit: list.indexOf(item.content.sha256) + 63 } } })
    // Its last digit may have become a letter that no digest has.
    expect(await said(look({ repository }))).toMatch(/^(another|repository\/unexpected-answer)$/)
  })

  test.each([looking, none])('$name: pages that never end are read up to a limit', async (step) => {
    const its = await world(step.present, limitsOf(much))
    const link = '</api/v1/repos/acme/stable/search.json?page={n}>; rel="next"'
    const page = { instead: { status: 200, body: '[{"filename":"other.deb"}]' }, answer: { headers: { link } } }
    its.site.faults.add({ on: { path: /search/ }, times: Number.POSITIVE_INFINITY, do: page })
    expect(await said(step.run(its))).toBe('repository/unexpected-answer')
    expect(its.site.requests).toHaveLength(50)
  })
})

describe('statement 7: a server that cannot prove its name is sent nothing', () => {
  describe.each(every)('$name', (step) => {
    test.each(['expired', 'wrongName', 'foreign', 'selfSigned'] as const)('%s', async (certificate) => {
      const its = await world(step.present, limitsOf(much), step.digestAfter)
      its[step.at].handshakes.add({ times: Number.POSITIVE_INFINITY, do: { tls: authority[certificate] } })
      expect(await said(step.run(its))).toBe('http/tls')
      expect(its[step.at].requests).toEqual([])
      expect(await truth(its)).toBe(step.present ? 'the same' : 'absent')
    })
  })
})

describe('statement 9: after an upload without an answer, a look decides', () => {
  test.each(broken(table))('before it, the %s of the table of distributions: %s at %s', async (message, breach, _, where, at) => {
    const after = await breakOff(table, message, breach, at)
    expect(after.outcome).toBe(brokenBy(message, breach, where))
    expect(await truth(after)).toBe('absent')
    expect(after.site.requests).toHaveLength(1)
  })

  test.each(broken(upload))('the %s: %s at %s', async (message, breach, _, __, at) => {
    const after = await breakOff(upload, message, breach, at)
    expect(after.outcome).toBe(breach === 'stall' ? 'http/timeout' : 'http/reset')
    expect(await truth(after)).toBe(message === 'request' ? 'absent' : 'the same')
  })

  test.each(['reset', 'close', 'half-close'] as const)(
    '%s at the end of the request: it is unknown whether the upload was done',
    async (breach) => {
      const { request } = await sizesOf(upload)
      const after = await suffer(upload, { request: { after: { body: request.body }, breach } }, much)
      expect(after.outcome).toBe('http/reset')
      expect(await truth(after)).toMatch(/^(absent|the same)$/)
    },
  )

  test.each(within(upload, 'request'))('the server gets no more than it has before $name, and says so', async ({ at }) => {
    const head = at((await sizesOf(upload)).request)
    const after = await suffer(upload, { request: { after: { head }, breach: 'truncate' } }, much)
    // Nothing, 400, or what an emulator says of half a form.
    expect(after.outcome).toMatch(/^(http\/reset|refused: repository\/.*)$/)
    expect(await truth(after)).toBe('absent')
  })

  test.each(wrong.filter(([, fault]) => fault.instead === undefined))('done, and answered with %s', async (name, fault) => {
    const after = await suffer(upload, fault, much)
    // What is JSON no more still has a status, and that is a claim.
    expect(after.outcome).toMatch(/bit|encoding|one byte/.test(name) ? /^accepted$/ : unknown)
    expect(await truth(after)).toBe('the same')
  })

  test.each([
    [200, 'accepted'],
    [302, 'repository/unexpected-answer'],
    // Its body is none, and spoils the answer if it comes with its head.
    [304, expect.stringMatching(/^(http\/failed|repository\/unexpected-answer)$/)],
    [400, 'refused: repository/unexpected-answer'],
    [401, 'refused: repository/unauthorized'],
    [408, 'repository/retry-later'],
    [409, 'repository/unexpected-answer'],
    [422, 'refused: repository/refused'],
    [429, 'repository/put-off'],
    [500, 'repository/retry-later'],
    [502, 'repository/retry-later'],
    [503, 'repository/retry-later'],
    [504, 'repository/retry-later'],
  ])('done, and answered with %i', async (status, outcome) => {
    const after = await suffer(upload, { answer: { status } }, much)
    expect(after.outcome).toEqual(outcome)
    expect(await truth(after)).toBe('the same')
  })

  test('not done, and answered with success: the look afterwards says absent', async () => {
    const after = await suffer(upload, { instead: { status: 201, body: '{}', afterBody: Number.POSITIVE_INFINITY } }, much)
    expect(after.outcome).toBe('accepted')
    expect(await truth(after)).toBe('absent')
  })

  test('done twice: it says that it exists, and it does', async () => {
    const after = await suffer(upload, { request: { twice: true } }, much)
    expect(after.outcome).toBe('exists')
    expect(await truth(after)).toBe('the same')
    expect(after.server.packages('acme/stable')).toHaveLength(1)
  })

  test('done with another bit: the look afterwards has another digest', async () => {
    const after = await suffer(upload, { request: { flipBit: 150_000 } }, much)
    expect(after.outcome).toBe('accepted')
    expect(await truth(after)).toBe('another')
  })

  test('refused half-way, with a reset behind it: the refusal is heard', async () => {
    const busy = { status: 422, body: '{"plan":["is full"]}', afterBody: 1000 }
    const after = await suffer(upload, { instead: busy, answer: { after: { body: busy.body.length }, breach: 'reset' } }, much)
    expect(after.outcome).toBe('refused: repository/refused')
    expect(await truth(after)).toBe('absent')
  })
})

describe('a download', () => {
  test.each(broken(download))('its address, the %s: %s at %s', async (message, breach, _, __, at) => {
    expect((await breakOff(download, message, breach, at)).outcome).toBe(breach === 'stall' ? 'http/timeout' : 'http/reset')
  })

  test.each(broken(bytes))('its bytes, the %s: %s at %s', async (message, breach, _, where, at) => {
    const { outcome } = await breakOff(bytes, message, breach, at)
    expect(outcome).toBe(brokenBy(message, breach, where))
  })

  test.each([404, 410, 403, 401, 500, 503, 416, 206])('statement 3: that is answered with %i is not gone', async (status) => {
    for (const step of [download, bytes])
      expect((await suffer(step, { answer: { status } }, much)).outcome).toMatch(/^repository\/(?!.*not-there)/)
  })

  test.each([
    ['another bit', { answer: { flipBit: 1000 } }],
    ['no length, and half of it', { answer: { headers: { 'content-length': null }, after: { body: 1000 }, breach: 'close' } }],
    ['a length that is one too small', { answer: { lengthBy: -1 } }],
    ['other bytes', { instead: { status: 200, body: 'other' } }],
  ] as const)('with %s is what it is: the digest is for others to see', async (_, fault) => {
    expect((await suffer(bytes, fault, much)).outcome).toBe('another')
  })

  test.each<[string, Step, ProxyMisbehaviour, string]>([
    ['a redirect to itself', download, { answer: { headers: { location } } }, 'http/redirect'],
    ['a redirect to nowhere', download, { answer: { headers: { location: null } } }, 'repository/unexpected-answer'],
    ['a redirect to no address', download, { answer: { headers: { location: 'http://' } } }, 'http/redirect'],
    ['another encoding', bytes, { answer: { gzip: true } }, 'http/coding'],
    ['garbage', bytes, { instead: { raw: 'garbage' } }, 'http/failed'],
    ['headers without end', bytes, { answer: { endless: 'headers' } }, 'http/failed'],
  ])('with %s fails', async (_, step, fault, code) => {
    const its = await world(true, limitsOf(much))
    its[step.at].faults.add({ on: { path: step.path }, times: Number.POSITIVE_INFINITY, do: fault })
    expect(await said(step.run(its))).toBe(code)
  })
})

describe('statement 7: the token goes to its own origin and to no other', () => {
  const leads = [301, 302, 303, 307, 308].map((status) => [`a redirect (${status})`, status] as const)

  /** Another server, to which a fault leads, and what it was sent. */
  async function elsewhere() {
    const seen: string[] = []
    const server = await listen((request, response) => {
      seen.push(JSON.stringify(request.headers))
      response.end('[]')
    }, tls)
    onTestFinished(() => server.close())
    return { url: server.url, seen }
  }
  const secrets = [token, Buffer.from(`${token}:`).toString('base64'), 'authorization']

  describe.each(every)('$name', (step) => {
    test.each(leads)('%s', async (_, status) => {
      const { url, seen } = await elsewhere()
      const { outcome } = await suffer(step, { answer: { status, headers: { location: `${url}/x` } } }, much)
      // Only what is downloaded is looked for where it is said to be: by anybody, without a token.
      const followed = step === download || step === bytes
      expect(outcome).toBe(followed ? 'another' : 'repository/unexpected-answer')
      expect(seen).toHaveLength(followed ? 1 : 0)
      for (const secret of secrets) expect(seen.join()).not.toContain(secret)
    })

    test('all other ways to lead elsewhere', async () => {
      const { url, seen } = await elsewhere()
      const headers = {
        'www-authenticate': `Bearer realm="${url}/token",service="acme"`,
        refresh: `0; url=${url}`,
        'content-location': `${url}/x`,
        'alt-svc': `h2="${new URL(url).host}"`,
      }
      for (const status of [401, 201]) await suffer(step, { answer: { status, headers } }, much)
      expect(seen).toEqual([])
    })
  })

  test.each([looking, none])('$name: a next page on another origin', async (step) => {
    const { url, seen } = await elsewhere()
    const link = `<${url}/api/v1/repos/acme/stable/search.json?page=2>; rel="next"`
    const body = '[{"filename":"other.deb"}]'
    const { outcome } = await suffer(step, { instead: { status: 200, body, headers: { link } } }, much)
    expect(outcome).toBe('repository/unexpected-answer')
    expect(seen).toEqual([])
  })
})
