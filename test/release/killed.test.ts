import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  isPackage,
  type JsonObject,
  parseReceipt,
  parseReleaseManifest,
  parseReleasePlan,
  parseStaging,
  parseStagingRecord,
  type ReleasePlan,
  type StagingRecord,
} from '@stagegate/schema'
import { makeDeb, type PackagecloudServer, startPackagecloud } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tls } from '../authority.js'
import { capture } from '../tasks/rehearsal.mjs'
import { atEach, dieAt, killing, spread } from './crash/killing.js'
import { type Done, perform, type Work } from './crash/perform.js'
import { contentOf, packagesIn, temporaryFolder } from './files.js'
import { packagecloudRepositories, targets, World } from './world.js'

const command = new URL('../../packages/cli/dist/stagegate.mjs', import.meta.url).pathname
// Less than is held back of an artifact, more, and much more: steps fall before, into and after their bodies.
const sizes: Readonly<Record<string, number>> = { 'ubuntu/jammy': 0, 'debian/bookworm': 200_000, 'any/any': 3 * 2 ** 20 }

const { until: workUntil, stepsOf } = killing()

/** A release of packages of all sizes, staged and sealed by the command. */
async function releaseOf(options: Parameters<typeof World.built>[0] = {}) {
  const world = await World.built(options)
  for (const { id, name, architecture } of targets)
    writeFileSync(world.path(world.built(id)), makeDeb({ name, version: '1.2.3-1', architecture, size: sizes[id] }))
  for (const { id } of targets) await world.succeed(['stage', '--target', id, world.built(id)])
  await world.succeed(['seal'])
  const records = readdirSync(world.path('.stagegate/records')).map((file) =>
    parseStagingRecord(world.read(`.stagegate/records/${file}`), file),
  )
  const manifest = parseReleaseManifest(world.read('.stagegate/release-manifest.json'), 'the manifest')
  const plan = parseReleasePlan(world.read('release-plan.json'), 'the plan')
  const work: Omit<Work, 'verb'> = {
    plan,
    origin: manifest.origin,
    base: world.checkout,
    built: Object.fromEntries(targets.map(({ id }) => [id, world.path(world.built(id))])),
    records,
    manifest,
    seals: 'seals',
    now: manifest.sealedAt,
    variables: world.variables,
  }
  return { world, work }
}

/** The same work, with a repository in another place. */
function elsewhere(work: Omit<Work, 'verb'>, name: 'staging' | 'stable', settings: JsonObject): Omit<Work, 'verb'> {
  const planned = work.plan.repositories[name]
  if (planned === undefined) throw new Error(`Expected a repository ${name}`)
  const plan: ReleasePlan = { ...work.plan, repositories: { ...work.plan.repositories, [name]: { ...planned, settings } } }
  return { ...work, plan }
}

function recordFor({ work }: Pick<Release, 'work'>, target: string): StagingRecord {
  const record = work.records.find((one) => one.target === target)
  if (record === undefined) throw new Error(`Expected a record of ${target}`)
  return record
}

/** By their verdicts: where artifacts are, and how many bytes were sent again. */
function said({ outcomes }: Done) {
  const places = (wanted: string) =>
    outcomes.flatMap(({ coordinates, verdict }) =>
      verdict === wanted && isPackage(coordinates) ? [`${coordinates.distribution}/${coordinates.file}`] : [],
    )
  return {
    published: places('published'),
    there: places('already-public'),
    bytes: outcomes.reduce((sum, { bytesSent }) => sum + bytesSent, 0),
  }
}

type Release = Awaited<ReturnType<typeof releaseOf>>

function sizeOf({ work }: Release, without: readonly string[]): number {
  const artifacts = work.manifest.targets.flatMap(({ artifacts: all }) => all)
  return artifacts
    .filter(({ coordinates }) => isPackage(coordinates) && !without.includes(`${coordinates.distribution}/${coordinates.file}`))
    .reduce((sum, { content }) => sum + content.size, 0)
}

describe('a directory', () => {
  let release: Release
  beforeAll(async () => {
    release = await releaseOf()
  }, 300_000)
  const at = (path: string) => release.world.path(path)
  const partsIn = (folder: string) => Object.keys(contentOf(folder)).filter((path) => path.endsWith('.part'))
  /** The packages of a folder: each has its digest beside it, as `sha256sum --check` reads it. */
  const indexedPackages = (folder: string): Readonly<Record<string, string>> => {
    const found = packagesIn(folder)
    for (const [path, sha256] of Object.entries(found))
      expect(readFileSync(join(folder, '.sha256', path), 'utf8')).toBe(`${sha256}  ${path}\n`)
    return found
  }
  /** The packages that a killed process left: complete, with their index, and at most one more half sent. */
  const soundPackages = (folder: string, expected: Readonly<Record<string, string>>): readonly string[] => {
    const found = indexedPackages(folder)
    expect(expected).toMatchObject(found)
    const halves = partsIn(folder).filter((path) => !path.startsWith('.sha256'))
    expect(halves.length, 'half-sent artifacts').toBeLessThanOrEqual(1)
    return Object.keys(found)
  }

  test('statement 4: staging in it, killed at any step and run again, ends with the same files and the same record', {
    timeout: 240_000,
  }, async () => {
    const expected = packagesIn(at('repositories/staging'))
    const stage = (path: string): Work => ({ verb: 'stage', ...elsewhere(release.work, 'staging', { path }) })
    const points = spread(await stepsOf(stage('staging-whole')), { least: 150, most: 160 })
    await atEach(points, async (point) => {
      const work = stage(`staging-${point}`)
      const folder = at(`staging-${point}`)
      const killed = await workUntil(work, point)
      expect(killed.exitCode, killed.output).toBe(137)
      soundPackages(folder, expected)
      const { records } = await perform(work)
      expect(records.map(({ artifacts }) => artifacts)).toEqual(targets.map(({ id }) => recordFor(release, id).artifacts))
      expect(indexedPackages(folder), `after step ${point}`).toEqual(expected)
    })
  })

  test('statement 4: sealing in it, killed at any step and run again, records one manifest', { timeout: 300_000 }, async () => {
    const seal = (seals: string): Work => ({ ...release.work, verb: 'seal', seals })
    const points = spread(await stepsOf(seal('seals-whole')), { least: 8, most: 40 })
    await atEach(points, async (point) => {
      const work = seal(`seals-${point}`)
      const killed = await workUntil(work, point)
      expect(killed.exitCode, killed.output).toBe(137)
      // A retry of the job has another number.
      const origin = { ...work.origin, job: { ...work.origin.job, id: 2 } }
      const { manifest } = await perform({ ...work, origin })
      const recorded = Object.keys(contentOf(at(work.seals))).filter((path) => path.endsWith('.json'))
      expect(recorded, `after step ${point}`).toHaveLength(1)
      expect(parseReleaseManifest(readFileSync(at(join(work.seals, recorded[0] ?? '')), 'utf8'), 'the record')).toEqual(manifest)
      expect(manifest.targets).toEqual(release.work.manifest.targets)
    })
  })

  test.each([
    ['publishing', { verb: 'publish', least: 165, most: 150 }],
    ['releasing from a program', { verb: 'release', least: 120, most: 50 }],
  ] as const)(
    'statement 4: %s to it, killed at any step and run again, moves only what is missing',
    {
      timeout: 240_000,
    },
    async (_, { verb, ...steps }) => {
      const expected = packagesIn(at('repositories/staging'))
      const publish = (path: string): Work => ({ verb, ...elsewhere(release.work, 'stable', { path }) })
      const points = spread(await stepsOf(publish(`${verb}-whole`)), steps)
      await atEach(points, async (point) => {
        const work = publish(`${verb}-${point}`)
        const folder = at(`${verb}-${point}`)
        const killed = await workUntil(work, point)
        expect(killed.exitCode, killed.output).toBe(137)
        const before = soundPackages(folder, expected)
        const parts = partsIn(folder)

        const { there, published, bytes } = said(await perform(work))
        const because = `after step ${point}`
        expect(there.sort(), because).toEqual(before)
        expect(published, because).toHaveLength(targets.length - before.length)
        expect(bytes, because).toBe(sizeOf(release, before))
        expect(indexedPackages(folder), because).toEqual(expected)
        // What the crash left half-written is never taken for a package, and never touched.
        expect(partsIn(folder), because).toEqual(parts)
      })
    },
  )
})

describe('packagecloud', () => {
  const most = 120
  let server: PackagecloudServer
  let release: Release
  beforeAll(async () => {
    const names = Array.from({ length: most * 20 }, (_, index) => [`acme/staging-${index}`, `acme/stable-${index}`]).flat()
    server = await startPackagecloud({
      tls,
      repositories: Object.fromEntries(
        ['acme/staging', 'acme/stable', ...names].map((name) => [
          name,
          { token: name.includes('staging') ? 'one' : 'two', private: false },
        ]),
      ),
    })
    release = await releaseOf({
      variables: { STAGING_TOKEN: 'one', PUBLIC_TOKEN: 'two' },
      repositories: packagecloudRepositories(server.url),
    })
  }, 300_000)
  afterAll(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  const packagesAt = (repository: string): Readonly<Record<string, string>> =>
    Object.fromEntries(server.packages(repository).map(({ distribution, file, digests }) => [`${distribution}/${file}`, digests.sha256]))
  const uploadsTo = (repository: string) =>
    server.requests.filter(({ method, path }) => method === 'POST' && path.startsWith(`/api/v1/repos/${repository}/`)).length

  test.each(['stage', 'publish'] as const)(
    'statement 4: %s, killed at any step and run again, sends again what was under way and nothing else',
    {
      timeout: 240_000,
    },
    async (verb) => {
      const name = verb === 'stage' ? 'staging' : 'stable'
      const expected = packagesAt('acme/staging')
      const working = (repository: string): Work => ({ verb, ...elsewhere(release.work, name, { repository }) })
      const steps = await stepsOf(working(`acme/${name}-0`))
      const points = spread(steps, verb === 'stage' ? { least: 100, most } : { least: 50, most })
      await atEach(points, async (point) => {
        const repository = `acme/${name}-${point}`
        const work = working(repository)
        const killed = await workUntil(work, point)
        // The steps of a run differ a little with the timing of its connections: some end before the point.
        expect([0, 137], killed.output).toContain(killed.exitCode)
        const before = packagesAt(repository)
        expect(expected).toMatchObject(before)

        const because = `after step ${point}`
        const done = await perform(work)
        expect(packagesAt(repository), because).toEqual(expected)
        // One for each, and at most one more: what was under way.
        expect(uploadsTo(repository), because).toBeLessThanOrEqual(targets.length + 1)
        if (verb === 'stage') return
        const { there, published, bytes } = said(done)
        expect(there, because).toEqual(expect.arrayContaining(Object.keys(before)))
        expect([...there, ...published].sort(), because).toEqual(Object.keys(expected).sort())
        expect(bytes, because).toBeLessThanOrEqual(sizeOf(release, Object.keys(before)))
      })
    },
  )
})

describe('the command', () => {
  /** Runs it, to be killed before that step. */
  const commandUntil = (world: World, words: readonly string[], step: number, countFile = '') =>
    capture(process.execPath, ['--import', dieAt, command, ...words], {
      cwd: world.checkout,
      timeout: 60_000,
      variables: { STAGEGATE_REHEARSAL: '1', DIE_AT: String(step), DIE_COUNT: countFile },
    })
  const stepsOfCommand = async (world: World, words: readonly string[]): Promise<number> => {
    const file = join(temporaryFolder(), 'steps')
    const whole = await commandUntil(world, words, -1, file)
    expect(whole.exitCode, whole.output).toBe(0)
    return JSON.parse(readFileSync(file, 'utf8')).steps
  }

  test('statement 4: killed at any step, it leaves no document that cannot be read, and none missing of what it has done; and writes them again', {
    timeout: 240_000,
  }, async () => {
    const built = await World.built()
    const sealed = await World.sealed()
    const [{ id }] = targets
    const [record, manifest, receipt] = [
      `.stagegate/records/${encodeURIComponent(id)}.json`,
      '.stagegate/release-manifest.json',
      '.stagegate/receipts/all.json',
    ]
    const ways = [
      {
        from: built,
        words: ['stage', '--target', id, built.built(id)],
        document: record,
        there: parseStaging,
        whole: parseStagingRecord,
        to: 'repositories/staging',
      },
      { from: sealed, words: ['seal'], document: manifest, there: parseReleaseManifest, whole: parseReleaseManifest, to: 'none' },
      { from: sealed, words: ['publish'], document: receipt, there: parseReceipt, whole: parseReceipt, to: 'repositories/stable' },
    ]
    for (const { from, words, document, there, whole, to } of ways) {
      await atEach(spread(await stepsOfCommand(from.copy(), words), { least: 20, most: 40 }), async (step) => {
        const world = from.copy()
        const killed = await commandUntil(world, words, step)
        expect([0, 137], killed.output).toContain(killed.exitCode)
        const left = existsSync(world.path(document)) ? there(world.read(document), document) : undefined
        // Also of those that it had not come to.
        if (left?.kind === 'Receipt') expect(left.outcomes).toHaveLength(targets.length)
        if (Object.keys(packagesIn(world.path(to))).length > 0) expect(left, `after step ${step}`).toBeDefined()
        const done = left?.kind === 'Receipt' ? left.outcomes.filter(({ verdict }) => verdict === 'published') : []
        expect(done.length).toBeLessThanOrEqual(Object.keys(packagesIn(world.path(to))).length)
        await world.succeed(words)
        whole(world.read(document), document)
        if (words[0] === 'seal') await world.succeed(['publish'])
      })
    }
  })
})
