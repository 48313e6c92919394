import { describe, expect, test } from 'vitest'
import { acmeAt, itemOf, manifestOf, memoryRepository, originOf, planOf, sampleBytes, virtualClock } from '../testing/fixtures.js'
import { Hosts } from '../transfer/host.js'
import { defaultLimits } from '../transfer/limits.js'
import { foresee } from '../verb/foresee.js'
import { publish } from '../verb/publish.js'
import { verify } from '../verb/verify.js'
import { limitsWith } from './options.js'

const data = sampleBytes(100)
const manifest = manifestOf([itemOf(data)])
const full = () => memoryRepository([acmeAt, data])
const fine = () => ({ origin: originOf(planOf()), repositories: { staging: full(), stable: memoryRepository() }, clock: virtualClock() })

describe.each([
  ['publish', publish],
  ['verify', verify],
  ['foresee', foresee],
] as const)('%s', (_, verb) => {
  // The casts: programs without types pass anything.
  const called = (options: object) => verb(manifest, options as never)

  test.each<[string, object]>([
    ['repositories', { repositories: undefined }],
    ['repositories', { repositories: [memoryRepository()] }],
    ['repositories', { repositories: 'stable' }],
    ['clock', { clock: Date.now }],
    ['clock', { clock: { now: () => '' } }],
    ['random', { random: 0.5 }],
    ['signal', { signal: new AbortController() }],
    ['signal', { signal: true }],
    ['hosts', { hosts: {} }],
    ['limits', { limits: 4 }],
    ['limits has no option "concurency"', { limits: { concurency: 4 } }],
    ['limits.concurrency', { limits: { concurrency: '4' } }],
    ['limits.run', { limits: { run: Number.NaN } }],
    ['limits.sends', { limits: { sends: -1 } }],
    ['onEvent', { onEvent: 'log' }],
    ['onBegin', { onBegin: {} }],
  ])('refuses options by the name of the wrong one: %s', async (name, wrong) => {
    const problem = { code: 'usage/options', message: expect.stringMatching(new RegExp(`^${name}.*Nothing was done`, 's')) }
    await expect(called({ ...fine(), ...wrong })).rejects.toMatchObject(problem)
  })

  test('takes what is undefined for what is left out', async () => {
    const limits = { ...Object.fromEntries(Object.keys(defaultLimits).map((name) => [name, undefined])), run: 5000 }
    const undefinedToo = { signal: undefined, hosts: undefined, random: undefined, onEvent: undefined, limits }
    await expect(called({ ...fine(), ...undefinedToo })).resolves.toBeDefined()
  })

  test('takes repositories as a Map and as an object', async () => {
    const { repositories } = fine()
    await expect(called({ ...fine(), repositories: new Map(Object.entries(repositories)) })).resolves.toBeDefined()
    await expect(called({ ...fine(), repositories: { staging: full() } })).rejects.toMatchObject({ code: 'usage/repository' })
    // Nothing that every object has is a repository.
    const inherited = Object.create({ stable: memoryRepository() })
    await expect(called({ ...fine(), repositories: Object.assign(inherited, { staging: full() }) })).rejects.toMatchObject({
      code: 'usage/repository',
    })
  })
})

test('hosts need nothing, and take what is said', () => {
  expect(new Hosts().of('https://packages.example').name).toBe('https://packages.example')
  expect(() => new Hosts({ limits: { concurency: 1 } as never })).toThrow('limits has no option "concurency"')
  expect(limitsWith(defaultLimits, undefined)).toEqual(defaultLimits)
})
