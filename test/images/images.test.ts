// Images from one registry to another, and within one, with skopeo as the witness.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { startFaultProxy } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { listen } from '../listen.js'
import { temporaryFolder } from '../release/files.js'
import { Layout, type Made } from '../tasks/layout.mjs'
import type { Running } from '../tasks/servers.mjs'
import { bytesOf, docker, type Pushed, pushImage } from './image.js'
import { publish } from './publishing.js'
import { startRegistry } from './registry.js'
import { convert, copy, digestOf, manifestOf, tagsOf } from './skopeo.js'

const folder = temporaryFolder()
let staging: Running
let stable: Running
/** All of them are `builds/app`; each has its own digest. */
let images: readonly [Pushed, Pushed, Pushed]
beforeAll(async () => {
  // What must not be distributed is there too.
  const foreign = { validation: { manifests: { urls: { allow: ['.*'] } } } }
  ;[staging, stable] = await Promise.all([startRegistry(join(folder, 'staging'), foreign), startRegistry(join(folder, 'stable'))])
  const push = (seed: number) => pushImage(folder, staging.url, 'builds/app', seed)
  images = [await push(10), await push(20), await push(30)]
}, 300_000)
afterAll(() => Promise.all([staging.stop(), stable.stop()]))

/** What came through to a server. */
async function watched(url: string) {
  const proxy = await startFaultProxy({ upstream: url, tls })
  onTestFinished(() => proxy.close())
  const writes = () => proxy.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')
  const bytes = () => writes().reduce((sum, { received }) => sum + received.body, 0)
  return { url: proxy.url, requests: proxy.requests, writes, bytes }
}

test('an index with all its platforms, signatures and referrers is the same in the other registry', async () => {
  const [image] = images
  const [outcome] = await publish({
    image: image.index,
    from: { url: staging.url, prefix: 'builds' },
    to: [{ url: stable.url, prefix: 'one' }],
  })
  expect(outcome).toMatchObject({
    verdict: 'published',
    image: {
      blobs: { moved: image.blobs, mounted: 0, present: 0 },
      tags: [{ tag: '1.2.3', before: null, after: image.index.digest.slice(7) }],
    },
  })
  expect(await digestOf(docker(stable.url, 'one/app:1.2.3'))).toBe(image.index.digest)
  for (const { digest } of image.manifests) expect(await digestOf(docker(stable.url, `one/app@${digest}`))).toBe(digest)
  expect([...(await tagsOf(docker(stable.url, 'one/app')))].sort()).toEqual(['1.2.3', ...image.tags])
  for (const tag of image.tags.filter((name) => name.endsWith('.sig')))
    expect(await digestOf(docker(stable.url, `one/app:${tag}`))).toBe(await digestOf(docker(staging.url, `builds/app:${tag}`)))
})

test('statement 4: published again, it moves nothing', async () => {
  const [image] = images
  const there = await watched(stable.url)
  const what = { image: image.index, from: { url: staging.url, prefix: 'builds' }, to: [{ url: there.url, prefix: 'two' }] }
  expect(await publish(what)).toMatchObject([{ verdict: 'published' }])
  const before = there.writes().length
  expect(await publish(what)).toMatchObject([
    { verdict: 'already-public', bytesSent: 0, image: { blobs: { moved: 0, mounted: 0, present: image.blobs } } },
  ])
  expect(there.writes().slice(before)).toEqual([])
})

test('within one registry no byte of a blob is moved', async () => {
  const [image] = images
  const there = await watched(staging.url)
  const outcomes = await publish({
    image: image.index,
    from: { url: there.url, prefix: 'builds' },
    to: [{ url: there.url, prefix: 'public' }],
  })
  expect(outcomes).toMatchObject([{ verdict: 'published', image: { blobs: { moved: 0, mounted: image.blobs } } }])
  expect(await digestOf(docker(staging.url, 'public/app:1.2.3'))).toBe(image.index.digest)
  expect(there.writes().filter(({ method, path }) => method === 'PATCH' || (method === 'PUT' && path.includes('/blobs/')))).toEqual([])
  expect(there.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'))).toEqual([])
})

test('for several registries it is read once', async () => {
  const [image] = images
  const from = await watched(staging.url)
  const to = ['four', 'five'].map((prefix) => ({ url: stable.url, prefix }))
  const outcomes = await publish({ image: image.index, from: { url: from.url, prefix: 'builds' }, to })
  expect(outcomes.map(({ verdict }) => verdict)).toEqual(['published', 'published'])
  const reads = from.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/')).map(({ path }) => path)
  expect(new Set(reads).size).toBe(reads.length)
})

test('statement 2: a version that is there already with other bytes is a conflict, and nothing is written', async () => {
  const [image, other] = images
  const there = await watched(stable.url)
  const to = [{ url: there.url, prefix: 'six' }]
  await publish({ image: image.index, from: { url: staging.url, prefix: 'builds' }, to })
  const before = there.writes().length
  const [outcome] = await publish({ image: other.index, from: { url: staging.url, prefix: 'builds' }, to })
  expect(outcome).toMatchObject({ verdict: 'conflict', bytesSent: 0, seen: image.index.digest.slice(7) })
  expect(there.writes().slice(before)).toEqual([])
  expect(await digestOf(docker(stable.url, 'six/app:1.2.3'))).toBe(image.index.digest)
})

test('statement 6: moving tags go forward, and stay at what is newer', async () => {
  const of = { '1.2.3': images[0], '1.3.0': images[1], '1.2.4': images[2] }
  const at = async (tag: string) => digestOf(docker(stable.url, `seven/app:${tag}`))
  const release = (version: keyof typeof of) =>
    publish({
      image: of[version].index,
      from: { url: staging.url, prefix: 'builds' },
      to: [{ url: stable.url, prefix: 'seven' }],
      version,
      tags: [
        { tag: version, moves: false },
        { tag: 'latest', moves: true, scope: 0 },
        { tag: version.slice(0, 3), moves: true, scope: 2 },
      ],
    })
  await release('1.2.3')
  expect(await at('latest')).toBe(of['1.2.3'].index.digest)
  await release('1.3.0')
  const [patch] = await release('1.2.4')
  expect(patch?.image?.tags).toMatchObject([
    { tag: '1.2.4', before: null },
    { tag: 'latest', because: '1.3.0 is newer' },
    { tag: '1.2', before: of['1.2.3'].index.digest.slice(7), after: of['1.2.4'].index.digest.slice(7) },
  ])
  expect([await at('latest'), await at('1.2'), await at('1.3')]).toEqual([
    of['1.3.0'].index.digest,
    of['1.2.4'].index.digest,
    of['1.3.0'].index.digest,
  ])
})

test('two releases that race leave the tag at the newer one', async () => {
  const [older, newer] = images
  const release = (image: Pushed, version: string) =>
    publish({
      image: image.index,
      from: { url: staging.url, prefix: 'builds' },
      to: [{ url: stable.url, prefix: 'eight' }],
      version,
      tags: [
        { tag: version, moves: false },
        { tag: 'latest', moves: true, scope: 0 },
      ],
    })
  const outcomes = await Promise.all([release(older, '1.9.0'), release(newer, '1.10.0')])
  expect(outcomes.flat().map(({ verdict }) => verdict)).toEqual(['published', 'published'])
  expect(await digestOf(docker(stable.url, 'eight/app:latest'))).toBe(newer.index.digest)
})

describe('an image', () => {
  let layouts = 0
  /** As the build makes it and skopeo pushes it, to `builds/app:staged`. */
  async function push(make: (layout: Layout) => Made, by = copy): Promise<Made> {
    const path = join(folder, `own-${++layouts}`)
    const layout = new Layout(path)
    layout.tag('one', make(layout))
    const there = docker(staging.url, 'builds/app:staged')
    await by(`oci:${path}:one`, there)
    return manifestOf(there)
  }
  const release = async (image: Made) => {
    const prefix = `own-${++layouts}`
    const [outcome] = await publish({ image, from: { url: staging.url, prefix: 'builds' }, to: [{ url: stable.url, prefix }] })
    return { outcome, there: docker(stable.url, `${prefix}/app:1.2.3`) }
  }

  test('of Docker’s own media types stays one', async () => {
    const platforms = (layout: Layout) =>
      ['amd64', 'arm64'].map((architecture, index) =>
        layout.manifest([layout.blob(gzipSync(bytesOf(5000, 200 + index)))], { architecture }),
      )
    const image = await push((layout) => layout.index(platforms(layout)), convert)
    expect(image.mediaType).toBe('application/vnd.docker.distribution.manifest.list.v2+json')
    const { outcome, there } = await release(image)
    expect(outcome).toMatchObject({ verdict: 'published', image: { blobs: { moved: 4 } } })
    expect(await digestOf(there)).toBe(image.digest)
  })

  test('of one platform has no index', async () => {
    const image = await push((layout) => layout.manifest([layout.blob(gzipSync(bytesOf(5000, 210)))]), convert)
    expect(image.mediaType).toBe('application/vnd.docker.distribution.manifest.v2+json')
    const { outcome, there } = await release(image)
    expect(outcome).toMatchObject({ verdict: 'published', image: { blobs: { moved: 2 } } })
    expect(await digestOf(there)).toBe(image.digest)
  })

  test.each<[string, (layout: Layout) => Made]>([
    ['without layers', (layout) => layout.manifest([], { layers: undefined })],
    [
      'with a layer whose media type has a parameter',
      (layout) => layout.manifest([layout.blob(bytesOf(5000, 215), 'application/vnd.dev.sigstore.bundle+json;version=0.2')]),
    ],
  ])('%s is like any other', async (_what, make) => {
    const image = await push(make)
    const { outcome, there } = await release(image)
    expect(outcome).toMatchObject({ verdict: 'published' })
    expect(await digestOf(there)).toBe(image.digest)
  })

  test('with a layer of no bytes is like any other', async () => {
    const image = await push((layout) => layout.manifest([layout.blob(Buffer.alloc(0)), layout.blob(Buffer.alloc(1))]))
    expect((await release(image)).outcome).toMatchObject({ verdict: 'published', image: { blobs: { moved: 3 } } })
  })

  test('may have a manifest of almost 4 MiB', async () => {
    const image = await push((layout) =>
      layout.manifest([layout.blob(bytesOf(5000, 220))], { annotations: { long: 'x'.repeat(4 * 1024 * 1024 - 1500) } }),
    )
    expect(image.size).toBeGreaterThan(4 * 1024 * 1024 - 1500)
    const { outcome, there } = await release(image)
    expect(outcome).toMatchObject({ verdict: 'published' })
    expect(await digestOf(there)).toBe(image.digest)
  })

  test('with a layer that must not be distributed is refused', async () => {
    const image = await push((layout) => {
      const foreign = layout.blob(bytesOf(5000, 230), 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip')
      return layout.manifest([{ ...foreign, urls: ['https://licensed.example/layer'] }])
    })
    const { outcome } = await release(image)
    expect(outcome).toMatchObject({ verdict: 'failed', bytesSent: 0, problem: { code: 'content/image-refused' } })
  })

  test('that umoci built can be unpacked from what was published', async () => {
    const [path, pulled, unpacked] = [join(folder, 'umoci'), join(folder, 'pulled'), join(folder, 'unpacked')]
    const files = join(folder, 'files')
    mkdirSync(files)
    writeFileSync(join(files, 'hello'), 'hello from the build')
    const umoci = (...words: string[]) => execFileSync('umoci', words, { stdio: 'pipe' })
    umoci('init', '--layout', path)
    umoci('new', '--image', `${path}:base`)
    umoci('insert', '--rootless', '--image', `${path}:base`, '--tag', 'app', files, '/data')
    await copy(`oci:${path}:app`, docker(staging.url, 'builds/app:umoci'))
    const { there } = await release(await manifestOf(docker(staging.url, 'builds/app:umoci')))
    await copy(there, `oci:${pulled}:app`)
    umoci('unpack', '--rootless', '--image', `${pulled}:app`, unpacked)
    expect(readFileSync(join(unpacked, 'rootfs/data/hello'), 'utf8')).toBe('hello from the build')
  })
})

test('statement 7: blobs that a registry keeps on another host are read from there, without the account', async () => {
  const seen: (string | undefined)[] = []
  const store = await listen((request, response) => {
    seen.push(request.headers.authorization)
    const data = readFileSync(join(folder, 'redirecting/registry', request.url ?? ''))
    response.writeHead(200, { 'content-length': data.length }).end(request.method === 'HEAD' ? '' : data)
  })
  onTestFinished(store.close)
  const path = join(folder, 'htpasswd')
  execFileSync('htpasswd', ['-Bbc', path, 'releaser', 's3cret'], { stdio: 'pipe' })
  const redirecting = await startRegistry(join(folder, 'redirecting'), {
    auth: { htpasswd: { realm: 'redirecting', path } },
    middleware: { storage: [{ name: 'redirect', options: { baseurl: `${store.url}/` } }] },
  })
  onTestFinished(() => redirecting.stop())
  const account = 'releaser:s3cret'
  const [image] = images
  const there = { url: redirecting.url, account, prefix: 'one' }
  expect(await publish({ image: image.index, from: { url: staging.url, prefix: 'builds' }, to: [there] })).toMatchObject([
    { verdict: 'published', image: { blobs: { moved: image.blobs } } },
  ])
  const back = await publish({ image: image.index, from: there, to: [{ url: stable.url, prefix: 'nine' }] })
  expect(back).toMatchObject([{ verdict: 'published', image: { blobs: { moved: image.blobs } } }])
  expect(seen.length).toBeGreaterThanOrEqual(2 * image.blobs)
  expect(new Set(seen)).toEqual(new Set([undefined]))
})
