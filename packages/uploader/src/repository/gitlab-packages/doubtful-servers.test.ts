import { instant, type Verdict } from '@stagegate/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PublicRepository, StagingRepository } from '../../contract/capabilities.js'
import { exitCodeOf } from '../../exit-code.js'
import {
  contentOf,
  itemOf,
  manifestOf,
  memoryRepository,
  originOf,
  planOf,
  sampleBytes,
  soon,
  virtualClock,
} from '../../testing/fixtures.js'
import { RateLimits } from '../../testing/gitlab/rate-limits.js'
import type { Fault, Misbehaviour } from '../../testing/server/faults.js'
import { PackageReleases, type PackageReleasesOptions } from '../../testing/transfer/package-releases.js'
import { publish } from '../../verb/publish.js'

/* Servers whose word is not to be had, or not to be trusted; and people who add and delete files. */

const path = 'hello/1.2.3/hello.tar.gz'
const data = sampleBytes(70_000)
const other = sampleBytes(900, 2)
const files = { [path]: data }
const right = contentOf(data).sha256
const [published, already] = [
  { verdicts: ['published'], uploads: 1 },
  { verdicts: ['already-public'], uploads: 0 },
]

async function opened(options: PackageReleasesOptions = {}) {
  const gitlab = await PackageReleases.start(options)
  onTestFinished(() => gitlab.close())
  return gitlab
}

const download = { method: 'GET', path: /^\/gitlab-packages\// }
const downloads = {
  'a reset': { reset: 'before-body' },
  'half of the bytes': { truncateAnswer: 30_000 },
  'all bytes but one': { truncateAnswer: 69_999 },
  'other bytes': { serveOtherBytes: true },
  'an address that has expired': { answer: 403 },
  'a storage in trouble': { answer: 500 },
  'a storage that is busy': { answer: 503, headers: { 'retry-after': '7' } },
} as const satisfies Readonly<Record<string, Misbehaviour>>
const rows = Object.entries(downloads) as readonly (readonly [keyof typeof downloads, Misbehaviour])[]

describe('a storage that gives', () => {
  test.each(rows)('%s to a look, where lists say nothing, hides nothing and makes nothing public', async (name, fault) => {
    const gitlab = await opened({ packages: { lag: 1000, downloads: 'storage' } })
    expect(await gitlab.release(files)).toMatchObject(published)
    gitlab.server.faults.add({ on: download, times: Number.POSITIVE_INFINITY, do: fault })
    const wrong: Verdict = name === 'other bytes' ? 'conflict' : name === 'an address that has expired' ? 'failed' : 'undetermined'
    expect(await gitlab.release(files)).toMatchObject({ verdicts: [wrong], uploads: 0 })
    gitlab.server.faults.clear()
    expect(await gitlab.release(files)).toMatchObject(already)
    expect(gitlab.digests(path)).toEqual([right])
  })

  test.each(rows)('%s of what is staged publishes nothing else, and the next run publishes it', async (name, fault) => {
    const gitlab = await opened({ packages: { downloads: 'storage' } })
    expect(await gitlab.release(files, { role: 'staging' })).toMatchObject(published)
    gitlab.server.faults.add({ on: download, times: Number.POSITIVE_INFINITY, do: fault })
    const wrong: Verdict = name === 'other bytes' ? 'tampered' : name === 'an address that has expired' ? 'failed' : 'undetermined'
    const { verdicts, to } = await gitlab.publish(files)
    expect(verdicts).toEqual([wrong])
    expect(to.files.size).toBe(0)
    gitlab.server.faults.clear()
    expect(await gitlab.publish(files, to)).toMatchObject({ verdicts: ['published'] })
    expect(to.files.get(path)).toEqual(data)
  })
})

describe('a GitLab that', () => {
  test.each(['front-end', 'endpoint'] as const)('refuses two of seven requests (%s) gets each file once', async (by) => {
    const gitlab = await opened({ before: [new RateLimits({ allowed: 5, refused: 2, retryAfter: 7, by })] })
    expect(await gitlab.release(files)).toMatchObject({ verdicts: ['published'] })
    expect(gitlab.digests(path)).toEqual([right])
  })

  test('has no room for uploads for a while gets the file when it has; for long, the run says that it is not known', async () => {
    const gitlab = await opened()
    gitlab.packages.failUploads(2)
    expect(await gitlab.release(files)).toMatchObject({ verdicts: ['published'], uploads: 3 })
    gitlab.packages.failUploads(100)
    const more = { 'hello/1.2.4/hello.tar.gz': data }
    const { outcomes } = await gitlab.release(more)
    expect(outcomes).toMatchObject([{ verdict: 'undetermined', problem: { code: 'repository/forbidden' } }])
    expect(exitCodeOf(outcomes)).toBe(4)
    gitlab.packages.failUploads(0)
    expect(await gitlab.release(more)).toMatchObject(published)
  })

  test('creates one package twice at once answers 500 to one of two files, and both are there', async () => {
    const gitlab = await opened({ packages: { raceWith500: true } })
    const both = { ...files, 'hello/1.2.3/hello.txt': other }
    const { outcomes } = await gitlab.release(both)
    expect(exitCodeOf(outcomes)).toBe(0)
    for (const [at, bytes] of Object.entries(both)) expect(gitlab.digests(at)).toEqual([contentOf(bytes).sha256])
  })

  test('loses the answer and lists late is not sent the file again', async () => {
    const lost: Fault = { on: { method: 'PUT' }, do: { commitThenReset: true } }
    const gitlab = await opened({ packages: { lag: 20 } })
    gitlab.server.faults.add(lost)
    expect(await gitlab.release(files)).toMatchObject(published)
    expect(gitlab.digests(path)).toEqual([right])
  })
})

describe('a file of our name that somebody else adds', () => {
  test.each(['public', 'staging'] as const)('between look and upload is told, and nothing is taken by chance (%s)', async (role) => {
    const gitlab = await opened()
    let isAdded = false
    const { outcomes } = await gitlab.release(files, {
      role,
      hold: async ({ method }) => {
        if (method === 'PUT' && !isAdded) gitlab.add(path, other, role)
        isAdded ||= method === 'PUT'
      },
    })
    expect(outcomes).toMatchObject([{ verdict: 'failed', problem: { code: 'repository/ambiguous' } }])
    expect(exitCodeOf(outcomes)).toBe(3)
    gitlab.deleteOthers(path, data, role)
    expect(await gitlab.release(files, { role })).toMatchObject(already)
  })

  test('after staging is never published: neither by a program that looks first, nor by a manifest', async () => {
    const gitlab = await opened()
    await gitlab.release(files, { role: 'staging' })
    const staging = gitlab.open({ role: 'staging' })
    const item = itemOf(data, { format: 'file', path })
    const seen = await staging.observe(item.coordinates, soon())
    if (seen.saw !== 'present') throw new Error('Expected the staged file')
    gitlab.add(path, other, 'staging')
    await expect(gitlab.publish(files)).rejects.toMatchObject({ code: 'repository/ambiguous' })

    const stable = memoryRepository()
    const clock = virtualClock(instant(Date.now()))
    const manifest = manifestOf([item], { expiresAt: instant(Date.now() + 86_400_000) })
    const located = manifest.targets.map((target) => ({
      ...target,
      artifacts: target.artifacts.map((artifact) => ({ ...artifact, location: seen.location })),
    }))
    const repositories = new Map<string, StagingRepository | PublicRepository>([
      ['staging', staging],
      ['stable', stable],
    ])
    const ports = { repositories, clock, random: () => 0.5, origin: originOf(planOf()) }
    const run = async () => (await publish({ ...manifest, targets: located }, ports)).outcomes.map(({ verdict }) => verdict)
    expect(await run()).toEqual(['tampered'])
    expect(stable.files.size).toBe(0)
    gitlab.deleteOthers(path, data, 'staging')
    expect(await run()).toEqual(['published'])
  })
})

describe('a package that somebody deletes', () => {
  test('while GitLab still gives its files is neither there nor absent, and the run after that sends it', async () => {
    const gitlab = await opened()
    expect(await gitlab.release(files)).toMatchObject(published)
    gitlab.packages.mark('hello', '1.2.3', 'pending_destruction')
    const { outcomes, uploads } = await gitlab.release(files)
    expect(outcomes).toMatchObject([{ verdict: 'undetermined', problem: { code: 'repository/being-deleted' } }])
    expect([exitCodeOf(outcomes), uploads]).toEqual([4, 0])
    gitlab.packages.delete('hello', '1.2.3')
    expect(await gitlab.release(files)).toMatchObject(published)
  })

  test.each(['hidden', 'processing', 'error', 'deprecated'] as const)(
    'is told from one of the status %s, which is there',
    async (status) => {
      const gitlab = await opened()
      expect(await gitlab.release(files)).toMatchObject(published)
      gitlab.packages.mark('hello', '1.2.3', status)
      expect(await gitlab.release(files)).toMatchObject(already)
    },
  )

  test('is what the clean-up policy does to older files of one name: the newest is left, and counts', async () => {
    const gitlab = await opened()
    gitlab.add(path, other)
    gitlab.add(path, data)
    expect(await gitlab.release(files)).toMatchObject({ verdicts: ['failed'], uploads: 0 })
    gitlab.packages.cleanUp()
    expect(await gitlab.release(files)).toMatchObject(already)
  })
})
