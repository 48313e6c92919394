import { Readable } from 'node:stream'
import type { Content, Finding } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { IndexBroken, type PublicRepository } from '../contract/capabilities.js'
import type { Brought, PackageManager } from '../contract/package-manager.js'
import type { PackageSource } from '../contract/package-source.js'
import { contentOf, itemOf, manifestOf, memoryRepository, sampleBytes, virtualClock } from '../testing/fixtures.js'
import { type VerifyOptions, verify } from './verify.js'

const data = sampleBytes(1000)
const other = contentOf(sampleBytes(1000, 2))
const source: PackageSource = {
  manager: 'apt',
  url: 'https://apt.example',
  suite: 'jammy',
  component: 'main',
  certificates: '',
  reach: { ca: '' },
}

type Serve = NonNullable<PublicRepository['served']>
const right: Serve = async () => Readable.from([data])
const brought = (content: Content): Brought => ({ got: 'package', content })
const refusal: Brought = { got: 'refusal', words: 'E: it is expired' }

/** A package manager that answers so, one look after the other; and what became of it. */
function manager(...answers: readonly (Brought | Error)[]) {
  const happened: string[] = []
  const apt: PackageManager = {
    name: 'apt',
    expectHere: async () => void happened.push('here'),
    open: (_, architectures) => {
      happened.push(`open ${architectures.join(' ')}`)
      let looks = 0
      return {
        async fetch() {
          const answer = answers[Math.min(looks++, answers.length - 1)] ?? refusal
          happened.push('fetch')
          if (answer instanceof Error) throw answer
          return answer
        },
        close: async () => void happened.push('close'),
      }
    },
  }
  return { apt, happened }
}

async function verifying(
  serve: Serve,
  apt: PackageManager,
  more: Partial<VerifyOptions> & { readonly sourceOf?: PublicRepository['sourceOf'] } = {},
) {
  const { sourceOf = async () => source, ...options } = more
  const manifest = manifestOf([itemOf(data)])
  const repositories = { stable: { ...memoryRepository(), served: serve, sourceOf } }
  const { findings } = await verify(manifest, {
    origin: manifest.origin,
    repositories,
    clock: virtualClock(),
    deadline: 60_000,
    packageManagers: { 'target 0': apt },
    ...options,
  })
  return findings[0] as Finding
}

describe('our own reader gets the sealed bytes, and the package manager', () => {
  test.each<[what: string, answers: readonly (Brought | Error)[], found: string, code: string | undefined, looks: number | 'many']>([
    ['them, too', [brought(contentOf(data))], 'sealed-bytes by apt', undefined, 1],
    ['other bytes', [brought(other)], 'other-bytes', 'client/other-bytes', 1],
    ['nothing at first', [{ got: 'nothing' }, { got: 'nothing' }, brought(contentOf(data))], 'sealed-bytes by apt', undefined, 3],
    ['nothing until the deadline', [{ got: 'nothing' }], 'not-there-yet', 'client/not-listed', 'many'],
    ['a refusal at first', [refusal, brought(contentOf(data))], 'sealed-bytes by apt', undefined, 2],
    ['a refusal until the deadline', [refusal], 'index-broken', 'client/refused', 'many'],
    ['no end at first', [new Error('ETIMEDOUT'), brought(contentOf(data))], 'sealed-bytes by apt', undefined, 2],
    ['no end until the deadline', [new Error('ETIMEDOUT')], 'unknown', 'repository/threw', 'many'],
  ])('%s', async (_, answers, found, code, looks) => {
    const { apt, happened } = manager(...answers)
    const finding = await verifying(right, apt)
    expect([[finding.found, ...(finding.by ? [`by ${finding.by}`] : [])].join(' '), finding.problem?.code]).toEqual([found, code])
    const fetches = happened.filter((one) => one === 'fetch').length
    if (looks === 'many') expect(fetches).toBeGreaterThan(3)
    else expect(fetches).toBe(looks)
    expect([happened[0], happened[1], happened.at(-1)]).toEqual(['here', 'open amd64', 'close'])
  })

  test('says why in its own words', async () => {
    const { problem } = await verifying(right, manager(refusal).apt)
    expect(problem?.message).toBe('Stagegate’s own reader gets the sealed bytes, but apt-get refuses it: E: it is expired')
  })
})

describe('our own reader finds', () => {
  const broken: Serve = () => Promise.reject(new IndexBroken('the index lies'))
  const wrong: Serve = async () => Readable.from([sampleBytes(1000, 2)])
  test.each<[what: string, serve: Serve, answer: Brought | Error, found: string, said: string]>([
    ['a broken index, and the other one takes it', broken, brought(contentOf(data)), 'index-broken', 'apt-get gets the sealed bytes.'],
    ['a broken index, and the other one refuses it', broken, refusal, 'index-broken', 'apt-get refuses it: E: it is expired'],
    ['a broken index, and the other one fails', broken, new Error('ETIMEDOUT'), 'index-broken', 'the index lies'],
    ['other bytes, as the other one does', wrong, brought(other), 'other-bytes', `apt-get gets ${other.sha256}.`],
    ['other bytes, which the other one does not list', wrong, { got: 'nothing' }, 'other-bytes', 'apt-get does not find the package'],
  ])('%s', async (_, serve, answer, found, said) => {
    const finding = await verifying(serve, manager(answer).apt)
    expect([finding.found, finding.by]).toEqual([found, undefined])
    expect(finding.problem?.message).toContain(said)
  })

  test('nothing, and the package manager is not asked', async () => {
    const { apt, happened } = manager()
    expect((await verifying(async () => undefined, apt)).found).toBe('not-there-yet')
    expect(happened).toEqual(['here'])
  })
})

describe('refused before anything is looked at', () => {
  test.each<[what: string, more: Parameters<typeof verifying>[2], by: Partial<PackageManager>]>([
    ['a repository that package managers do not read', { repositories: { stable: memoryRepository() } }, {}],
    ['a package manager for other packages', {}, { name: 'dnf' }],
  ])('%s', async (_, more, by) => {
    const { apt, happened } = manager()
    const looked: unknown[] = []
    const verification = verifying(right, { ...apt, ...by }, { ...more, onBegin: async (begun) => void looked.push(begun) })
    await expect(verification).rejects.toMatchObject({ code: 'usage/package-manager' })
    expect([...looked, ...happened]).toEqual([])
  })
})

test('a failure to determine the source is final if asking again would not help', async () => {
  const { apt, happened } = manager()
  const sourceOf = async () => ({ ...source, manager: 'dnf' }) as PackageSource
  const finding = await verifying(right, apt, { sourceOf })
  expect([finding.found, finding.problem?.code]).toEqual(['refused', 'usage/package-manager'])
  expect(happened).toEqual(['here'])
})
