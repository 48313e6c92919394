import { Readable } from 'node:stream'
import { digestOf, documentText, parseVerification } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { IndexBroken, type PublicRepository } from './repository/capabilities.js'
import { RepositoryRefusal } from './repository/refusal.js'
import { acmeAt, contentOf, fakeClock, itemOf, manifestOf, memory, originOf, planOf, sampleBytes } from './testing/fixtures.js'
import { type VerifyOptions, verify } from './verify.js'

const data = sampleBytes(1000)
const other = sampleBytes(1000, 2)
const manifest = manifestOf([itemOf(data)])

type Serve = NonNullable<PublicRepository['served']>
const serving = (...each: readonly Serve[]): PublicRepository & { looks(): number } => {
  let looks = 0
  return {
    ...memory(),
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
  const clock = fakeClock()
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

test('what is waited for is said, with what was seen', async () => {
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

describe('what users get', () => {
  test('is the sealed bytes', async () => {
    const { verification, finding, waits } = await verifying(serving(right))
    expect(finding).toMatchObject({ found: 'sealed-bytes', seen: contentOf(data).sha256, target: 'target 0' })
    expect(waits).toEqual([])
    expect(verification.manifest).toBe(digestOf(manifest))
    expect(parseVerification(documentText(verification), 'the verification')).toEqual(verification)
  })

  test('is other bytes: said at once', async () => {
    const { finding, waits } = await verifying(serving(wrong))
    expect([finding.found, finding.seen, waits]).toEqual(['other-bytes', contentOf(other).sha256, []])
  })

  test('cannot be installed, as the index is broken: said at once', async () => {
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
    expect([finding.found, waits]).toEqual(['unknown', []])
  })
})

describe('a repository that does not say what users get is looked at instead', () => {
  test.each([
    ['the same', memory([acmeAt, data]), 'sealed-bytes'],
    ['another', memory([acmeAt, other]), 'other-bytes'],
    ['nothing', memory(), 'not-there-yet'],
    ['who knows what', { ...memory(), observe: () => Promise.reject(new Error('503')) }, 'unknown'],
  ])('%s', async (_what, repository, found) => {
    expect((await verifying(repository, { deadline: 0 })).finding.found).toBe(found)
  })
})

test('when it is told to stop, it says what it knows', async () => {
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
