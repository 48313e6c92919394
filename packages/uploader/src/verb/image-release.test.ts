import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { documentText, parseReleasePlan, parseVerification, type Receipt, type ReleasePlan } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { RepositoryRefusal } from '../contract/refusal.js'
import { type Operation, RepositoryError } from '../contract/repository-error.js'
import { exitCodeOf } from '../exit-code.js'
import { deliverImage } from '../image/deliver-image.js'
import { createEnvironment } from '../repository/environment.js'
import { builtLayout } from '../repository/oci-layout/index.js'
import { OciLayout } from '../repository/oci-layout/oci-layout.js'
import { onlyPublic } from '../repository/only-public.js'
import { openRepositories } from '../repository/open.js'
import { originOf, plannedTarget, planOf, sampleBytes, temporaryFolder, virtualClock } from '../testing/fixtures.js'
import { Builder, memoryRegistry } from '../testing/image/memory-registry.js'
import { Hosts } from '../transfer/host.js'
import { defaultLimits } from '../transfer/limits.js'
import { fetchStaged } from './fetch.js'
import { foresee } from './foresee.js'
import { publish } from './publish.js'
import { seal } from './seal.js'
import { stage } from './stage.js'
import { verify } from './verify.js'

const layoutAt = (role: 'staging' | 'public', path: string) => ({
  role,
  type: 'oci-layout',
  origin: '',
  settings: { path },
  credentials: { read: [], write: [] },
})

function planWith(platforms?: string[]): ReleasePlan {
  const target = plannedTarget('hello', {
    verify: 'oci',
    what: {
      type: 'image',
      image: 'acme/hello',
      layout: 'dist/image',
      ...(platforms && { platforms }),
      tags: [
        { name: 'version', kinds: ['release'] },
        { name: 'latest', kinds: ['release'] },
        { name: 'minor', kinds: ['release'] },
      ],
    },
    routes: {
      release: {
        staging: 'images',
        public: [
          { repository: 'hub', advisory: false },
          { repository: 'mirror', image: 'hello', advisory: true },
        ],
      },
    },
  })
  const plan = {
    ...planOf([target]),
    repositories: { images: layoutAt('staging', 'staging'), hub: layoutAt('public', 'hub'), mirror: layoutAt('public', 'mirror') },
  }
  return parseReleasePlan(JSON.stringify(plan), 'the test’s plan')
}

/** A layout with an index for two platforms, as a build leaves it. */
async function build(folder: string): Promise<void> {
  const registry = memoryRegistry('https://builder.example')
  const made = new Builder(registry, 'built')
  const index = made.index([
    { ...made.manifest([made.blob(sampleBytes(90_000))]), platform: 'linux/amd64' },
    { ...made.manifest([made.blob(sampleBytes(80_000, 2))]), platform: 'linux/arm64' },
  ])
  const clock = virtualClock()
  const ports = { clock, random: () => 0, limits: defaultLimits }
  const content = { sha256: index.digest, size: Buffer.byteLength(registry.parts.get(`built/manifests/sha256:${index.digest}`) ?? '') }
  await deliverImage(
    {
      target: 'build',
      // The cast: a number of bytes is one.
      item: { coordinates: { format: 'image', image: 'built', tag: 'x' }, content: content as never },
      source: registry,
      from: 'builder',
      version: '1',
      destinations: [
        {
          plan: { repository: 'layout', advisory: false },
          repository: new OciLayout(folder, () => ''),
          at: { format: 'image', image: 'built', tag: '1' },
          tags: [{ tag: '1', moves: false }],
        },
      ],
    },
    { ...ports, hosts: new Hosts(ports), signal: new AbortController().signal, emit: () => undefined },
  ).arrivals
}

async function world(plan = planWith()) {
  const base = await temporaryFolder()
  await build(join(base, 'dist/image'))
  const clock = virtualClock()
  const environment = createEnvironment({ variables: {}, base, rehearsal: true, clock })
  const access = new Map([
    ['images', 'write'],
    ['hub', 'write'],
    ['mirror', 'write'],
  ] as const)
  const repositories = openRepositories(plan, access, environment)
  const origin = originOf(plan)
  const ports = { repositories, clock, origin, random: () => 0 }
  const staging = async () => stage(plan, { ...ports, target: 'hello', files: [], built: await builtLayout(join(base, 'dist/image')) })
  return { base, plan, ports, origin, clock, staging }
}

test('an image goes from its build to staging, the seal and the public, and is read back', async () => {
  const { plan, ports, origin, clock, staging, base } = await world(planWith(['linux/amd64', 'linux/arm64']))
  const record = await staging()
  expect(record.artifacts).toMatchObject([
    { coordinates: { format: 'image', image: 'acme/hello', tag: 'aaaaaaaa-100' }, repository: 'images' },
  ])
  const manifest = seal(plan, [record], { origin, now: clock.now() })
  expect(manifest.targets[0]?.tags).toEqual([
    { tag: '1.2.3', moves: false },
    { tag: 'latest', moves: true, scope: 0 },
    { tag: '1.2', moves: true, scope: 2 },
  ])
  expect((await foresee(manifest, ports)).map(({ would }) => would)).toEqual(['publish', 'publish'])

  const receipt = await publish(manifest, ports)
  expect(receipt.outcomes.map(({ verdict, coordinates }) => [verdict, coordinates])).toEqual([
    ['published', { format: 'image', image: 'acme/hello', tag: '1.2.3' }],
    ['published', { format: 'image', image: 'hello', tag: '1.2.3' }],
  ])
  const digest = record.artifacts[0]?.content.sha256
  expect(receipt.outcomes[0]?.image).toEqual({
    blobs: { moved: 3, mounted: 0, present: 0 },
    added: expect.objectContaining({ length: 3 }),
    tags: ['1.2.3', 'latest', '1.2'].map((tag) => ({ tag, before: null, after: digest })),
  })
  expect(exitCodeOf(receipt.outcomes)).toBe(0)
  const right = { found: 'sealed-bytes', layers: { read: 3, unread: [] } }
  expect((await verify(manifest, { ...ports, deadline: 0 })).findings).toMatchObject([right, right])
  expect((await foresee(manifest, ports)).map(({ would }) => would)).toEqual(['already-public', 'already-public'])
  const again = await publish(manifest, ports)
  expect(again.outcomes.map(({ verdict, bytesSent }) => [verdict, bytesSent])).toEqual([
    ['already-public', 0],
    ['already-public', 0],
  ])
  // By its receipt, a run brought nothing that it found there: that is not read, and said.
  const by = async (...receipts: Receipt[]) => (await verify(manifest, { ...ports, deadline: 0, receipts })).findings[0]
  expect(await by(receipt, again)).toMatchObject(right)
  const unread = receipt.outcomes[0]?.image?.added?.map((of) => ({ digest: of, because: 'there-before' }))
  const verification = await verify(manifest, { ...ports, deadline: 0, receipts: [again] })
  expect(verification.findings[0]).toMatchObject({ found: 'sealed-bytes', layers: { read: 0 } })
  expect(new Set(verification.findings[0]?.layers?.unread)).toEqual(new Set(unread))
  expect(parseVerification(documentText(verification), 'the verification')).toEqual(verification)
  // A deployment takes it by its digest, from where it is staged.
  expect(await fetchStaged(manifest, { ...ports, to: join(base, 'incoming') })).toEqual([])
})

test('statement 10: a layer that was changed after it was published is found out by verifying', async () => {
  const { plan, ports, origin, clock, staging, base } = await world()
  const record = await staging()
  const manifest = seal(plan, [record], { origin, now: clock.now() })
  const receipt = await publish(manifest, ports)
  const digest = receipt.outcomes[0]?.image?.added?.[0] ?? ''
  const path = join(base, 'hub/acme/hello/blobs/sha256', digest)
  const whole = await readFile(path)
  await writeFile(path, Buffer.from(whole).fill(0, 0, 1))
  const [hub, mirror] = (await verify(manifest, { ...ports, deadline: 0 })).findings
  expect(hub).toMatchObject({
    found: 'other-bytes',
    problem: { message: expect.stringContaining(digest) },
    layers: { read: 2, unread: [] },
  })
  // Its tag is right.
  expect(hub?.seen).toBeUndefined()
  expect(mirror).toMatchObject({ found: 'sealed-bytes', layers: { read: 3 } })
})

test('statement 4: staged again, it moves nothing', async () => {
  const { staging } = await world()
  const first = await staging()
  expect((await staging()).artifacts).toEqual(first.artifacts)
})

test('other platforms than planned are refused, before anything is staged', async () => {
  const { staging, base } = await world(planWith(['linux/amd64']))
  await expect(staging()).rejects.toMatchObject({
    code: 'usage/platforms',
    what: 'hello is for linux/amd64, but the image has linux/amd64, linux/arm64',
  })
  expect(await new OciLayout(join(base, 'staging'), () => 'acme/hello').tags('acme/hello')).toEqual([])
})

test('an image that the build should have pushed, and has not, is a clear error', async () => {
  const { plan, ports } = await world()
  await expect(stage(plan, { ...ports, target: 'hello', files: [] })).rejects.toMatchObject({
    code: 'usage/no-image',
    what: 'there is no image acme/hello:aaaaaaaa-100 in images',
  })
})

describe('a staging that refuses is named, with the call that failed', () => {
  const refusal = new RepositoryRefusal({ code: 'repository/unauthorized', what: 'the server does not accept the credential' })

  async function refusing(operation: Operation, isPushed: boolean) {
    const { base, plan, ports, staging } = await world()
    if (isPushed) await staging()
    const images = ports.repositories.get('images')
    if (images === undefined) throw new Error('Expected a repository')
    const repositories = new Map([['images', { ...onlyPublic(images), [operation]: () => Promise.reject(refusal) }]])
    const built = isPushed ? undefined : await builtLayout(join(base, 'dist/image'))
    return stage(plan, { ...ports, repositories, target: 'hello', files: [], built })
  }

  test.each<Operation>(['observe', 'read', 'referrers'])('%s, of an image that was pushed', async (operation) => {
    const error = await refusing(operation, true).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RepositoryError)
    const place = { side: 'staging', repository: 'images', operation }
    expect(error).toMatchObject({ ...place, code: refusal.code, what: refusal.what, final: true, cause: refusal })
  })

  test.each<Operation>(['observe', 'create', 'point'])('%s, of an image that was built', async (operation) => {
    const error = await refusing(operation, false).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RepositoryError)
    const place = { side: 'staging', repository: 'images', operation }
    expect(error).toMatchObject({ ...place, code: 'staging/refused', final: true, cause: refusal, outcomes: [{ verdict: 'failed' }] })
  })
})
