// Who may push: a registry with htpasswd, and with tokens from an issuer of the test's own.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { startFaultProxy } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { listen } from '../listen.js'
import { temporaryFolder } from '../release/files.js'
import type { Running } from '../tasks/servers.mjs'
import { docker, type Pushed, pushImage } from './image.js'
import { type Issuer, startIssuer } from './issuer.js'
import { type At, publish } from './publishing.js'
import { startRegistry } from './registry.js'
import { digestOf } from './skopeo.js'

const folder = temporaryFolder()
let staging: Running
let image: Pushed
beforeAll(async () => {
  staging = await startRegistry(join(folder, 'staging'))
  image = await pushImage(folder, staging.url, 'app', 1)
})
afterAll(() => staging.stop())

const unauthorized = { verdict: 'failed', bytesSent: 0, problem: { code: 'repository/unauthorized' } }

describe('a password', () => {
  let stable: Running
  beforeAll(async () => {
    const path = join(folder, 'htpasswd')
    execFileSync('htpasswd', ['-Bbc', path, 'releaser', 's3cret'], { stdio: 'pipe' })
    stable = await startRegistry(join(folder, 'htpasswd-stable'), { auth: { htpasswd: { realm: 'stable', path } } })
  })
  afterAll(() => stable.stop())
  const to = (at: Partial<At>) => publish({ image: image.index, from: staging, to: [{ url: stable.url, ...at }] })

  test('lets in who has it', async () => {
    expect(await to({ account: 'releaser:s3cret' })).toMatchObject([{ verdict: 'published' }])
    expect(await digestOf(docker(stable.url, 'app:1.2.3'), 'releaser:s3cret')).toBe(image.index.digest)
  })

  test.each([{ account: 'releaser:wrong' }, {}])('keeps out who has not (%j)', async (at) => {
    expect(await to(at)).toMatchObject([unauthorized])
  })
})

describe('tokens', () => {
  let issuer: Issuer
  let stable: Running
  beforeAll(async () => {
    issuer = await startIssuer(join(folder, 'issuer'), {
      'releaser:s3cret': () => ['pull', 'push'],
      'reader:s3cret': () => ['pull'],
      'public:s3cret': (name) => (name.startsWith('public/') ? ['pull', 'push'] : []),
    })
    stable = await startRegistry(join(folder, 'token-stable'), issuer.config)
  })
  afterAll(() => Promise.all([stable.stop(), issuer.close()]))
  const reset = (life: Issuer['life'] = { really: 300, said: 300 }) => {
    issuer.life = life
    issuer.answer = undefined
    issuer.asked.length = 0
  }
  let names = 0
  const account = 'releaser:s3cret'
  /** To an image of its own, unless it has a name. */
  const at = (more: Partial<At> = {}): At => ({ url: stable.url, prefix: `one-${++names}`, account, realms: [issuer.url], ...more })
  const to = (place: At, from: At = staging) => publish({ image: image.index, from, to: [place] })

  test('are fetched once for each set of scopes, and let in who may push', async () => {
    reset()
    const place = at()
    expect(await to(place)).toMatchObject([{ verdict: 'published' }])
    expect(new Set(issuer.asked.map((asked) => asked.account))).toEqual(new Set([account]))
    const scopes = issuer.asked.map((asked) => asked.scopes.join(' '))
    expect(scopes).toEqual([`repository:${place.prefix}/app:pull`, `repository:${place.prefix}/app:pull,push`])
    expect(await digestOf(docker(stable.url, `${place.prefix}/app:1.2.3`), account)).toBe(image.index.digest)
  })

  test('of a wrong password do not exist', async () => {
    reset()
    expect(await to(at({ account: 'releaser:wrong' }))).toMatchObject([unauthorized])
    expect(issuer.asked).toHaveLength(1)
  })

  test('of an account that may only pull let nothing in', async () => {
    reset()
    expect(await to(at({ account: 'reader:s3cret' }))).toMatchObject([{ ...unauthorized, problem: { code: 'repository/forbidden' } }])
  })

  test('are good for reading without an account', async () => {
    reset()
    const [source, place] = [at(), at()]
    await to(source)
    expect(await to(place, { ...source, account: undefined })).toMatchObject([{ verdict: 'published' }])
    expect(issuer.asked.filter((asked) => asked.account === undefined).map(({ scopes }) => scopes)).toEqual([
      [`repository:${source.prefix}/app:pull`],
    ])
  })

  test('cover the source of a mount', async () => {
    reset()
    const [source, place] = [at(), at()]
    await to(source)
    const [outcome] = await to(place, source)
    expect(outcome).toMatchObject({
      verdict: 'published',
      bytesSent: expect.any(Number),
      image: { blobs: { moved: 0, mounted: image.blobs } },
    })
  })

  test('that do not cover the source of a mount: the blobs are sent', async () => {
    reset()
    const source = at()
    await to(source)
    const [outcome] = await to(at({ account: 'public:s3cret', prefix: 'public' }), source)
    expect(outcome).toMatchObject({ verdict: 'published', image: { blobs: { moved: image.blobs, mounted: 0 } } })
  })

  test('that expire early are fetched again, also between the pieces of a blob', async () => {
    // Each is refused by the registry a second or two after it was issued.
    reset({ really: 1, said: 300 })
    const place = at({ pieceSize: 50_000 })
    const proxy = await startFaultProxy({ upstream: staging.url, tls })
    onTestFinished(() => proxy.close())
    const slow = image.layers[0]
    // Its last bytes come later than any token lives.
    proxy.faults.add({ on: { path: `blobs/${slow?.digest}` }, do: { answer: { after: { body: 120_000 }, breach: { stall: 3500 } } } })
    expect(await to(place, proxy)).toMatchObject([{ verdict: 'published' }])
    expect(await digestOf(docker(stable.url, `${place.prefix}/app:1.2.3`), account)).toBe(image.index.digest)
    expect(issuer.asked.length).toBeGreaterThan(3)
  })

  test.each([
    ['a second', { really: 2, said: 1 }],
    ['nothing', { really: 300, said: 0 }],
    ['a time that nobody says', { really: 300, said: undefined }],
  ])('that live for %s are enough', async (_, life) => {
    reset(life)
    expect(await to(at())).toMatchObject([{ verdict: 'published' }])
  })

  test('statement 7: are not asked for at a realm that the author did not name', async () => {
    reset()
    expect(await to(at({ realms: [] }))).toMatchObject([{ verdict: 'failed', bytesSent: 0, problem: { code: 'repository/realm' } }])
    expect(issuer.asked).toEqual([])
  })

  test('statement 7: are not fetched from where the realm redirects', async () => {
    reset()
    const seen: unknown[] = []
    const elsewhere = await listen((request, response) => {
      seen.push(request.headers)
      response.end('{"token":"x"}')
    })
    onTestFinished(elsewhere.close)
    issuer.answer = { status: 302, headers: { location: `${elsewhere.url}/token` } }
    expect(await to(at())).toMatchObject([{ verdict: 'failed', problem: { code: 'repository/realm' } }])
    expect(seen).toEqual([])
  })

  test('whose issuer is in trouble are asked for again', async () => {
    reset()
    issuer.answer = { status: 503, times: 3 }
    expect(await to(at())).toMatchObject([{ verdict: 'published' }])
    expect(issuer.asked.length).toBeGreaterThan(3)
  })
})
