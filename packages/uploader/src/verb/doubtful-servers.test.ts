import { instant, type Outcome, type Receipt } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'
import { exitCodeOf } from '../exit-code.js'
import { acme, acmeDeb, acmeItem, pushes, soon, start } from '../testing/acme.js'
import { manifestOf, memoryRepository, originOf, planOf, virtualClock } from '../testing/fixtures.js'
import type { PackagecloudOptions } from '../testing/packagecloud/index.js'
import { defaultLimits } from '../transfer/limits.js'
import { publish, receiptOf } from './publish.js'
import { verify } from './verify.js'

/*
 * Servers whose word is not to be had, or not to be trusted: what publishing says of each, and when at the latest. Requests take no
 * time here, so what is measured are the waits between them.
 */

// The client reads deadlines on the system's clock, so that of the waits starts there.
const now = Date.now()
const manifest = manifestOf([acmeItem], { expiresAt: instant(now + 86_400_000) })
const minute = 60_000
/** An accepted upload may take so long to show, and a last wait can have begun just before. */
const patience = defaultLimits.confirmWithin + defaultLimits.longestWait

/** A packagecloud with these faults and lags, and how to publish there and to look afterwards. */
async function packagecloudThat(options: Partial<PackagecloudOptions>) {
  const { server, repository } = await start(options)
  const clock = virtualClock(instant(now))
  const repositories = new Map<string, StagingRepository | PublicRepository>([
    ['staging', memoryRepository([acme, acmeDeb])],
    ['stable', repository],
  ])
  const ports = { repositories, clock, random: () => 0.5, origin: originOf(planOf()) }
  const only = ({ outcomes }: Receipt): Outcome => {
    const [outcome] = outcomes
    if (outcome === undefined) throw new Error('Expected an outcome')
    return outcome
  }
  return {
    server,
    look: async () => (await repository.observe(acme, soon())).saw,
    publish: async () => only(await publish(manifest, ports)),
    verify: async (...outcomes: readonly Outcome[]) => {
      const published = [receiptOf(manifest, ports.origin, outcomes)]
      return (await verify(manifest, { ...ports, published, deadline: 10 * minute })).findings.map(({ found }) => found)
    },
    waits: () => clock.waits.length,
    uploads: () => server.requests.filter(({ method }) => method === 'POST').length,
  }
}

const took = ({ startedAt, finishedAt }: Outcome) => Date.parse(finishedAt) - Date.parse(startedAt)
const gone404 = { on: { path: /download/ }, times: 1000, do: { answer: 404 } }

describe('a server that', () => {
  test('statement 10: answers 201 and stores nothing ends as undetermined after five minutes, and the next run sends it', async () => {
    const there = await packagecloudThat({ faults: [{ on: pushes, do: { acceptAndForget: true } }] })
    const outcome = await there.publish()
    expect(outcome).toMatchObject({ verdict: 'undetermined', problem: { code: 'repository/not-listed' } })
    expect(exitCodeOf([outcome])).toBe(4)
    expect(took(outcome)).toBeGreaterThanOrEqual(defaultLimits.confirmWithin)
    expect(took(outcome)).toBeLessThanOrEqual(patience)
    expect(there.uploads()).toBe(1)
    expect(await there.publish()).toMatchObject({ verdict: 'published' })
  })

  test('statement 10: answers 201 and stores other bytes ends as a conflict at the first look', async () => {
    const there = await packagecloudThat({ faults: [{ on: pushes, do: { storeOtherBytes: true } }] })
    const outcome = await there.publish()
    expect(outcome).toMatchObject({ verdict: 'conflict', expected: acmeItem.content })
    expect(outcome.seen).not.toBe(acmeItem.content.sha256)
    expect(took(outcome)).toBe(0)
    expect([exitCodeOf([outcome]), there.uploads()]).toEqual([3, 1])
    // It stays, whatever it is.
    expect(await there.publish()).toMatchObject({ verdict: 'conflict', bytesSent: 0 })
  })

  test('statement 10: lists the package minutes later ends as published when it does', async () => {
    const there = await packagecloudThat({ lags: { listedAfter: 11 } })
    const outcome = await there.publish()
    expect(outcome).toMatchObject({ verdict: 'published', seen: acmeItem.content.sha256 })
    expect(took(outcome)).toBeGreaterThan(2 * minute)
    expect(took(outcome)).toBeLessThanOrEqual(patience)
    expect(there.uploads()).toBe(1)
  })

  test('statement 10: lists the package later than that ends as undetermined, and the next run finds it', async () => {
    const there = await packagecloudThat({ lags: { listedAfter: 30 } })
    const outcome = await there.publish()
    expect(outcome).toMatchObject({ verdict: 'undetermined', problem: { code: 'repository/not-listed' } })
    expect(took(outcome)).toBeLessThanOrEqual(patience)
    // It looks absent, is sent, and the server says that it exists.
    expect(await there.publish()).toMatchObject({ verdict: 'already-public' })
    expect(there.server.packages('acme/stable')).toHaveLength(1)
  })

  test('statement 10: lists the package without a checksum ends as published once it was read back', async () => {
    const there = await packagecloudThat({ lags: { digestAfter: 1000 } })
    const outcome = await there.publish()
    expect(outcome).toMatchObject({ verdict: 'published', seen: acmeItem.content.sha256 })
    expect(took(outcome)).toBeLessThanOrEqual(defaultLimits.firstWait)
    expect(there.server.requests.filter(({ at }) => at === 'storage')).toHaveLength(1)
  })

  test('statement 10: lists other bytes without a checksum ends as a conflict once they were read back', async () => {
    const there = await packagecloudThat({ lags: { digestAfter: 1000 }, faults: [{ on: pushes, do: { storeOtherBytes: true } }] })
    const outcome = await there.publish()
    expect(outcome.verdict).toBe('conflict')
    expect(took(outcome)).toBeLessThanOrEqual(defaultLimits.firstWait)
  })

  test('statement 10: says the checksum minutes later, and serves nothing before, ends as published when it does', async () => {
    const there = await packagecloudThat({ lags: { digestAfter: 20 }, faults: [gone404] })
    const outcome = await there.publish()
    expect(outcome).toMatchObject({ verdict: 'published', seen: acmeItem.content.sha256 })
    expect(took(outcome)).toBeGreaterThan(minute)
    expect(took(outcome)).toBeLessThanOrEqual(patience)
  })

  test('statement 10: never says the checksum, and serves nothing, ends as undetermined', async () => {
    const there = await packagecloudThat({ lags: { digestAfter: 1000 }, faults: [gone404] })
    const outcome = await there.publish()
    expect(outcome).toMatchObject({ verdict: 'undetermined', problem: { code: 'repository/not-served' } })
    expect(took(outcome)).toBeLessThanOrEqual(patience)
    expect(there.uploads()).toBe(1)
  })

  test('statement 10: lists the package without a checksum and then loses it ends as undetermined', async () => {
    const there = await packagecloudThat({ lags: { digestAfter: 1000, lostAfter: 1 } })
    const outcome = await there.publish()
    expect(outcome).toMatchObject({ verdict: 'undetermined', problem: { code: 'repository/not-listed' } })
    expect(took(outcome)).toBeLessThanOrEqual(patience)
    expect(there.uploads()).toBe(1)
  })

  // Published means: at this time the server had these bytes. What happens afterwards, `verify` is there for.
  test('statement 10: loses the package after it was confirmed: verify says that it is gone, and publishing again sends it', async () => {
    const there = await packagecloudThat({ lags: { lostAfter: 1 } })
    const outcome = await there.publish()
    expect(outcome).toMatchObject({ verdict: 'published', seen: acmeItem.content.sha256 })
    expect(there.server.packages('acme/stable')).toHaveLength(1)
    // The next who lists it finds nothing.
    expect(await there.look()).toBe('absent')
    const waits = there.waits()
    expect(await there.verify(outcome)).toEqual(['gone'])
    expect(there.waits()).toBe(waits)
    // Without its receipt it may only be late.
    expect(await there.verify()).toEqual(['not-there-yet'])
    expect(await there.publish()).toMatchObject({ verdict: 'published' })
  })
})
