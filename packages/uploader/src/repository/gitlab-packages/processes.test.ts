import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { exitCodeOf } from '../../exit-code.js'
import { contentOf, memoryRepository, sampleBytes } from '../../testing/fixtures.js'
import type { Death } from '../../testing/image/mortal-client.js'
import type { Fault } from '../../testing/server/faults.js'
import { type Files, PackageReleases, type PackageReleasesOptions, type Process } from '../../testing/transfer/package-releases.js'

/*
 * Processes that die at any request, that release at the same time, and whose token ends. Statement 4 holds for each, and no file is
 * ever taken for another.
 */

const right = (data: Buffer) => contentOf(data).sha256
const good = ['published', 'already-public']

async function opened(packages: PackageReleasesOptions['packages'] = {}): Promise<PackageReleases> {
  const gitlab = await PackageReleases.start({ packages })
  onTestFinished(() => gitlab.close())
  return gitlab
}

let versions = 0
/** Two files of a new version: one is sent in pieces, as its end is held back. */
function twoFiles(): Files {
  const version = `1.0.${++versions}`
  return { [`hello/${version}/hello.tar.gz`]: sampleBytes(70_000, 1), [`hello/${version}/hello.txt`]: sampleBytes(900, 2) }
}

const lostAnswer: Fault = { on: { method: 'PUT' }, do: { commitThenReset: true } }
const broken: Fault = { on: { method: 'PUT' }, do: { reset: { afterBytes: 500 } } }
const ways: readonly (readonly [string, Pick<PackageReleasesOptions, 'packages'> & Process & { readonly faults?: readonly Fault[] }])[] = [
  ['as it is', {}],
  ['with staging', { role: 'staging' }],
  ['that refuses duplicates, and lists late', { packages: { duplicates: 'refused', lag: 3 } }],
  ['that never lists, and keeps its files on a storage', { packages: { lag: 1000, downloads: 'storage' } }],
  ['that loses an answer', { faults: [lostAnswer] }],
  ['that breaks off an upload', { faults: [broken] }],
]

describe.each(ways)('of a GitLab %s', (_, { packages, faults = [], role }) => {
  let gitlab: PackageReleases
  beforeAll(async () => {
    gitlab = await PackageReleases.start({ packages, isPlain: true })
  })
  afterAll(() => gitlab.close())

  async function run(files: Files, death?: Death) {
    gitlab.server.faults.clear()
    gitlab.server.faults.add(...faults)
    const released = await gitlab.release(files, { role, death })
    gitlab.server.faults.clear()
    return released
  }

  test('statement 4: a process that is killed before or after any request, and runs again, ends well and sends nothing that is there', async () => {
    const whole = await run(twoFiles())
    expect(exitCodeOf(whole.outcomes)).toBe(0)
    const steps = whole.asked.length
    expect(steps).toBeGreaterThanOrEqual(14)
    for (let at = 1; at <= steps; at++) {
      for (const when of ['before', 'after'] as const) {
        const files = twoFiles()
        const because = `killed ${when} request ${at} of ${steps}`
        const { outcomes } = await run(files, { at, when })
        for (const { path, verdict } of outcomes)
          if (good.includes(verdict)) expect(gitlab.digests(path, role), because).toEqual([right(files[path] ?? Buffer.of())])
        const missing = Object.keys(files).filter((path) => gitlab.digests(path, role).length === 0)
        const again = await gitlab.release(files, { role })
        expect(exitCodeOf(again.outcomes), because).toBe(0)
        // An upload that was under way can have ended after its process.
        expect(again.uploads, because).toBeLessThanOrEqual(missing.length)
        for (const [path, data] of Object.entries(files))
          expect(new Set(gitlab.digests(path, role)), because).toEqual(new Set([right(data)]))
      }
    }
  })
})

test('a project without staged files: after a kill before or after any of the first requests, staging works again', async () => {
  for (let at = 1; at <= 6; at++) {
    for (const when of ['before', 'after'] as const) {
      const gitlab = await PackageReleases.start({ isPlain: true, isProbed: false })
      const files = twoFiles()
      await gitlab.release(files, { role: 'staging', death: { at, when } })
      const again = await gitlab.release(files, { role: 'staging' })
      expect(exitCodeOf(again.outcomes), `killed ${when} request ${at}`).toBe(0)
      expect(gitlab.packages.all['stagegate-staging.probe/1'], `killed ${when} request ${at}`).toHaveLength(1)
      await gitlab.close()
    }
  }
})

describe('two releases at once', () => {
  const settings = [
    ['adds a second file', {}],
    ['refuses a second file', { duplicates: 'refused' }],
    ['refuses one unless two race', { duplicates: 'refused-unless-raced' }],
    ['answers 500 to the second that creates a package', { raceWith500: true }],
    ['lists late', { lag: 2 }],
  ] as const satisfies readonly (readonly [string, PackageReleasesOptions['packages']])[]

  test.each(settings)(
    'of the same files both end well where GitLab %s, one held before any request until the other has ended',
    async (_, options) => {
      const gitlab = await opened(options)
      for (const held of [0, 1, 5, 6]) {
        const files = { [`hello/2.0.${held}/hello.tar.gz`]: sampleBytes(3000, held + 1) }
        let other: Promise<Awaited<ReturnType<PackageReleases['release']>>> | undefined
        const begin = () => {
          other ??= gitlab.release(files, { token: gitlab.startJob() })
          return other
        }
        let requests = 0
        const hold = async () => {
          if (++requests === held) await begin()
        }
        // Held before none, they run side by side.
        const both = await Promise.all([gitlab.release(files, { hold }), ...(held === 0 ? [begin()] : [])])
        for (const { outcomes } of [...both, await begin()]) expect(exitCodeOf(outcomes), `held before request ${held}`).toBe(0)
        for (const [path, data] of Object.entries(files)) {
          const there = gitlab.digests(path)
          expect(new Set(there)).toEqual(new Set([right(data)]))
          expect(there.length).toBeLessThanOrEqual(2)
        }
        expect(await gitlab.release(files)).toMatchObject({ verdicts: ['already-public'], uploads: 0 })
      }
    },
  )

  test.each(settings)('of different versions never disturb each other where GitLab %s', async (_, options) => {
    const gitlab = await opened(options)
    const releases = [twoFiles(), twoFiles(), twoFiles()]
    const ended = await Promise.all(releases.map((files) => gitlab.release(files, { token: gitlab.startJob() })))
    for (const { outcomes } of ended) expect(exitCodeOf(outcomes)).toBe(0)
    for (const files of releases) for (const [path, data] of Object.entries(files)) expect(gitlab.digests(path)).toEqual([right(data)])
  })

  test.each(['public', 'staging'] as const)(
    'statement 1: of different bytes under one name, the later is refused and named, and nobody takes either afterwards (%s)',
    async (role) => {
      const gitlab = await opened()
      const path = 'hello/1.2.3/hello.tar.gz'
      const [ours, others] = [{ [path]: sampleBytes(3000, 1) }, { [path]: sampleBytes(3000, 2) }]
      const refused = { verdict: 'failed', problem: { code: 'repository/ambiguous' } }
      const late = await gitlab.release(ours, {
        role,
        hold: async ({ method }) => {
          if (method === 'PUT') expect(await gitlab.release(others, { role })).toMatchObject({ verdicts: ['published'] })
        },
      })
      expect(late.outcomes).toMatchObject([refused])
      expect(exitCodeOf(late.outcomes)).toBe(3)
      for (const files of [ours, others]) expect(await gitlab.release(files, { role })).toMatchObject({ outcomes: [refused], uploads: 0 })
      gitlab.deleteOthers(path, ours[path] ?? Buffer.of(), role)
      expect(await gitlab.release(ours, { role })).toMatchObject({ verdicts: ['already-public'] })
      expect(await gitlab.release(others, { role })).toMatchObject({ verdicts: ['conflict'], uploads: 0 })
    },
  )

  test('statement 1: where GitLab refuses duplicates, the later of different bytes is a conflict, and the earlier one stays', async () => {
    const gitlab = await opened({ duplicates: 'refused' })
    const path = 'hello/1.2.3/hello.tar.gz'
    const [ours, others] = [{ [path]: sampleBytes(3000, 1) }, { [path]: sampleBytes(3000, 2) }]
    const hold: Process['hold'] = async ({ method }) => {
      if (method === 'PUT') await gitlab.release(others)
    }
    expect(await gitlab.release(ours, { hold })).toMatchObject({ verdicts: ['conflict'] })
    expect(await gitlab.release(others)).toMatchObject({ verdicts: ['already-public'], uploads: 0 })
  })
})

describe('a token that ends', () => {
  test('before its first request is refused, as any that GitLab never knew', async () => {
    const gitlab = await opened()
    const token = gitlab.startJob()
    gitlab.jobs.end(token)
    const { outcomes, asked } = await gitlab.release(twoFiles(), { token })
    for (const { verdict, problem } of outcomes) expect([verdict, problem?.code]).toEqual(['failed', 'repository/refused'])
    expect(asked.length).toBeLessThanOrEqual(4)
  })

  test.each(['public', 'staging'] as const)('in the middle leaves the rest undone, and the next job finishes it (%s)', async (role) => {
    const gitlab = await opened()
    for (const at of [3, 5, 6, 10, 14]) {
      const files = twoFiles()
      const token = gitlab.startJob()
      let requests = 0
      const hold = async () => {
        if (++requests === at) gitlab.jobs.end(token)
      }
      const { outcomes, asked } = await gitlab.release(files, { role, token, hold })
      expect(exitCodeOf(outcomes)).toBe(4)
      for (const { verdict, problem } of outcomes.filter((one) => !good.includes(one.verdict)))
        expect([verdict, problem?.code]).toEqual(['undetermined', 'repository/job-over'])
      expect(asked.length).toBeLessThan(40)
      const missing = Object.keys(files).filter((path) => gitlab.digests(path, role).length === 0)
      const again = await gitlab.release(files, { role })
      expect(exitCodeOf(again.outcomes)).toBe(0)
      expect(again.uploads).toBe(missing.length)
    }
  })

  test('while staged files are read is reported, and the next job publishes them', async () => {
    const gitlab = await opened({ downloads: 'storage' })
    const files = twoFiles()
    await gitlab.release(files, { role: 'staging' })
    const token = gitlab.startJob()
    const hold: Process['hold'] = async ({ path }) => {
      if (path.includes('/generic/')) gitlab.jobs.end(token)
    }
    const mirror = memoryRepository()
    const { outcomes } = await gitlab.publish(files, mirror, { token, hold })
    expect(exitCodeOf(outcomes)).toBe(4)
    for (const { problem } of outcomes) expect(problem).toMatchObject({ code: 'repository/job-over', side: 'source' })
    expect(mirror.files.size).toBe(0)
    expect(exitCodeOf((await gitlab.publish(files, mirror)).outcomes)).toBe(0)
    expect(Object.fromEntries(mirror.files)).toEqual(files)
  })
})
