// What goes wrong between us and a registry, and within it.
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { request as send } from 'node:https'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { startFaultProxy } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { listen } from '../listen.js'
import { temporaryFolder } from '../release/files.js'
import { verifyOne } from '../tasks/publishing.mjs'
import type { Running } from '../tasks/servers.mjs'
import { docker, type Pushed, pushImage } from './image.js'
import { type At, publish, publishing, type What } from './publishing.js'
import { startRegistry } from './registry.js'
import { digestOf, tagsOf } from './skopeo.js'

const folder = temporaryFolder()
let staging: Running
let stable: Running
let image: Pushed
beforeAll(async () => {
  ;[staging, stable] = await Promise.all([startRegistry(join(folder, 'staging')), startRegistry(join(folder, 'stable'))])
  image = await pushImage(folder, staging.url, 'app', 1)
})
afterAll(() => Promise.all([staging.stop(), stable.stop()]))

let names = 0
/** To an image of its own. */
function at(url: string, more: Partial<At> = {}): At {
  return { url, prefix: `one-${++names}`, ...more }
}
const what = (to: At, from: At = staging): What => ({ image: image.index, from, to: [to] })
async function proxied(upstream: string) {
  const proxy = await startFaultProxy({ upstream, tls, limits: { time: 20_000 } })
  onTestFinished(() => proxy.close())
  return proxy
}
const arrived = ({ prefix }: At) => digestOf(docker(stable.url, `${prefix}/app:1.2.3`))
/** Where the registry keeps a blob: all images share it. */
const stored = (registry: string, digest = '') =>
  join(folder, registry, `registry/docker/registry/v2/blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}/data`)
const large = () => image.layers[0]

interface Meddling {
  /** Asks for another path than was asked for. */
  readonly path?: (path: string) => string
  /** When the registry has answered, and nobody knows yet. */
  readonly onAnswer?: (method: string, path: string) => void
}

/** A server before the registry that does more than to break connections. */
async function meddling(upstream: string, { path = (same) => same, onAnswer = () => undefined }: Meddling): Promise<string> {
  const { url, close } = await listen((request, response) => {
    const { method = '', url: asked = '', headers } = request
    const passed = send(upstream + path(asked), { method, headers }, (answer) => {
      onAnswer(method, asked)
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    // Whoever leaves leaves both.
    pipeline(request, passed, (error) => error && response.destroy())
    passed.on('error', () => response.destroy())
  })
  onTestFinished(close)
  return url
}

describe('a connection that breaks', () => {
  test.each([1, 60_000, 199_999])('after %i bytes of a layer costs that layer once more', async (body) => {
    const proxy = await proxied(stable.url)
    const place = at(proxy.url)
    proxy.faults.add({ on: { method: 'PUT', path: large()?.digest.slice(7) }, do: { request: { after: { body }, breach: 'reset' } } })
    expect(await publish(what(place))).toMatchObject([{ verdict: 'published' }])
    expect(await arrived(place)).toBe(image.index.digest)
  })

  test('statement 9: after a layer was taken, before its answer: it is looked at, and not sent again', async () => {
    const proxy = await proxied(stable.url)
    const place = at(proxy.url)
    const path = large()?.digest.slice(7)
    proxy.faults.add({ on: { method: 'PUT', path }, do: { answer: { after: { head: 0 }, breach: 'reset' } } })
    expect(await publish(what(place))).toMatchObject([{ verdict: 'published' }])
    expect(proxy.requests.filter(({ method, path: of }) => method === 'PUT' && of.includes(String(path)))).toHaveLength(1)
  })

  test('between two pieces of a layer: the upload goes on where it was', async () => {
    const proxy = await proxied(stable.url)
    const place = at(proxy.url, { pieceSize: 80_000 })
    // The third piece, before anything of it has come to the registry: over the connection of the second, and over a new one.
    proxy.faults.add({ on: { method: 'PATCH' }, after: 2, times: 2, do: { request: { after: { head: 0 }, breach: 'reset' } } })
    expect(await publish(what(place))).toMatchObject([{ verdict: 'published' }])
    expect(await arrived(place)).toBe(image.index.digest)
    const patches = proxy.requests.filter(({ method }) => method === 'PATCH')
    expect(patches.map(({ received }) => received.body)).toEqual([80_000, 80_000, 0, 0, 40_000])
    expect(proxy.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/uploads/'))).toHaveLength(1)
  })

  test('within a piece: the upload goes on where the registry has it, or begins again where it has lost it', async () => {
    const proxy = await proxied(stable.url)
    const place = at(proxy.url, { pieceSize: 80_000 })
    proxy.faults.add({ on: { method: 'PATCH' }, after: 1, do: { request: { after: { body: 1000 }, breach: 'reset' } } })
    expect(await publish(what(place))).toMatchObject([{ verdict: 'published' }])
    expect(await arrived(place)).toBe(image.index.digest)
    // Asked too soon, it does not know yet that it has: it refuses the piece, or even takes it.
    const patches = proxy.requests.filter(({ method }) => method === 'PATCH').map(({ received }) => received.body)
    expect([40_000, 39_000]).toContain(patches.at(-1))
    expect(patches.length).toBeGreaterThanOrEqual(4)
    expect(patches.length).toBeLessThanOrEqual(7)
  })

  test('statement 9: after the tag was set, before the answer', async () => {
    const proxy = await proxied(stable.url)
    const place = at(proxy.url)
    proxy.faults.add({ on: { method: 'PUT', path: 'manifests/1.2.3' }, do: { answer: { after: { head: 0 }, breach: 'reset' } } })
    expect(await publish(what(place))).toMatchObject([{ verdict: 'published' }])
    expect(proxy.requests.filter(({ method, path }) => method === 'PUT' && path.endsWith('1.2.3'))).toHaveLength(1)
  })

  test('while staging is read', async () => {
    const proxy = await proxied(staging.url)
    const place = at(stable.url)
    proxy.faults.add({ on: { path: `blobs/${large()?.digest}` }, do: { answer: { after: { body: 150_000 }, breach: 'close' } } })
    expect(await publish(what(place, proxy))).toMatchObject([{ verdict: 'published' }])
    expect(await arrived(place)).toBe(image.index.digest)
  })
})

describe('statement 1: staging with one bit changed', () => {
  test.each(['blobs', 'manifests'])('in %s: it is tampered, and no tag is set', async (part) => {
    const proxy = await proxied(staging.url)
    const place = at(stable.url)
    const digest = part === 'blobs' ? large()?.digest : image.manifests[0]?.digest
    proxy.faults.add({ on: { path: `${part}/${digest}` }, times: 100, do: { answer: { flipBit: 100 } } })
    expect(await publish(what(place, proxy))).toMatchObject([{ verdict: 'tampered' }])
    await expect(tagsOf(docker(stable.url, `${place.prefix}/app`))).rejects.toThrow()
  })

  test('in a layer that goes in pieces: it is tampered', async () => {
    const proxy = await proxied(staging.url)
    const place = at(stable.url, { pieceSize: 50_000 })
    proxy.faults.add({ on: { path: `blobs/${large()?.digest}` }, times: 100, do: { answer: { flipBit: 10 } } })
    expect(await publish(what(place, proxy))).toMatchObject([{ verdict: 'tampered' }])
  })
})

describe('a registry that', () => {
  test('answers 202 to a mount gets the bytes by the upload that it opened', async () => {
    const proxy = await proxied(staging.url)
    // It is asked for blobs of an image that it does not know.
    const url = await meddling(proxy.url, { path: (path) => path.replace(/from=[^&]+/, 'from=unknown') })
    const place = at(url)
    const [outcome] = await publish(what(place, { url }))
    expect(outcome).toMatchObject({ verdict: 'published', image: { blobs: { moved: image.blobs, mounted: 0 } } })
    expect(await digestOf(docker(staging.url, `${place.prefix}/app:1.2.3`))).toBe(image.index.digest)
    expect(proxy.requests.filter(({ method }) => method === 'POST')).toHaveLength(image.blobs)
  })

  test('says another digest of a layer than it has is read', async () => {
    const proxy = await proxied(stable.url)
    const place = at(proxy.url)
    const headers = { 'Docker-Content-Digest': `sha256:${'0'.repeat(64)}` }
    proxy.faults.add({ on: { method: 'HEAD', path: `blobs/${large()?.digest}` }, after: 1, times: 100, do: { answer: { headers } } })
    expect(await publish(what(place))).toMatchObject([{ verdict: 'published' }])
    expect(proxy.requests.some(({ method, path }) => method === 'GET' && path.endsWith(large()?.digest ?? ''))).toBe(true)
  })

  test('serves other bytes under the tag than it was given is found out', async () => {
    const proxy = await proxied(stable.url)
    const place = at(proxy.url)
    proxy.faults.add({ on: { method: 'GET', path: 'manifests/1.2.3' }, after: 3, times: 100, do: { answer: { flipBit: 50 } } })
    expect(await publish(what(place))).toMatchObject([{ verdict: 'conflict' }])
  })

  test('loses a layer after it took it does not get the tag', async () => {
    const digest = large()?.digest ?? ''
    const onAnswer = (method: string, path: string) => {
      if (method === 'PUT' && path.includes(digest.slice(7))) rmSync(stored('stable', digest))
    }
    const url = await meddling(stable.url, { onAnswer })
    const place = at(url)
    const [outcome] = await publish(what(place), { limits: { confirmWithin: 300 } })
    expect(outcome).toMatchObject({
      verdict: 'undetermined',
      problem: { code: 'repository/not-listed', message: expect.stringContaining(digest) },
    })
    await expect(tagsOf(docker(stable.url, `${place.prefix}/app`))).rejects.toThrow()
    // The others share it.
    expect(await publish(what(at(stable.url)))).toMatchObject([{ verdict: 'published' }])
  })

  test.each([0, 3, 199_999])(
    'has only %i bytes of a layer left is a conflict, and cannot be pulled, until it is whole again',
    async (length) => {
      const place = at(stable.url)
      await publish(what(place))
      const path = stored('stable', large()?.digest)
      const whole = readFileSync(path)
      truncateSync(path, length)
      expect(await publish(what(place))).toMatchObject([
        { verdict: 'conflict', problem: { message: expect.stringContaining('bytes shorter') } },
      ])
      // All images of the registry share it.
      expect(await publish(what(at(stable.url)))).toMatchObject([{ verdict: 'conflict' }])
      expect((await verifyOne(publishing(what(place)), {})).findings).toMatchObject([{ found: 'index-broken' }])
      writeFileSync(path, whole)
      expect(await publish(what(place))).toMatchObject([{ verdict: 'already-public' }])
    },
  )

  test('statement 10: has other bytes of the same size is found out by verifying, which reads all layers', async () => {
    const place = at(stable.url)
    await publish(what(place))
    const path = stored('stable', large()?.digest)
    const whole = readFileSync(path)
    writeFileSync(path, Buffer.from(whole).fill(7, 0, 10))
    expect((await verifyOne(publishing(what(place)), {})).findings).toMatchObject([
      { found: 'other-bytes', problem: { message: expect.stringContaining(large()?.digest ?? '') } },
    ])
    writeFileSync(path, whole)
    expect((await verifyOne(publishing(what(place)), {})).findings).toMatchObject([{ found: 'sealed-bytes', layers: { unread: [] } }])
  })

  test('asks to be asked later is asked later', async () => {
    const proxy = await proxied(stable.url)
    const place = at(proxy.url)
    proxy.faults.add({ on: { method: 'POST' }, times: 2, do: { instead: { status: 429, headers: { 'retry-after': '1' }, body: '{}' } } })
    expect(await publish(what(place))).toMatchObject([{ verdict: 'published' }])
  })

  test('has no room left is reported as full', async () => {
    const proxy = await proxied(stable.url)
    proxy.faults.add({ on: { method: 'POST' }, times: 100, do: { instead: { status: 413 } } })
    expect(await publish(what(at(proxy.url)))).toMatchObject([{ verdict: 'failed', problem: { code: 'repository/too-large' } }])
  })
})

describe('statement 4: what an interrupted copy left', () => {
  test.each(['POST', 'PUT'])(
    'is finished, wherever it was stopped (at a %s)',
    async (method) => {
      let stopped = 0
      for (let stop = 0; stop < 24; stop += 3) {
        const controller = new AbortController()
        const place = at(stable.url)
        let seen = 0
        const onAnswer = (of: string) => {
          if (of === method && seen++ === stop) controller.abort()
        }
        const [first] = await publish(what({ ...place, url: await meddling(stable.url, { onAnswer }) }), { signal: controller.signal })
        const [second] = await publish(what(place))
        if (controller.signal.aborted) {
          stopped++
          expect([first?.verdict, second?.verdict]).toEqual(['undetermined', 'published'])
          const { moved = 0, present = 0 } = second?.image?.blobs ?? {}
          expect(moved + present).toBe(image.blobs)
        }
        expect(await arrived(place)).toBe(image.index.digest)
      }
      expect(stopped).toBeGreaterThanOrEqual(4)
    },
    60_000,
  )

  test('without one of its layers, or platforms, is whole again', async () => {
    const place = at(stable.url)
    await publish(what(place))
    const broken = async (digest = '') => {
      rmSync(stored('stable', digest))
      expect((await verifyOne(publishing(what(place)), {})).findings).toMatchObject([{ found: 'index-broken' }])
      expect(await publish(what(place))).toMatchObject([{ verdict: 'published' }])
      expect(existsSync(stored('stable', digest))).toBe(true)
      expect((await verifyOne(publishing(what(place)), {})).findings).toMatchObject([{ found: 'sealed-bytes' }])
    }
    await broken(large()?.digest)
    await broken(image.manifests[0]?.digest)
  })
})
