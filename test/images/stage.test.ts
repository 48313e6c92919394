// A whole release of an image that the build has pushed to staging.
import { join } from 'node:path'
import { parseReleasePlan, digestOf as planDigest, type ReleasePlan } from '@stagegate/schema'
import { createEnvironment, foresee, openRepositories, publish, seal, stage, verify } from '@stagegate/uploader'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { originOf } from '../tasks/publishing.mjs'
import type { Running } from '../tasks/servers.mjs'
import { docker, pushImage } from './image.js'
import { startRegistry } from './registry.js'
import { copy, digestOf } from './skopeo.js'

const folder = temporaryFolder()
let staging: Running
let stable: Running
beforeAll(async () => {
  ;[staging, stable] = await Promise.all([startRegistry(join(folder, 'staging')), startRegistry(join(folder, 'stable'))])
})
afterAll(() => Promise.all([staging.stop(), stable.stop()]))

function planFor(platforms: readonly string[]): ReleasePlan {
  const jobs = { build: 'build', stage: 'stage', seal: 'seal', publish: 'publish', verify: 'verify' }
  const repository = (role: string, origin: string, prefix: string) => ({
    role,
    type: 'registry',
    origin,
    settings: { prefix },
    credentials: { read: [], write: [] },
  })
  const tags = ['version', 'latest'].map((name) => ({ name, kinds: ['release'] }))
  const target = {
    id: 'hello',
    optional: false,
    what: { type: 'image', image: 'hello', platforms, tags },
    verify: 'oci',
    jobs,
    routes: { release: { staging: 'staging', public: [{ repository: 'stable', image: 'world', advisory: false }] } },
  }
  const plan = {
    apiVersion: 'stagegate/v1',
    kind: 'ReleasePlan',
    generator: 'a test',
    project: { url: 'https://gitlab.example' },
    records: { type: 'gitlab' },
    allowedVariables: [],
    kinds: {
      release: { when: { fact: 'tag', operator: '=~', operand: '^v' }, version: { tag: '^v(\\d+\\.\\d+\\.\\d+)$' }, publishes: true },
    },
    repositories: {
      staging: repository('staging', staging.url, 'builds'),
      stable: repository('public', stable.url, 'acme'),
    },
    releases: [{ id: 'acme', hold: 3600, approval: 'each', jobs: { seal: 'seal' }, deployments: [], targets: [target] }],
  }
  return parseReleasePlan(JSON.stringify(plan), 'the test’s plan')
}

function world(platforms = ['linux/amd64', 'linux/arm64']) {
  const plan = planFor(platforms)
  const origin = originOf(planDigest(plan), 'v1.2.3')
  const environment = createEnvironment({ variables: {}, base: folder, rehearsal: true })
  const open = (access: 'write' | 'users') =>
    openRepositories(
      plan,
      new Map([
        ['staging', 'write'],
        ['stable', access],
      ]),
      environment,
    )
  const staged = (tag?: string) => stage(plan, { target: 'hello', files: [], origin, tag, repositories: open('write') })
  return { plan, origin, open, staged }
}

test('an image that skopeo pushed is staged by its digest, sealed, published and verified', async () => {
  const image = await pushImage(folder, staging.url, 'builds/hello', 1)
  const { plan, origin, open, staged } = world()
  const record = await staged('staged')
  expect(record.artifacts).toMatchObject([
    {
      coordinates: { format: 'image', image: 'hello', tag: 'staged' },
      content: { sha256: image.index.digest.slice(7), size: image.index.size },
      location: `hello/manifests/${image.index.digest}`,
    },
  ])
  // The build moves its tag on; the release is what was staged.
  const other = await pushImage(folder, staging.url, 'builds/hello', 10)
  const manifest = seal(plan, [record], { origin, now: record.stagedAt })
  expect(await foresee(manifest, { repositories: open('write'), origin })).toMatchObject([
    {
      would: 'publish',
      image: {
        graph: 'absent',
        tags: [
          { tag: '1.2.3', before: null },
          { tag: 'latest', before: null },
        ],
      },
    },
  ])
  const { outcomes } = await publish(manifest, { repositories: open('write'), origin })
  expect(outcomes).toMatchObject([{ verdict: 'published', coordinates: { image: 'world', tag: '1.2.3' } }])
  expect(await foresee(manifest, { repositories: open('write'), origin })).toMatchObject([
    { would: 'already-public', image: { graph: 'present' } },
  ])
  const { findings } = await verify(manifest, { repositories: open('users'), origin, deadline: 0 })
  expect(findings).toMatchObject([{ found: 'sealed-bytes', coordinates: { image: 'world', tag: '1.2.3' } }])
  for (const tag of ['1.2.3', 'latest']) expect(await digestOf(docker(stable.url, `acme/world:${tag}`))).toBe(image.index.digest)
  expect(other.index.digest).not.toBe(image.index.digest)
})

test('without a tag of its own, it is the one of commit and pipeline', async () => {
  await pushImage(folder, staging.url, 'builds/hello', 20)
  await expect(world().staged()).rejects.toMatchObject({ code: 'usage/no-image', what: 'there is no image hello:aaaaaaaa-100 in staging' })
  await copy(docker(staging.url, 'builds/hello:staged'), docker(staging.url, 'builds/hello:aaaaaaaa-100'))
  expect((await world().staged()).artifacts).toHaveLength(1)
})

test('an image for other platforms than planned is refused', async () => {
  await pushImage(folder, staging.url, 'builds/hello', 30)
  await expect(world(['linux/amd64']).staged('staged')).rejects.toMatchObject({ code: 'usage/platforms' })
})
