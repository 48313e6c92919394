import { describe, expect, onTestFinished, test } from 'vitest'
import type { ImageRepository } from '../contract/capabilities.js'
import { exitCodeOf } from '../exit-code.js'
import { tls } from '../testing/authority.js'
import { memoryRegistry } from '../testing/image/memory-registry.js'
import { publishImage, registryAt } from '../testing/image/publish-image.js'
import { storeImage } from '../testing/image/stored-image.js'
import { type RegistryOptions, startRegistry } from '../testing/registry/index.js'

/** What registries answer to who sets a tag that may not be set again. */
const answers: readonly (readonly [status: number, code: string])[] = [
  [400, 'TAG_INVALID'],
  [400, 'UNKNOWN'],
  [403, 'DENIED'],
  [405, 'UNSUPPORTED'],
  [409, 'CONFLICT'],
  [412, 'PRECONDITION'],
  [422, 'UNPROCESSABLE'],
]

async function world(options: RegistryOptions) {
  const server = await startRegistry({ tls, closesOnError: true, ...options })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  const build = server.image('builds/app')
  const [older, newer] = [1, 2].map((seed) => storeImage(build, seed, 5000, { signed: false })) as [
    ReturnType<typeof storeImage>,
    ReturnType<typeof storeImage>,
  ]
  const ends = { source: registryAt(server.url, 'builds'), to: registryAt(server.url, 'acme') }
  const publish = (version: string, of = version === '1.0.0' ? older : newer) => publishImage({ ...ends, version, content: of.content })
  const puts = (tag: string) => server.requests.filter(({ method, path }) => method === 'PUT' && path.endsWith(`manifests/${tag}`)).length
  return { server, there: server.image('acme/app'), older, newer, publish, puts }
}

describe.each(answers)('a registry that answers %i %s where a tag may not move', (status, code) => {
  test('lets the version through, and fails it for latest, in its words, as the tag is where it was', async () => {
    const { there, older, newer, publish } = await world({ immutable: { tags: /^latest$/, status, code } })
    expect(await publish('1.0.0')).toMatchObject({ verdict: 'published' })
    const outcome = await publish('2.0.0')
    expect(outcome).toMatchObject({ verdict: 'failed', image: { tags: [{ tag: '2.0.0' }] } })
    expect(exitCodeOf([outcome])).toBe(3)
    expect(outcome.problem?.message).toMatch(new RegExp(`^latest: .*${status}.* Its answer: ${code}, `))
    expect(outcome.problem?.message).toContain('Allow the registry to move the tag latest, or remove it')
    expect([there.tags.get('latest'), there.tags.get('2.0.0')]).toEqual([
      `sha256:${older.content.sha256}`,
      `sha256:${newer.content.sha256}`,
    ])
  })

  test('once alone is asked again', async () => {
    const { server, there, newer, publish } = await world({})
    await publish('1.0.0')
    const isFinal = code === 'TAG_INVALID' || [403, 405, 412].includes(status)
    server.faults.add({ on: { method: 'PUT', path: /manifests\/latest/ }, do: { answer: status, body: { errors: [{ code }] } } })
    expect(await publish('2.0.0')).toMatchObject({ verdict: isFinal ? 'failed' : 'published' })
    if (!isFinal) expect(there.tags.get('latest')).toBe(`sha256:${newer.content.sha256}`)
  })

  test('statement 4: is not asked at all for a version that is there', async () => {
    const { publish, puts } = await world({ immutable: { tags: /./, status, code } })
    expect(await publish('1.0.0')).toMatchObject({ verdict: 'published' })
    expect(await publish('1.0.0')).toMatchObject({ verdict: 'already-public' })
    expect([puts('1.0.0'), puts('latest')]).toEqual([1, 1])
  })
})

test('a tag that somebody else has moved meanwhile is looked at again, and no refusal', async () => {
  const { server, there, newer, publish } = await world({})
  await publish('1.0.0')
  const { faults } = server
  // Another job of the same release is faster, and the registry refuses the later of the two.
  faults.add({ on: { method: 'PUT', path: /manifests\/latest/ }, do: { commitThenAnswer: 412 } })
  expect(await publish('2.0.0')).toMatchObject({ verdict: 'published' })
  expect(there.tags.get('latest')).toBe(`sha256:${newer.content.sha256}`)
})

test('any other problem with a tag can be tried again', async () => {
  const { server, publish } = await world({})
  await publish('1.0.0')
  for (const answer of [404, 500, 503]) {
    server.faults.clear()
    server.faults.add({ on: { method: 'PUT', path: /manifests\/latest/ }, times: 100, do: { answer } })
    expect((await publish('2.0.0')).verdict, String(answer)).toBe('undetermined')
  }
  server.faults.clear()
  expect((await publish('2.0.0')).verdict).toBe('published')
})

test('a repository that refuses by its own word is a refusal too', async () => {
  const { server, older } = await world({})
  const memory = memoryRegistry('https://public.example')
  const no = { outcome: 'refused', because: { code: 'DENIED', message: 'no' } } as const
  const to: ImageRepository = {
    ...memory,
    point: async (at, digest, expected, call) => (at.tag === 'latest' ? no : memory.point(at, digest, expected, call)),
  }
  const outcome = await publishImage({ source: registryAt(server.url, 'builds'), to, content: older.content })
  expect(outcome).toMatchObject({ verdict: 'failed', problem: { code: 'DENIED' } })
})
