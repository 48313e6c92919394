import { GateError, type ReleaseManifest } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { NotThere, type StagingRepository } from '../contract/capabilities.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { RepositoryError } from '../contract/repository-error.js'
import { acmeAt, itemOf, manifestOf, memoryRepository, sampleBytes, virtualClock } from '../testing/fixtures.js'
import { expectStaged } from './staged.js'

const [data, other] = [sampleBytes(1000), sampleBytes(1000, 2)]
const bookworm = { ...acmeAt, distribution: 'debian/bookworm' }
const manifest = manifestOf([itemOf(data), itemOf(data, bookworm)])
const full = memoryRepository([acmeAt, data], [bookworm, data])

async function looking(staging: StagingRepository | undefined, of: ReleaseManifest = manifest) {
  const clock = virtualClock()
  const repositories = new Map(staging === undefined ? [] : [['staging', staging] as const])
  const error = await expectStaged(of, { repositories, clock, random: () => 0.5 }).catch((reason: unknown) => reason)
  return { error, waits: clock.waits }
}

describe('staging that is looked at before a seal is recorded', () => {
  test.each<[string, StagingRepository | undefined]>([
    ['has it all', full],
    [
      'has it all, and does not say the digests',
      { ...full, observe: async (at, call) => ({ ...(await full.observe(at, call)), sha256: undefined }) },
    ],
    ['was not given', undefined],
  ])('is no hindrance when it %s', async (_what, staging) => {
    expect(await looking(staging)).toEqual({ error: undefined, waits: [] })
  })

  test('is asked once for each, and nothing is read', async () => {
    const staging = memoryRepository([acmeAt, data], [bookworm, data])
    await looking(staging)
    expect(staging.calls).toEqual(['observe', 'observe'])
  })

  const refusal = new RepositoryRefusal({ code: 'repository/unauthorized', what: 'the server does not accept the credential' })
  test.each<[string, StagingRepository, string]>([
    ['vanished', memoryRepository(), 'acme_1.2.3_amd64.deb for ubuntu/jammy is no longer in staging, and 1 more like it'],
    [
      'lost one',
      memoryRepository([acmeAt, data]),
      'the staged artifacts of target 1: acme_1.2.3_amd64.deb for debian/bookworm is no longer in staging\n',
    ],
    ['has other bytes', memoryRepository([acmeAt, other], [bookworm, data]), 'in staging differs from what was staged'],
  ])('stops the seal when it %s: a person must investigate', async (_what, staging, said) => {
    const { error, waits } = await looking(staging)
    expect(error).toBeInstanceOf(GateError)
    expect(error).toMatchObject({ code: 'gate/not-in-staging', next: expect.stringContaining('Run the stage jobs again') })
    expect(String(error)).toContain(said)
    expect(waits).toEqual([])
  })

  test('stops the seal if it refuses us: a person must investigate, and learns where', async () => {
    const { error, waits } = await looking({ ...full, observe: () => Promise.reject(refusal) })
    expect(error).toBeInstanceOf(RepositoryError)
    expect(error).toMatchObject({ code: 'gate/not-in-staging', final: true, cause: refusal })
    expect(error).toMatchObject({ side: 'staging', repository: 'staging', operation: 'observe' })
    expect(String(error)).toContain(refusal.what)
    expect(waits).toEqual([])
  })

  test('is not blamed for a stopped run', async () => {
    const signal = AbortSignal.abort(new Error('stopped by SIGTERM'))
    const error = await expectStaged(manifest, { repositories: new Map([['staging', full]]), signal }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'StagegateError', code: 'staging/unknown', message: expect.stringContaining('SIGTERM') })
  })

  test('is looked at again while it is in trouble, and then the job can be run again', async () => {
    let looks = 0
    const staging: StagingRepository = {
      ...full,
      observe: (at, call) => (++looks <= 2 ? Promise.reject(new Error('503')) : full.observe(at, call)),
    }
    expect((await looking(staging)).error).toBeUndefined()
    const down = await looking({ ...full, observe: () => Promise.reject(new Error('503')) })
    expect(down.error).toMatchObject({
      name: 'RepositoryError',
      code: 'staging/unknown',
      final: false,
      message: expect.stringContaining('could not be checked in staging: 503'),
    })
    expect(down.waits.length).toBeLessThan(10)
  })

  test('stops the seal for a lost artifact, even if others are unknown', async () => {
    const staging: StagingRepository = {
      ...memoryRepository(),
      observe: async (at) => {
        if ('distribution' in at && at.distribution === 'ubuntu/jammy') throw new Error('503')
        return { saw: 'absent' }
      },
    }
    expect((await looking(staging)).error).toMatchObject({
      code: 'gate/not-in-staging',
      message: expect.stringContaining('debian/bookworm'),
    })
  })

  describe('for an image', () => {
    const at = { format: 'image', image: 'acme/hello', tag: 'abc-100' } as const
    const image = manifestOf([itemOf(data, at)])
    const tagMoved: StagingRepository = { ...memoryRepository([at, data]), observe: async () => ({ saw: 'absent' }) }

    test('is asked for the manifest, whatever its tag has', async () => {
      expect((await looking(tagMoved, image)).error).toBeUndefined()
    })

    test.each<[string, StagingRepository]>([
      ['lost the manifest', { ...tagMoved, read: () => Promise.reject(new NotThere('it is gone')) }],
      ['has another there', memoryRepository([at, other])],
    ])('stops the seal when it %s', async (_what, staging) => {
      expect((await looking(staging, image)).error).toMatchObject({ code: 'gate/not-in-staging' })
    })
  })
})
