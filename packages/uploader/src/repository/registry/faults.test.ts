import type { Outcome } from '@stagegate/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHttpClient } from '../../http/create-client.js'
import type { HttpLimits } from '../../http/index.js'
import { deliverImage } from '../../image/deliver-image.js'
import { tls } from '../../testing/authority.js'
import { type FaultProxy, type ProxyFault, type ProxyMisbehaviour, startFaultProxy } from '../../testing/fault-proxy/index.js'
import { stalls } from '../../testing/fault-proxy/stalls.js'
import { virtualClock } from '../../testing/fixtures.js'
import { type MemoryRegistry, memoryRegistry } from '../../testing/image/memory-registry.js'
import { type StoredRelease, storeImage, wrongIn } from '../../testing/image/stored-image.js'
import { type RegistryServer, type StoredImage, startRegistry } from '../../testing/registry/index.js'
import { type Listening, listen } from '../../testing/server/listen.js'
import { Hosts } from '../../transfer/host.js'
import { defaultLimits } from '../../transfer/limits.js'
import { Registry } from './registry.js'

const secret = 's3cret'
const account = `name:${secret}`
const size = 30_000

/** The staging and the public registry, each behind a proxy, and a third server that nobody has business with. */
let staging: RegistryServer
let stable: RegistryServer
let proxies: { readonly staging: FaultProxy; readonly stable: FaultProxy }
let elsewhere: Listening
let strayed: { readonly method: string | undefined; readonly headers: string }[] = []
/** Most requests are the same without what is about it. */
let images: { readonly plain: StoredRelease; readonly signed: StoredRelease }
beforeAll(async () => {
  // Behind proxies that end TLS.
  const options = { tokens: { account }, closesOnError: true, maxPerPage: 1 }
  ;[staging, stable] = await Promise.all([startRegistry(options), startRegistry(options)])
  const limits = { time: 20_000, made: 5 * 2 ** 20 }
  const [first, second] = await Promise.all(
    [staging, stable].map(({ url }) => startFaultProxy({ upstream: url, tls, limits, onStall: stalls.onStall })),
  )
  if (first === undefined || second === undefined) throw new Error('Expected two proxies')
  proxies = { staging: first, stable: second }
  elsewhere = await listen(({ method, headers }, response) => {
    strayed.push({ method, headers: JSON.stringify(headers) })
    response.end('what is none of ours')
  }, tls)
  for (const server of [staging, stable]) {
    const store = (seed: number, signed: boolean) => storeImage(server.image('builds/app'), seed, size, { signed })
    images = { plain: store(1, false), signed: store(2, true) }
  }
})
afterAll(async () => {
  await Promise.all([proxies.staging.close(), proxies.stable.close(), elsewhere.close()])
  await Promise.all([staging.close(), stable.close()])
  expect([...staging.violations, ...stable.violations]).toEqual([])
})

/** One, or where it depends on what the client has read when it finds out: one of these. */
type Cell = Outcome['verdict'] | readonly Outcome['verdict'][]
/** What publishing comes to: where it goes wrong once, and where it does so each time. */
type Verdicts = readonly [once: Cell, always: Cell]
/** Asked again, it is right; if not, it is not known. */
const usual: Verdicts = ['published', 'undetermined']
const [published, failed, tampered] = (['published', 'failed', 'tampered'] as const).map((one): Verdicts => [one, one]) as [
  Verdicts,
  Verdicts,
  Verdicts,
]
/** One more token helps once. */
const expired: Verdicts = ['published', 'failed']

interface Kind {
  readonly at: 'staging' | 'stable'
  readonly on: NonNullable<ProxyFault['on']>
  /** How many such requests go well before: the first of all is answered with a challenge. */
  readonly after?: number
  /** With an image that has referrers. */
  readonly signed?: true
  /** Its answer has a body. */
  readonly body?: true
  /** What else goes wrong, so that it is asked at all. */
  readonly before?: readonly ProxyFault[]
  /** Blobs are sent in pieces of this size. @default whole */
  readonly pieceSize?: number
  /** Staging is on the same server. */
  readonly mounts?: true
  /** By fault. @default `usual` */
  readonly comesTo: Readonly<Record<string, Verdicts>>
}

/** It was done, and the next look shows it. */
const done = ['reset after', 'stall', 'truncated', 'longer than it is', 'shorter than it is', 'another digest', 'a body without end']
/** Nothing of it is needed: there is another way. */
const every = [
  ...done,
  'reset before',
  'reset in the middle',
  '403',
  '404',
  '404 and a code',
  '429',
  '500',
  '502',
  '401',
  'a page',
  'a redirect elsewhere',
]
const all = (faultNames: readonly string[], verdicts: Verdicts) => Object.fromEntries(faultNames.map((name) => [name, verdicts]))
const refused = { '403': failed, '401': expired }
const written = { ...refused, ...all(done, published) }
/** What an issuer refuses is refused. */
const unissued = all(['401', '403', '404', '404 and a code', 'a redirect elsewhere'], failed)
/** Staged bytes that are wrong are not read again. */
const unlike: Readonly<Record<string, Verdicts>> = {
  ...all(['another digest', 'a redirect elsewhere', 'a body without end'], tampered),
  // All bytes but one, or an answer with something behind it.
  'shorter than it is': [
    ['tampered', 'published'],
    ['tampered', 'undetermined'],
  ],
}
const gone: Verdicts = ['missing', 'missing']
/** A registry without the list has an index under a tag instead, or nothing. */
const listless = all(['404', '404 and a code', 'a page'], published)

const interrupted: ProxyFault = { on: { method: 'PATCH' }, after: 1, do: { request: { after: { head: 0 }, breach: 'reset-at-once' } } }
const inPieces = { at: 'stable', pieceSize: 12_000 } as const
const get = { method: 'GET' }
const [toStaging, toStable] = [{ at: 'staging', body: true } as const, { at: 'stable', body: true } as const]
const kinds: Readonly<Record<string, Kind>> = {
  'staging: manifest GET': {
    ...toStaging,
    on: { ...get, path: /manifests\/sha256:/ },
    after: 1,
    comesTo: { ...unlike, ...refused, '404 and a code': gone },
  },
  'staging: blob GET': { ...toStaging, on: { ...get, path: /blobs\/sha256/ }, comesTo: { ...refused, ...unlike, '404 and a code': gone } },
  'staging: referrers': { ...toStaging, on: { ...get, path: /referrers/ }, signed: true, comesTo: { ...refused, ...listless } },
  'staging: token': { ...toStaging, on: { ...get, path: /^\/token/ }, comesTo: unissued },
  'blob HEAD': {
    at: 'stable',
    on: { method: 'HEAD', path: /blobs/ },
    comesTo: {
      // A GET of its first byte tells, and where the length is not the right one, all of it.
      ...all(['403', 'longer than it is', 'shorter than it is', 'another digest'], published),
      '401': expired,
      // It may come before the next answer on the connection.
      'a body without end': ['published', ['published', 'undetermined']],
      // The store has it, the registry does not, and so refuses the manifest; the next run sends it.
      'a redirect elsewhere': ['undetermined', 'undetermined'],
    },
  },
  'mount POST': { at: 'stable', on: { method: 'POST', path: /mount=/ }, mounts: true, comesTo: all(every, published) },
  'upload POST': {
    at: 'stable',
    on: { method: 'POST', path: /uploads\/$/ },
    comesTo: { ...refused, 'another digest': published, '404 and a code': failed },
  },
  PATCH: { ...inPieces, on: { method: 'PATCH' }, comesTo: { ...refused, 'another digest': published } },
  'status GET': { ...inPieces, on: { ...get, path: /blobs\/uploads/ }, before: [interrupted], comesTo: all(every, published) },
  'PUT of a blob': { at: 'stable', on: { method: 'PUT', path: /blobs\/uploads/ }, comesTo: written },
  'PUT after its pieces': { ...inPieces, on: { method: 'PUT', path: /blobs\/uploads.*state=[1-9]/ }, comesTo: written },
  'manifest GET': {
    ...toStable,
    on: { ...get, path: /manifests\/sha256:/ },
    comesTo: refused,
  },
  'manifest PUT': { at: 'stable', on: { method: 'PUT', path: /manifests\/sha256:/ }, comesTo: written },
  'tag GET': {
    ...toStable,
    on: { ...get, path: /manifests\/1\.0\.0$/ },
    after: 1,
    comesTo: refused,
  },
  'tag PUT': { at: 'stable', on: { method: 'PUT', path: /manifests\/1\.0\.0$/ }, comesTo: written },
  'PUT of a tag that moves': { at: 'stable', on: { method: 'PUT', path: /manifests\/latest$/ }, comesTo: written },
  'tags list': { ...toStable, on: { ...get, path: /tags\/list/ }, comesTo: refused },
  referrers: { ...toStable, on: { ...get, path: /referrers/ }, signed: true, comesTo: { ...refused, ...listless } },
  token: { ...toStable, on: { ...get, path: /^\/token/ }, comesTo: unissued },
}

const challenge = (url: string) => ({ 'www-authenticate': `Bearer realm="${url}/token",service="registry"` })
const coded = (code: string) => JSON.stringify({ errors: [{ code }] })
const faults: Readonly<Record<string, (kind: Kind) => ProxyMisbehaviour>> = {
  'reset before': () => ({ request: { after: { head: 0 }, breach: 'reset-at-once' } }),
  'reset in the middle': ({ on: { method }, pieceSize }) => ({
    request: {
      after: method === 'PATCH' || (method === 'PUT' && pieceSize === undefined) ? { body: 1 } : { head: 30 },
      breach: 'reset-at-once',
    },
  }),
  'reset after': () => ({ answer: { after: { head: 0 }, breach: 'reset-at-once' } }),
  stall: () => ({ answer: { after: { head: 0 }, breach: 'stall' } }),
  truncated: ({ body }) => ({ answer: { after: body ? { body: 1 } : { head: 30 }, breach: 'close-in-record' } }),
  'longer than it is': () => ({ answer: { lengthBy: 1 } }),
  'shorter than it is': () => ({ answer: { lengthBy: -1 } }),
  'another digest': ({ body }) => ({
    answer: body ? { flipBit: 0 } : { headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` } },
  }),
  '401': ({ at }) => ({ instead: { status: 401, headers: challenge(proxies[at].url) } }),
  '403': () => ({ instead: { status: 403 } }),
  '404': () => ({ instead: { status: 404 } }),
  '404 and a code': () => ({ instead: { status: 404, body: coded('MANIFEST_UNKNOWN') } }),
  '429': () => ({ instead: { status: 429, headers: { 'retry-after': '7' } } }),
  '500': () => ({ instead: { status: 500 } }),
  '502': () => ({ instead: { status: 502, body: '<html>' } }),
  'a page': () => ({ instead: { status: 200, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html>' } }),
  'a redirect elsewhere': () => ({ instead: { status: 307, headers: { location: `${elsewhere.url}/x` } } }),
  'a body without end': () => ({ answer: { endless: 'body' } }),
  'pages without end': () => ({ answer: { headers: { link: '<?n=1&last={n}>; rel="next"' } } }),
}

/** Puts what is stored into a registry in memory. */
function fill({ parts }: MemoryRegistry, { blobs, manifests }: StoredImage): void {
  for (const [digest, data] of blobs) parts.set(`app/blobs/${digest}`, data)
  for (const [digest, { data }] of manifests) parts.set(`app/manifests/${digest}`, data)
}

let worlds = 0
const patience = 10_000
async function suffer(kind: Kind, fault: ProxyMisbehaviour, times: number) {
  const prefix = `world-${++worlds}`
  const clock = virtualClock()
  const httpLimits: Partial<HttpLimits> = { goAhead: 100, answer: patience, answerToUpload: patience, idle: patience }
  const limits = { ...defaultLimits, looks: 2, putOffs: 2, sends: 3 }
  const ports = { clock, random: () => 0.5, limits }
  const hosts = new Hosts(ports)
  const open = (origin: string, under: string, pieceSize?: number) => {
    const options = { origin, secrets: () => secret, clock, limits: httpLimits, backOff: hosts.of(origin) }
    const client = createHttpClient({
      ...options,
      credential: { scheme: 'registry', account: { username: 'name', password: { variable: 'P' } } },
    })
    return new Registry({ prefix: under, client, visitors: client, clock, pieceSize })
  }
  // The other side is in memory: nothing goes wrong there.
  const atStaging = kind.at === 'staging'
  const memory = memoryRegistry('https://memory.example')
  if (!atStaging) fill(memory, staging.image('builds/app'))
  const source = atStaging || kind.mounts ? open(proxies[kind.at].url, 'builds') : memory
  const to = atStaging ? memory : open(proxies.stable.url, prefix, kind.pieceSize)
  for (const proxy of Object.values(proxies)) proxy.faults.clear()
  strayed = []
  proxies[kind.at].faults.add({ on: kind.on, times, after: kind.after ?? 0, do: fault })
  proxies.stable.faults.add(...(kind.before ?? []))
  const before = proxies.stable.requests.length + proxies.staging.requests.length
  const startedAt = clock.now()
  const [arrival] = await deliverImage(
    {
      target: 'app',
      item: { coordinates: { format: 'image', image: 'app', tag: 'staged' }, content: images[kind.signed ? 'signed' : 'plain'].content },
      source,
      from: source.host ?? '',
      version: '1.0.0',
      destinations: [
        {
          plan: { repository: 'stable', advisory: false },
          repository: to,
          at: { format: 'image', image: 'app', tag: '1.0.0' },
          tags: [
            { tag: '1.0.0', moves: false },
            { tag: 'latest', moves: true, scope: 0 },
          ],
        },
      ],
    },
    { ...ports, hosts, signal: new AbortController().signal, emit: () => undefined },
  ).arrivals
  const at = stable.image(`${prefix}/app`)
  const tags = atStaging ? [...memory.pointers] : [...at.tags]
  return {
    outcome: arrival?.outcome,
    after: {
      wrong: wrongIn(at),
      tags: Object.fromEntries(tags.map(([tag, digest]) => [tag.replace('app:', ''), digest.replace('sha256:', '')])),
    },
    strayed,
    seconds: (Date.parse(clock.now()) - Date.parse(startedAt)) / 1000,
    requests: proxies.stable.requests.length + proxies.staging.requests.length - before,
  }
}

describe.each(Object.entries(kinds))('%s', (name, kind) => {
  const rows = Object.entries(faults)
    .filter(([fault]) => fault !== 'pages without end' || /list|referrers/.test(name))
    .map(([fault, made]) => [fault, kind.comesTo[fault] ?? usual, made] as const)

  test.each(rows)('statement 3: %s: %j once and always, and nothing wrong is public', async (fault, verdicts, made) => {
    if (fault === 'stall') stalls.begin()
    for (const [index, times] of [1, Number.POSITIVE_INFINITY].entries()) {
      // What it does no harm to each time does none once.
      if (times === 1 && verdicts === published) continue
      const { outcome, after, strayed, seconds, requests } = await suffer(kind, made(kind), times)
      const because = times === 1 ? 'once' : 'always'
      expect([verdicts[index]].flat(), `${because}: ${outcome?.problem?.message}`).toContain(outcome?.verdict)
      expect(after.wrong, because).toEqual([])
      // Of what is not confirmed, a tag may be there; never another image under it.
      const { '1.0.0': own, latest } = after.tags
      const sealed = outcome?.expected.sha256
      if (outcome?.verdict === 'published') expect([own, latest], because).toEqual([sealed, sealed])
      else expect([sealed, undefined], because).toContain(own)
      expect([own, undefined], because).toContain(latest)
      // Only what is read may lead elsewhere, and no credential goes there.
      expect(
        strayed.filter(({ method, headers }) => !['GET', 'HEAD'].includes(method ?? '') || /authorization|s3cret/i.test(headers)),
      ).toEqual([])
      expect(seconds, because).toBeLessThan(400)
      expect(requests, because).toBeLessThan(fault === 'pages without end' ? 1000 : 100)
    }
  })
})
