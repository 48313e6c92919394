import { setMaxListeners } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PublicRepository } from '../contract/capabilities.js'
import { createEnvironment } from '../repository/environment.js'
import { registry } from '../repository/registry/index.js'
import { tls } from '../testing/authority.js'
import { memoryRepository as files, sampleBytes, virtualClock } from '../testing/fixtures.js'
import { Builder, json, type MemoryRegistry, memoryRegistry } from '../testing/image/memory-registry.js'
import { storeImage } from '../testing/image/stored-image.js'
import { startRegistry } from '../testing/registry/index.js'
import type { TransferEvent } from '../transfer/event.js'
import { type CopyImageOptions, copyImage } from './copy-image.js'

/** An image of two platforms with an SBOM and a signature. */
function make(registry: MemoryRegistry, tag: string, seed = 1) {
  const build = new Builder(registry, 'acme/hello')
  const [shared, layer] = [build.blob(sampleBytes(90_000, seed)), build.blob(sampleBytes(300, seed + 1))] as const
  const index = build.index([build.manifest([shared, layer]), build.manifest([shared])])
  build.manifest([build.blob(Buffer.from(`sbom ${seed}`), 'application/spdx+json')], { subject: json(index) })
  build.tag(`sha256-${index.digest}.sig`, build.manifest([build.blob(Buffer.from(`signature ${seed}`), 'application/octet-stream')]))
  build.tag(tag, index)
  return { index, layer }
}

function world() {
  const [source, target] = [memoryRegistry('https://source.example'), memoryRegistry('https://target.example')]
  const copy = (tag: string, some: Partial<CopyImageOptions> = {}) =>
    copyImage({
      from: { repository: source, image: 'acme/hello', tag },
      to: { repository: target, image: 'hello' },
      tags: [tag, { moves: 'latest' }],
      clock: virtualClock(),
      random: () => 0.5,
      ...some,
    })
  return { source, target, copy, tagged: (tag: string) => target.pointers.get(`hello:${tag}`) }
}

test('an image is copied with everything that belongs to it, and its tags are set', async () => {
  const { source, copy, tagged, target } = world()
  const { index } = make(source, '1.2.3')
  const events: TransferEvent[] = []
  const copied = await copy('1.2.3', { onEvent: (event) => events.push(event) })
  expect(copied).toMatchObject({ verdict: 'published', seen: index.digest, content: { sha256: index.digest } })
  expect(copied.bytesSent).toBeGreaterThan(90_000)
  expect([tagged('1.2.3'), tagged('latest'), tagged(`sha256-${index.digest}.sig`)]).toEqual([
    index.digest,
    index.digest,
    expect.any(String),
  ])
  expect(target.parts.size).toBe(source.parts.size)
  expect(new Set(events.map(({ target: of }) => of))).toEqual(new Set(['acme/hello']))
  expect(events.at(-1)).toMatchObject({ event: 'verdict', outcome: { destination: { repository: 'https://target.example' } } })
  // Nothing of it is made up: a release, a job, a manifest.
  for (const key of ['target', 'destination', 'origin', 'release']) expect(copied).not.toHaveProperty(key)
})

test('a second copy moves nothing, and one after a failure what is missing', async () => {
  const { source, copy, target } = world()
  const { layer } = make(source, '1.2.3')
  await copy('1.2.3')
  expect(await copy('1.2.3')).toMatchObject({ verdict: 'already-public', bytesSent: 0 })
  for (const location of [...target.parts.keys()]) if (location.includes(layer.digest)) target.parts.delete(location)
  expect(await copy('1.2.3')).toMatchObject({ verdict: 'published', bytesSent: 300 })
})

test('another image under the tag is a conflict, and stays', async () => {
  const { source, copy, tagged } = world()
  make(source, '1.2.3')
  const first = (await copy('1.2.3')).content.sha256
  make(source, '1.2.3', 7)
  expect(await copy('1.2.3')).toMatchObject({ verdict: 'conflict', seen: first })
  expect([tagged('1.2.3'), tagged('latest')]).toEqual([first, first])
})

test('tags that move go forward only, each in its line', async () => {
  const { source, copy, tagged } = world()
  const moving = (tag: string): CopyImageOptions['tags'] => [
    tag,
    { moves: 'latest' },
    { moves: tag.split('.').slice(0, 1).join('.'), line: 'major' },
    { moves: tag.split('.').slice(0, 2).join('.'), line: 'minor' },
  ]
  const digests: Record<string, string> = {}
  for (const [index, tag] of ['2.0.0', '1.9.1', '1.9.0'].entries()) {
    digests[tag] = make(source, tag, 10 + index).index.digest
    expect(await copy(tag, { tags: moving(tag) })).toMatchObject({ verdict: 'published' })
  }
  const set = Object.fromEntries(['latest', '2', '2.0', '1', '1.9'].map((tag) => [tag, tagged(tag)]))
  const [two, one] = [digests['2.0.0'], digests['1.9.1']]
  expect(set).toEqual({ latest: two, '2': two, '2.0': two, '1': one, '1.9': one })
})

describe('the digest that is asked for', () => {
  test('is copied', async () => {
    const { source, copy } = world()
    const { digest } = make(source, '1.2.3').index
    const from = { repository: source, image: 'acme/hello', tag: '1.2.3', digest }
    expect(await copy('1.2.3', { from })).toMatchObject({ verdict: 'published' })
  })

  test('protects from a tag that somebody has moved', async () => {
    const { source, copy, target } = world()
    const { digest } = make(source, '1.2.3').index
    make(source, '1.2.3', 7)
    const from = { repository: source, image: 'acme/hello', tag: '1.2.3', digest }
    await expect(copy('1.2.3', { from })).rejects.toMatchObject({ code: 'usage/other-image' })
    expect(target.parts.size).toBe(0)
  })
})

test('an image that is not there is named', async () => {
  const { copy } = world()
  const message = expect.stringContaining('there is no image acme/hello:1.2.3 in https://source.example')
  await expect(copy('1.2.3')).rejects.toMatchObject({ code: 'usage/no-image', message })
})

test('a registry in trouble is waited for', async () => {
  const { source, copy } = world()
  make(source, '1.2.3')
  let looks = 0
  const shaky = {
    ...source,
    observe: (...words: Parameters<MemoryRegistry['observe']>) =>
      ++looks < 3 ? Promise.reject(new Error('503')) : source.observe(...words),
  }
  const from = { repository: shaky, image: 'acme/hello', tag: '1.2.3' }
  expect(await copy('1.2.3', { from })).toMatchObject({ verdict: 'published' })
  expect(looks).toBeGreaterThan(2)
})

test('two registries are opened and an image is copied from one to the other, in the lines of a program', async () => {
  const [source, target] = await Promise.all([startRegistry({ tls }), startRegistry({ tls })])
  onTestFinished(async () => {
    await Promise.all([source.close(), target.close()])
    expect([...source.violations, ...target.violations]).toEqual([])
  })
  const stored = source.image('acme/app')
  const { content } = storeImage(stored, 1, 40_000, { signed: true, shape: 'of two platforms' })
  stored.tags.set('1.2.3', `sha256:${content.sha256}`)

  const environment = createEnvironment({ variables: {}, base: '.', rehearsal: false })
  const open = (origin: string) =>
    registry.open({ origin, role: 'public', access: 'write', credentials: [], settings: registry.parse({ prefix: 'acme' }) }, environment)
  const from = { repository: open(source.url), image: 'app', tag: '1.2.3' }
  const copied = await copyImage({ from, to: { repository: open(target.url), image: 'hello' }, tags: ['1.2.3', { moves: 'latest' }] })

  expect(copied).toMatchObject({ verdict: 'published', content })
  const there = target.image('acme/hello')
  expect([there.tags.get('1.2.3'), there.tags.get('latest')]).toEqual([`sha256:${content.sha256}`, `sha256:${content.sha256}`])
})

test('if stopped, it ends without a tag', async () => {
  const { source, copy, tagged } = world()
  make(source, '1.2.3')
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const onEvent = ({ event }: TransferEvent) => event === 'progress' && controller.abort(new Error('stopped'))
  expect(await copy('1.2.3', { signal: controller.signal, onEvent })).toMatchObject({ verdict: 'undetermined' })
  expect(tagged('1.2.3')).toBeUndefined()
})

describe('a wrong call is named before anything is asked', () => {
  const noImages: PublicRepository = files()
  const right = () => {
    const source = memoryRegistry('https://source.example')
    return { from: { repository: source, image: 'a', tag: '1' }, to: { repository: source, image: 'b' }, tags: ['1'] }
  }
  test.each<[string, (fine: ReturnType<typeof right>) => object]>([
    ['from', ({ to, tags }) => ({ to, tags })],
    ['from is not', (fine) => ({ ...fine, from: 'a:1' })],
    ['from is not', (fine) => ({ ...fine, from: { image: 'a', tag: '1' } })],
    ['from.image', (fine) => ({ ...fine, from: { ...fine.from, image: 'A b' } })],
    ['from.tag', (fine) => ({ ...fine, from: { ...fine.from, tag: ' ' } })],
    ['from.tag', (fine) => ({ ...fine, from: { ...fine.from, tag: undefined } })],
    ['to is missing', (fine) => ({ ...fine, to: undefined })],
    ['to.image', (fine) => ({ ...fine, to: { ...fine.to, image: undefined } })],
    ['the repository to cannot hold images', (fine) => ({ ...fine, to: { repository: noImages, image: 'b' } })],
    ['tags is not a list', (fine) => ({ ...fine, tags: '1' })],
    ['tags is not a list', (fine) => ({ ...fine, tags: [] })],
    ['tags has an entry that is neither a tag', (fine) => ({ ...fine, tags: ['1', null] })],
    ['tags has an entry that is neither a tag', (fine) => ({ ...fine, tags: ['1', { move: 'latest' }] })],
    ['tags has an entry that is neither a tag', (fine) => ({ ...fine, tags: ['1 2'] })],
    ['tags has no tag that does not move', (fine) => ({ ...fine, tags: [{ moves: 'latest' }] })],
    ['tags has a second tag', (fine) => ({ ...fine, tags: ['1', '2'] })],
    ['limits has no', (fine) => ({ ...fine, limits: { time: 1 } })],
  ])('%s', async (what, wrong) => {
    // The cast: programs without types pass anything.
    const problem = { code: expect.stringMatching(/^usage\/(?:options|repository)$/), message: expect.stringContaining(what) }
    await expect(copyImage(wrong(right()) as CopyImageOptions)).rejects.toMatchObject(problem)
  })
})
