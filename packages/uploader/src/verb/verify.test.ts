import { Readable } from 'node:stream'
import { digestOf, documentText, later, type Outcome, parseVerification, type Receipt } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { IndexBroken, type PublicRepository } from '../contract/capabilities.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import {
  acmeAt,
  contentOf,
  itemOf,
  manifestOf,
  memoryRepository,
  originOf,
  planOf,
  sampleBytes,
  stable,
  virtualClock,
} from '../testing/fixtures.js'
import { receiptOf } from './publish.js'
import { type VerifyOptions, verify } from './verify.js'

const data = sampleBytes(1000)
const other = sampleBytes(1000, 2)
const manifest = manifestOf([itemOf(data)])
const contentAt = contentOf(data)

type Serve = NonNullable<PublicRepository['served']>
const serving = (...each: readonly Serve[]): PublicRepository & { looks(): number } => {
  let looks = 0
  return {
    ...memoryRepository(),
    served: async (at, call) => {
      const serve = each[Math.min(looks++, each.length - 1)]
      return serve?.(at, call)
    },
    looks: () => looks,
  }
}
const right: Serve = async () => Readable.from([data])
const wrong: Serve = async () => Readable.from([other])
const nothing: Serve = async () => undefined
const failing: Serve = () => Promise.reject(new Error('503'))
async function* broken() {
  yield data.subarray(0, 10)
  throw new Error('ECONNRESET')
}
const breaking: Serve = async () => Readable.from(broken())

async function verifying(repository: PublicRepository, overrides: Partial<VerifyOptions> = {}) {
  const clock = virtualClock()
  const options: VerifyOptions = {
    origin: originOf(planOf()),
    repositories: new Map([['stable', repository]]),
    clock,
    random: () => 0.5,
    ...overrides,
  }
  const verification = await verify(manifest, options)
  const [finding] = verification.findings
  if (finding === undefined) throw new Error('Expected a finding')
  return { verification, finding, waits: clock.waits }
}

test('each wait is reported, with what was seen', async () => {
  const said: unknown[] = []
  const onWait: VerifyOptions['onWait'] = ({ found, target, problem }, milliseconds) =>
    said.push([found, target, problem?.message, milliseconds])
  const { finding, waits } = await verifying(serving(nothing, failing, right), { onWait })
  expect(finding.found).toBe('sealed-bytes')
  expect(said).toEqual([
    ['not-there-yet', 'target 0', undefined, waits[0]],
    ['unknown', 'target 0', '503', waits[1]],
  ])
})

describe('the users’ view', () => {
  test('is the sealed bytes', async () => {
    const { verification, finding, waits } = await verifying(serving(right))
    expect(finding).toMatchObject({ found: 'sealed-bytes', seen: contentOf(data).sha256, target: 'target 0' })
    expect(waits).toEqual([])
    expect(verification.manifest).toBe(digestOf(manifest))
    expect(parseVerification(documentText(verification), 'the verification')).toEqual(verification)
  })

  test('has different bytes: reported at once', async () => {
    const { finding, waits } = await verifying(serving(wrong))
    expect([finding.found, finding.seen, waits]).toEqual(['other-bytes', contentOf(other).sha256, []])
    for (const { sha256 } of [contentAt, contentOf(other)]) expect(finding.problem?.message).toContain(sha256)
  })

  test.each([
    ['the sealed bytes', data, 'index-broken'],
    ['other bytes', other, 'other-bytes'],
  ])('is %s that the index does not list', async (_what, bytes, found) => {
    const unlisted = new IndexBroken('the index lies', undefined, contentOf(bytes).sha256)
    const { finding, waits } = await verifying(serving(() => Promise.reject(unlisted)))
    expect([finding.found, waits]).toEqual([found, []])
    if (found === 'other-bytes') expect(finding).toMatchObject({ seen: contentOf(other).sha256, problem: { code: 'content/conflict' } })
  })

  test('cannot be installed, as the index is broken: reported at once', async () => {
    const { finding, waits } = await verifying(serving(() => Promise.reject(new IndexBroken('the index lies'))))
    expect(finding).toMatchObject({ found: 'index-broken', problem: { code: 'repository/index-broken' } })
    expect(waits).toEqual([])
  })

  test.each<[string, Serve]>([
    ['was not there', nothing],
    ['could not be told', failing],
    ['broke off half-way', breaking],
  ])('%s at first: it is looked at again', async (_what, first) => {
    const repository = serving(first, first, right)
    const { finding } = await verifying(repository)
    expect([finding.found, repository.looks()]).toEqual(['sealed-bytes', 3])
  })

  test.each<[string, Serve, string]>([
    ['is not there', nothing, 'not-there-yet'],
    ['cannot be told', failing, 'unknown'],
    ['always breaks off', breaking, 'unknown'],
  ])('%s until the deadline', async (_what, serve, found) => {
    const { finding, waits } = await verifying(serving(serve), { deadline: 60_000 })
    const waited = waits.reduce((a, b) => a + b, 0)
    expect(finding.found).toBe(found)
    expect(waited).toBeGreaterThan(30_000)
    expect(waited).toBeLessThanOrEqual(60_000)
  })

  test('without a deadline to wait for, is looked at once', async () => {
    const repository = serving(nothing)
    await verifying(repository, { deadline: 0 })
    expect(repository.looks()).toBe(1)
  })

  test('is refused to us: waiting would not help', async () => {
    const repository = serving(() => Promise.reject(new RepositoryRefusal({ code: 'repository/forbidden', what: 'no' })))
    const { finding, waits } = await verifying(repository)
    expect([finding.found, finding.problem?.code, waits]).toEqual(['refused', 'repository/forbidden', []])
  })
})

describe('a repository that does not say what users get is looked at instead', () => {
  test.each([
    ['the same', memoryRepository([acmeAt, data]), 'sealed-bytes'],
    ['another', memoryRepository([acmeAt, other]), 'other-bytes'],
    ['nothing', memoryRepository(), 'not-there-yet'],
    ['who knows what', { ...memoryRepository(), observe: () => Promise.reject(new Error('503')) }, 'unknown'],
  ])('%s', async (_what, repository, found) => {
    expect((await verifying(repository, { deadline: 0 })).finding.found).toBe(found)
  })
})

describe('an artifact that a receipt saw in public, and that is missing', () => {
  const publicAt = virtualClock().now()
  const receipt = (overrides: Partial<Outcome> = {}, of: Partial<Receipt> = {}): Receipt => ({
    ...receiptOf(manifest, originOf(planOf()), [
      {
        target: 'target 0',
        destination: stable,
        coordinates: acmeAt,
        expected: contentAt,
        verdict: 'published',
        bytesSent: contentAt.size,
        startedAt: publicAt,
        finishedAt: publicAt,
        milliseconds: { waiting: 0, looking: 0, sending: 0, confirming: 0 },
        ...overrides,
      },
    ]),
    ...of,
  })
  const gone = {
    found: 'gone',
    problem: { code: 'content/gone', message: expect.stringMatching(`^It was public at ${publicAt}, but is gone.\n`) },
  }
  const listed = async () => ({ saw: 'present', ...contentAt, location: 'x' }) as const

  test.each<[string, PublicRepository]>([
    ['is in no list of the repository', serving(nothing)],
    ['is in a repository that has no view for users', memoryRepository()],
  ])('and %s is gone: said at once', async (_what, repository) => {
    const { finding, waits } = await verifying(repository, { published: [receipt()] })
    expect(finding).toMatchObject(gone)
    expect(waits).toEqual([])
  })

  test.each<[string, Partial<Outcome>]>([
    ['said to be public already', { verdict: 'already-public' }],
    ['public to an advisory destination', { destination: { repository: 'stable', advisory: true } }],
  ])('and was %s is gone, too', async (_what, outcome) => {
    expect((await verifying(memoryRepository(), { published: [receipt(outcome)] })).finding).toMatchObject(gone)
  })

  test('and is listed is waited for: users cannot get it yet', async () => {
    const { finding, waits } = await verifying({ ...serving(nothing, nothing, right), observe: listed }, { published: [receipt()] })
    expect([finding.found, waits.length]).toEqual(['sealed-bytes', 2])
  })

  test('and is listed without a digest is waited for', async () => {
    const observe = async () => ({ ...(await listed()), sha256: undefined })
    const { finding } = await verifying({ ...serving(nothing), observe }, { published: [receipt()] })
    expect(finding.found).toBe('not-there-yet')
  })

  test('where the list is not shown to us, is waited for until the deadline counts from when it was public', async () => {
    const observe = () => Promise.reject(new RepositoryRefusal({ code: 'repository/unauthorized', what: 'no' }))
    const repository = { ...serving(nothing), observe }
    const soon = await verifying(repository, { published: [receipt()] })
    expect(soon.finding.found).toBe('not-there-yet')
    expect(soon.waits.length).toBeGreaterThan(5)
    const clock = virtualClock(later(publicAt, 11 * 60))
    const late = await verifying(repository, { published: [receipt()], clock })
    expect(late.finding).toMatchObject(gone)
    expect(clock.waits).toEqual([])
    const half = virtualClock(later(publicAt, 5 * 60))
    expect((await verifying(repository, { published: [receipt()], clock: half })).finding).toMatchObject(gone)
    expect(half.waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(6 * 60_000)
  })

  test.each<[string, Receipt]>([
    ['of another manifest', receipt({}, { manifest: contentOf(other).sha256 })],
    ['of another repository', receipt({ destination: { repository: 'mirror', advisory: false } })],
    ['of another target', receipt({ target: 'other' })],
    ['of another package', receipt({ coordinates: { ...acmeAt, version: '1.2.4' } })],
    ['of one that did not get there', receipt({ verdict: 'undetermined' })],
    ['of a conflict', receipt({ verdict: 'conflict' })],
  ])('by a receipt %s, that says nothing', async (_what, published) => {
    const { finding, waits } = await verifying(serving(nothing, right), { published: [published] })
    expect([finding.found, waits.length]).toEqual(['sealed-bytes', 1])
  })

  test('is reported with the last time that it was seen', async () => {
    const later1 = later(publicAt, 60)
    const { finding } = await verifying(memoryRepository(), { published: [receipt({ finishedAt: later1 }), receipt()] })
    expect(finding.problem?.message).toContain(`It was public at ${later1}, `)
  })

  test('is no different where users get it', async () => {
    expect((await verifying(serving(right), { published: [receipt()] })).finding.found).toBe('sealed-bytes')
    expect((await verifying(serving(wrong), { published: [receipt()] })).finding.found).toBe('other-bytes')
  })
})

test('targets that are not published cannot be verified', async () => {
  await expect(
    verify(manifestOf([itemOf(data)], { destinations: [] }), { origin: originOf(planOf()), repositories: new Map() }),
  ).rejects.toMatchObject({
    code: 'usage/route',
  })
})

test('when it is stopped, it reports what it knows', async () => {
  const controller = new AbortController()
  const repository = serving(async () => {
    controller.abort(new Error('stopped'))
    return undefined
  })
  const { finding } = await verifying(repository, { signal: controller.signal })
  expect(finding.found).toBe('not-there-yet')
})

test('a wrong call is refused', async () => {
  await expect(verifying(serving(right), { targets: ['el/9'] })).rejects.toMatchObject({ code: 'usage/target' })
  await expect(verifying(serving(right), { repositories: new Map() })).rejects.toMatchObject({ code: 'usage/repository' })
})
