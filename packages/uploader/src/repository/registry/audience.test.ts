import { type Content, type PartCoordinates, sha256 } from '@stagegate/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ImageRepository, Item, ServerSideCopy } from '../../contract/capabilities.js'
import { tls } from '../../testing/authority.js'
import { bodyOf, contentOf, sampleBytes, soon, virtualClock } from '../../testing/fixtures.js'
import { publishImage } from '../../testing/image/publish-image.js'
import { storeImage, wrongIn } from '../../testing/image/stored-image.js'
import { type RegistryProject, startGitlabRegistry, startRegistry } from '../../testing/registry/index.js'
import type { Misbehaviour } from '../../testing/server/faults.js'
import type { Opening } from '../define.js'
import { createEnvironment } from '../environment.js'
import { registry as kind, type RegistrySettings } from './index.js'

type Opened = ImageRepository & ServerSideCopy

const hello: RegistryProject = { path: 'acme/hello', members: { ada: 'developer' } }
const builds: RegistryProject = { path: 'acme/builds', members: { ada: 'developer' } }

/** The registry of the job's own project, as a plan opens it for `stage`; `app` is built in another project. */
async function world(isPublic: boolean) {
  const server = await startGitlabRegistry({ tls, projects: [{ ...hello, isPublic }, builds] })
  const { gitlab, registry, tokens } = server
  const clock = virtualClock()
  onTestFinished(async () => {
    await server.close()
    expect([...registry.violations, ...gitlab.violations]).toEqual([])
  })
  const open = (project: string, more: Partial<Opening<RegistrySettings>> = {}): Opened => {
    const token = tokens.startJob({ project, user: 'ada' })
    const environment = createEnvironment({ variables: { CI_JOB_TOKEN: token, ANOTHER: token }, clock })
    const settings = kind.parse({ prefix: project, account: 'password', username: 'gitlab-ci-token', realms: [gitlab.url] })
    const as = { role: 'staging', access: 'write', credentials: ['CI_JOB_TOKEN'] } as const
    // The cast: the definition says what every kind of repository is.
    return kind.open({ settings, origin: registry.url, ...as, ...more }, environment) as Opened
  }
  const { content } = storeImage(registry.image('acme/builds/app'), 1, 500, { signed: false, shape: 'of two platforms' })
  const source = open('acme/builds', { access: 'read' })
  const stage = (to: Opened) => publishImage({ source, to, content, version: 'staged', moving: [] })
  const there = registry.image('acme/hello/app')
  /** As a build pushes it, before `stage` looks. */
  const push = () => {
    storeImage(there, 1, 500, { signed: false, shape: 'of two platforms' })
    there.tags.set('staged', `sha256:${content.sha256}`)
  }
  const lists = () => registry.requests.filter(({ path }) => path.includes('/tags/list'))
  const writes = () => registry.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')
  return { ...server, clock, open, stage, push, content, there, lists, writes }
}

const data = sampleBytes(100)
const layer = blobOf(contentOf(data))
const image = { format: 'image', image: 'app', tag: 'staged' } as const

function blobOf(content: Content, more: Partial<PartCoordinates> = {}): Item & { readonly coordinates: PartCoordinates } {
  const mediaType = 'application/vnd.oci.image.layer.v1.tar'
  return { coordinates: { format: 'blob', image: 'app', mediaType, digest: content.sha256, ...more }, content }
}

describe('staging by the token of the job', () => {
  test('in a private project works, after one question of a visitor for each image', async () => {
    const { open, stage, there, lists, gitlab } = await world(false)
    const staging = open('acme/hello')
    expect(await stage(staging)).toMatchObject({ verdict: 'published' })
    expect(await staging.observe(image, soon())).toMatchObject({ saw: 'present' })
    expect(wrongIn(there)).toEqual([])
    const visits = () => gitlab.requests.filter(({ path, headers }) => path.startsWith('/jwt/auth') && !headers['authorization'])
    expect([lists().length, visits().length]).toEqual([1, 1])
    await staging.create(blobOf(layer.content, { image: 'other' }), bodyOf(data), soon())
    expect(visits().length).toBe(2)
  })

  test('in a public project is refused with the setting, and nothing is pushed', async () => {
    const { open, stage, there, writes } = await world(true)
    const outcome = await stage(open('acme/hello'))
    expect(outcome).toMatchObject({ verdict: 'failed', bytesSent: 0, problem: { code: 'repository/not-private' } })
    expect(outcome.problem?.message).toContain('anybody can pull acme/hello/app: what is staged there would be public at once')
    expect(outcome.problem?.message).toContain('Container registry to Only Project Members, or stage in a private project.')
    expect(writes()).toEqual([])
    expect([there.blobs.size, there.manifests.size, there.tags.size]).toEqual([0, 0, 0])
  })

  test('in a public project is refused for each kind of write, by one question for all of them', async () => {
    const { open, content, lists, writes } = await world(true)
    const staging = open('acme/hello')
    const attempts = [
      () => staging.create(layer, bodyOf(data), soon()),
      () => staging.copy(layer, 'acme/builds/app', soon()),
      () => staging.point(image, content.sha256, undefined, soon()),
      () => staging.attach?.('app', content.sha256, [], soon()),
      () => staging.create(blobOf(layer.content, { format: 'manifest' }), bodyOf(data), soon()),
    ]
    const results = await Promise.allSettled(attempts.map((attempt) => attempt()))
    const refused = { status: 'rejected', reason: { code: 'repository/not-private' } }
    expect(results).toMatchObject(attempts.map(() => refused))
    await expect(staging.create(layer, bodyOf(data), soon())).rejects.toMatchObject({ code: 'repository/not-private' })
    expect(writes()).toEqual([])
    // Without a token at first, and then with that of a visitor.
    expect(lists().map(({ headers }) => headers['authorization'] !== undefined)).toEqual([false, true])
  })

  test('of an image that GitLab says it does not know, to a visitor to whom it gave a token, is refused', async () => {
    const { open, registry, writes } = await world(true)
    registry.faults.add({
      on: { path: /tags\/list/ },
      after: 1,
      do: { answer: 404, body: { errors: [{ code: 'NAME_UNKNOWN', message: 'repository name not known to registry' }] } },
    })
    await expect(open('acme/hello').create(layer, bodyOf(data), soon())).rejects.toMatchObject({ code: 'repository/not-private' })
    expect(writes()).toEqual([])
  })

  test('of an image that is public already says so, and that it is to be deleted', async () => {
    const { open, push, stage, there, writes, content } = await world(true)
    push()
    const refused = {
      code: 'repository/not-private',
      message: expect.stringContaining('acme/hello/app is public already'),
      next: expect.stringContaining('Delete it in Deploy > Container registry'),
    }
    const [, part] = there.blobs.keys()
    const blob = { ...layer.coordinates, digest: sha256(part?.replace('sha256:', '') ?? '') }
    for (const at of [image, blobOf(content, { format: 'manifest' }).coordinates, blob])
      await expect(open('acme/hello').observe(at, soon())).rejects.toMatchObject(refused)
    expect(await stage(open('acme/hello'))).toMatchObject({ verdict: 'failed', problem: { code: 'repository/not-private' } })
    expect(writes()).toEqual([])
  })

  test('of an image that the build has pushed to a private project finds it', async () => {
    const { open, push, stage, content } = await world(false)
    push()
    expect(await open('acme/hello').observe(image, soon())).toMatchObject({ saw: 'present', sha256: content.sha256 })
    expect(await stage(open('acme/hello'))).toMatchObject({ verdict: 'already-public', bytesSent: 0 })
  })
})

describe('while it is not known whether a visitor may pull', () => {
  const page = { answer: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' }
  const troubles: readonly (readonly [string, 'gitlab' | 'registry', Misbehaviour])[] = [
    ['a registry in trouble', 'registry', { answer: 502 }],
    ['a registry that is asked too often', 'registry', { answer: 429, headers: { 'retry-after': '1' } }],
    ['a connection that breaks', 'registry', { reset: 'before-body' }],
    ['a 404 of a proxy', 'registry', { answer: 404, body: 'not here' }],
    ['a portal’s page', 'registry', page],
    ['an empty answer', 'registry', { answer: 204 }],
    ['a list that is none', 'registry', { answer: 200, body: {} }],
    ['a GitLab in trouble', 'gitlab', { answer: 503 }],
    ['a GitLab that is asked too often', 'gitlab', { answer: 429 }],
    ['a GitLab without a registry', 'gitlab', { answer: 404 }],
  ]

  test.each(troubles)('%s sends nothing, and is asked again', async (_, which, fault) => {
    for (const isPublic of [false, true]) {
      const made = await world(isPublic)
      const staging = made.open('acme/hello')
      made[which].faults.add({ on: { path: which === 'gitlab' ? /jwt\/auth/ : /tags\/list/ }, do: fault })
      const first = staging.create(layer, bodyOf(data), soon())
      await expect(first).rejects.not.toMatchObject({ code: 'repository/not-private' })
      expect(made.writes()).toEqual([])
      made.clock.advance(2000)
      const second = staging.create(layer, bodyOf(data), soon())
      if (isPublic) await expect(second).rejects.toMatchObject({ code: 'repository/not-private' })
      else expect(await second).toMatchObject({ outcome: 'accepted' })
    }
  })

  test('an image that is there is unknown, and neither taken nor absent', async () => {
    const { open, push, registry } = await world(false)
    push()
    const staging = open('acme/hello')
    registry.faults.add({ on: { path: /tags\/list/ }, do: { answer: 502 } })
    await expect(staging.observe(image, soon())).rejects.toThrow('502')
    expect(await staging.observe(image, soon())).toMatchObject({ saw: 'present' })
  })

  test('the end of one call is no answer for another that waits for it', async () => {
    const { open, registry, writes } = await world(false)
    const staging = open('acme/hello')
    const controller = new AbortController()
    const take = registry.faults.take.bind(registry.faults)
    registry.faults.take = (method, path) => {
      if (path.includes('/tags/list')) controller.abort(new Error('told to stop'))
      return take(method, path)
    }
    const first = staging.create(layer, bodyOf(data), { ...soon(), signal: controller.signal })
    const second = staging.create(layer, bodyOf(data), soon())
    await expect(first).rejects.toThrow()
    expect(await second).toMatchObject({ outcome: 'accepted' })
    expect(writes().length).toBeGreaterThan(0)
  })

  test('delays what is staged, and changes nothing of it', async () => {
    const { open, stage, registry, there } = await world(false)
    registry.faults.add({ on: { path: /tags\/list/ }, times: 2, do: { answer: 502 } })
    expect(await stage(open('acme/hello'))).toMatchObject({ verdict: 'published' })
    expect(wrongIn(there)).toEqual([])
  })
})

describe('no visitor is sent', () => {
  test.each([
    ['to a public place', { role: 'public' }],
    ['where nothing is written', { access: 'read' }],
    ['with an account of another variable', { credentials: ['ANOTHER'] }],
  ] as const)('%s', async (_, more) => {
    const { open, push, lists } = await world(true)
    push()
    const repository = open('acme/hello', more)
    expect(await repository.observe(image, soon())).toMatchObject({ saw: 'present' })
    expect(await repository.create(layer, bodyOf(data), soon())).toMatchObject({ outcome: 'accepted' })
    expect(lists()).toEqual([])
  })

  test('to a registry inside a company, which is open without an account', async () => {
    const server = await startRegistry({ tls })
    onTestFinished(() => server.close())
    const opening = { settings: kind.parse({}), role: 'staging', origin: server.url, access: 'write', credentials: [] } as const
    // The cast: as above.
    const staging = kind.open(opening, createEnvironment({ clock: virtualClock() })) as Opened
    expect(await staging.create(layer, bodyOf(data), soon())).toMatchObject({ outcome: 'accepted' })
    expect(await staging.observe(layer.coordinates, soon())).toMatchObject({ saw: 'present' })
    expect(server.requests.filter(({ path }) => path.includes('/tags/list'))).toEqual([])
  })
})
