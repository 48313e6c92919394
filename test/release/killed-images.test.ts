import { createCipheriv } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  digestOf,
  type JsonObject,
  later,
  type Outcome,
  type PlannedRepository,
  parseReleaseManifest,
  parseReleasePlan,
  type ReleasePlan,
} from '@stagegate/schema'
import { builtLayout, seal, systemClock } from '@stagegate/uploader'
import { type RegistryServer, startRegistry } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ca, tls } from '../authority.js'
import { Layout } from '../tasks/layout.mjs'
import { originOf } from '../tasks/publishing.mjs'
import { startRegistry as startDockerRegistry } from '../tasks/servers.mjs'
import { atEach, killing, spread } from './crash/killing.js'
import { perform, type Work } from './crash/perform.js'
import { filesIn, layoutPlace, outlastLocks, type Place, remotePlace, servedPlace, wholeOf } from './crash/places.js'
import { temporaryFolder } from './files.js'

const { until, stepsOf } = killing()

const base = temporaryFolder()
const built = join(base, 'dist/image')
/** Two platforms that share a layer, an SBOM, and a signature under cosign's tag: all that an image can consist of. */
function buildImage(): void {
  const layout = new Layout(built)
  const bytesOf = (size: number, seed: number) =>
    createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(size))
  // More than is held back of it, and less.
  const [large, small] = [layout.blob(bytesOf(150_000, 1)), layout.blob(bytesOf(500, 2))]
  const index = layout.index([layout.manifest([large, small]), layout.manifest([large], { architecture: 'arm64' })])
  const { mediaType, digest, size } = index
  layout.tag('built', index)
  layout.tag(
    'sbom',
    layout.manifest([layout.blob(Buffer.from('{"sbom":1}'), 'application/spdx+json')], { subject: { mediaType, digest, size } }),
  )
  layout.tag(`${digest.replace(':', '-')}.sig`, layout.manifest([layout.blob(Buffer.from('signature'), 'application/octet-stream')]))
}

const inLayout = (path: string) => ({ type: 'oci-layout', origin: '', settings: { path } })
// The layer goes in two pieces.
const inRegistry = (url: string, prefix: string) => ({ type: 'registry', origin: url, settings: { prefix, pieceSize: 90_000 } })
type Where = ReturnType<typeof inLayout> | ReturnType<typeof inRegistry>

function planned(role: PlannedRepository['role'], where: Where): JsonObject {
  return { role, ...where, settings: { ...where.settings }, credentials: { read: [], write: [] }, ...(where.origin !== '' && { ca }) }
}

function planFor(staging: Where, stable: Where): ReleasePlan {
  const jobs = { build: 'build', stage: 'stage', seal: 'seal', publish: 'publish', verify: 'verify' }
  const tags = ['version', 'latest', 'minor'].map((name) => ({ name, kinds: ['release'] }))
  const target = {
    id: 'hello',
    optional: false,
    what: { type: 'image', image: 'hello', layout: 'dist/image', tags },
    verify: 'oci',
    jobs,
    routes: { release: { staging: 'staging', public: [{ repository: 'stable', advisory: false }] } },
  }
  const plan = {
    apiVersion: 'stagegate/v1',
    kind: 'ReleasePlan',
    generator: 'a test',
    project: { url: 'https://gitlab.example' },
    records: { type: 'directory', path: 'seals' },
    allowedVariables: [],
    kinds: {
      release: { when: { fact: 'tag', operator: '=~', operand: '^v' }, version: { tag: '^v(\\d+\\.\\d+\\.\\d+)$' }, publishes: true },
    },
    repositories: { staging: planned('staging', staging), stable: planned('public', stable) },
    releases: [{ id: 'acme', hold: 3600, approval: 'each', jobs: { seal: 'seal' }, deployments: [], targets: [target] }],
  }
  return parseReleasePlan(JSON.stringify(plan), 'the test’s plan')
}

/** Of a release whose image is staged and sealed, but not published. */
async function releaseOf(staging: Where, stable: Where): Promise<Work> {
  const plan = planFor(staging, stable)
  const origin = originOf(digestOf(plan), 'v1.2.3')
  const now = systemClock.now()
  const record = { apiVersion: 'stagegate/v1', kind: 'StagingRecord', origin, release: 'acme', target: 'hello' } as const
  const { content } = await builtLayout(built)
  const coordinates = { format: 'image', image: 'hello', tag: 'aaaaaaaa-100' } as const
  const artifact = { coordinates, content, repository: 'staging', location: `hello/manifests/sha256:${content.sha256}` }
  const records = [{ ...record, artifacts: [artifact], stagedAt: now, expiresAt: later(now, 86_400) }]
  const manifest = seal(plan, records, { origin, now })
  return { verb: 'publish', plan, origin, base, built: { hello: built }, records, manifest, seals: 'seals', now, variables: {} }
}

interface Ended {
  readonly roots: Readonly<Record<string, string>>
  readonly parts: Readonly<Record<string, number>>
}
async function endOf(place: Place): Promise<Ended> {
  return { roots: await place.roots(), parts: await wholeOf(place) }
}

/** What is in a place by now is whole, moving tags came last, and nothing leads to what the whole work would not have made. */
async function expectSound(place: Place, whole: Ended, because: string): Promise<void> {
  const { roots, parts } = await endOf(place)
  expect(whole.roots, because).toMatchObject(roots)
  expect(whole.parts, because).toMatchObject(parts)
  const [first, ...later] = ['1.2.3', 'latest', '1.2'].map((tag) => roots[tag] !== undefined)
  if (later.includes(true)) expect(first, because).toBe(true)
}

/** The parts of the whole that a place has, whether or not anything leads to them. */
async function partsIn(place: Place, { parts }: Ended): Promise<readonly string[]> {
  const there = await Promise.all(
    Object.keys(parts).map(async (digest) => {
      const found = (await place.read('blobs', digest)) ?? (await place.read('manifests', digest))
      return found === undefined ? [] : [digest]
    }),
  )
  return there.flat()
}

/** Not `exactly`: what was on its way when the process was killed can have arrived since. */
function expectOnlyMissing(
  [outcome]: readonly Outcome[],
  { parts }: Ended,
  before: readonly string[],
  exactly: boolean,
  because: string,
): void {
  const missing = Object.entries(parts).filter(([digest]) => !before.includes(digest))
  const bytes = missing.reduce((sum, [, size]) => sum + size, 0)
  if (exactly) expect(outcome?.bytesSent, because).toBe(bytes)
  else expect(outcome?.bytesSent, because).toBeLessThanOrEqual(bytes)
  expect(['published', 'already-public'], because).toContain(outcome?.verdict)
}

beforeAll(buildImage)

describe('in layouts', () => {
  test.each([
    ['stage', { least: 600, most: 24 }],
    ['publish', { least: 400, most: 28 }],
  ] as const)(
    'statement 4: %s of an image, killed at any step and run again, sends what was missing and nothing else',
    { timeout: 300_000 },
    async (verb, count) => {
      const at = (point: string) => (verb === 'stage' ? [`staging-${point}`, 'unused'] : ['staging', `stable-${point}`]) as [string, string]
      const working = async (point: string): Promise<Work> => {
        const [staging, stable] = at(point)
        return { ...(await releaseOf(inLayout(staging), inLayout(stable))), verb }
      }
      const folderOf = (point: string) => join(base, at(point)[verb === 'stage' ? 0 : 1], 'hello')
      if (verb === 'publish') await perform({ ...(await working('whole')), verb: 'stage' })
      const steps = await stepsOf(await working('whole'))
      const whole = await endOf(layoutPlace(folderOf('whole')))
      await atEach(spread(steps, count), async (step) => {
        const because = `after step ${step}`
        const [work, folder] = [await working(String(step)), folderOf(String(step))]
        const killed = await until(work, step)
        expect(killed.exitCode, killed.output).toBe(137)
        const place = layoutPlace(folder)
        await expectSound(place, whole, because)
        const [before, files] = [await partsIn(place, whole), filesIn(folder)]
        outlastLocks(folder)
        const { outcomes, records } = await perform(work)
        expect(await endOf(place), because).toEqual(whole)
        expect(
          readdirSync(folder).filter((name) => name.startsWith('.index.lock')),
          because,
        ).toEqual([])
        // Not one of those that were there was written again.
        expect([...filesIn(folder)], because).toEqual(expect.arrayContaining([...files]))
        if (verb === 'publish') expectOnlyMissing(outcomes, whole, before, true, because)
        else
          expect(
            records.map(({ artifacts }) => artifacts),
            because,
          ).toEqual(work.records.map(({ artifacts }) => artifacts))
      })
    },
  )

  test('statement 4: sealing an image, killed at any step and run again, records one manifest', { timeout: 300_000 }, async () => {
    const release = await releaseOf(inLayout('staging'), inLayout('unused'))
    const sealing = (seals: string): Work => ({ ...release, verb: 'seal', seals })
    await atEach(spread(await stepsOf(sealing('seals-whole')), { least: 8, most: 20 }), async (step) => {
      const work = sealing(`seals-${step}`)
      const killed = await until(work, step)
      expect(killed.exitCode, killed.output).toBe(137)
      const { manifest } = await perform(work)
      const folder = join(base, work.seals)
      const recorded = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'))
      expect(recorded, `after step ${step}`).toHaveLength(1)
      expect(parseReleaseManifest(readFileSync(join(folder, recorded[0] ?? ''), 'utf8'), 'the record')).toEqual(manifest)
      expect(manifest.targets[0]?.tags?.map(({ tag }) => tag)).toEqual(['1.2.3', 'latest', '1.2'])
    })
  })
})

/** Kills the work at a step and does it again: what is public is sound in between, and whole at the end. `before`: what was there then. */
async function killedAndDone(work: Work, step: number, place: Place, whole: Ended) {
  const because = `after step ${step}`
  const killed = await until(work, step)
  // The steps of a run differ a little with the timing of its connections: some end before the point.
  expect([0, 137], killed.output).toContain(killed.exitCode)
  await expectSound(place, whole, because)
  const before = await partsIn(place, whole)
  const done = await perform(work)
  expect(await endOf(place), because).toEqual(whole)
  return { ...done, before }
}

describe('in a registry', () => {
  let server: RegistryServer
  beforeAll(async () => {
    server = await startRegistry({ tls })
  })
  afterAll(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })

  const uploadsTo = (name: string) =>
    server.requests.filter(({ method, path }) => method === 'PUT' && path.startsWith(`/v2/${name}/blobs/`)).length

  test.each([
    ['stage', 'a layout', { least: 400, most: 24 }],
    ['publish', 'a layout', { least: 250, most: 40 }],
    ['publish', 'the same registry', { least: 80, most: 16 }],
  ] as const)(
    'statement 4: %s of an image from %s, killed at any step and run again, sends what was under way and nothing else',
    { timeout: 300_000 },
    async (verb, from, count) => {
      const name = `${verb}-${from.replaceAll(' ', '-')}`
      const staging = from === 'a layout' ? inLayout('docker-staging') : inRegistry(server.url, `${name}-staging`)
      const working = async (point: string | number): Promise<Work> => {
        const place = inRegistry(server.url, `${name}-${point}`)
        return { ...(await (verb === 'stage' ? releaseOf(place, inLayout('unused')) : releaseOf(staging, place))), verb }
      }
      if (verb === 'publish') await perform({ ...(await working('whole')), verb: 'stage' })
      const steps = await stepsOf(await working('whole'))
      const placeAt = (point: string | number) => servedPlace(server, `${name}-${point}/hello`)
      const whole = await endOf(placeAt('whole'))
      const blobs = uploadsTo(`${name}-whole/hello`)
      await atEach(spread(steps, count), async (step) => {
        const because = `after step ${step}`
        const [work, place] = [await working(step), placeAt(step)]
        const { before, outcomes, records } = await killedAndDone(work, step, place, whole)
        // What was under way can have arrived twice.
        expect(uploadsTo(`${name}-${step}/hello`), because).toBeLessThanOrEqual(blobs + 1)
        if (verb === 'publish') expectOnlyMissing(outcomes, whole, before, false, because)
        else
          expect(
            records.map(({ artifacts }) => artifacts),
            because,
          ).toEqual(work.records.map(({ artifacts }) => artifacts))
      })
    },
  )
})

test('statement 4: publishing an image to docker-registry, killed at any step and run again, sends what was under way and nothing else', {
  timeout: 120_000,
}, async () => {
  const server = await startDockerRegistry(temporaryFolder())
  try {
    const working = (point: string | number) => releaseOf(inLayout('docker-staging'), inRegistry(server.url, `one-${point}`))
    await perform({ ...(await working('whole')), verb: 'stage' })
    const steps = await stepsOf(await working('whole'))
    const placeAt = (point: string | number) => remotePlace(server.url, `one-${point}/hello`)
    const whole = await endOf(placeAt('whole'))
    await atEach(spread(steps, { least: 250, most: 10 }), async (step) => {
      const { before, outcomes } = await killedAndDone(await working(step), step, placeAt(step), whole)
      expectOnlyMissing(outcomes, whole, before, false, `after step ${step}`)
    })
  } finally {
    await server.stop()
  }
})
