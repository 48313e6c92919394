import { DocumentError, digestOf } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import {
  acmeAt,
  itemOf,
  manifestOf,
  memoryRepository,
  originOf,
  planOf,
  sampleBytes,
  temporaryFolder,
  virtualClock,
} from '../testing/fixtures.js'
import { approve } from './approve.js'
import { fetchStaged } from './fetch.js'
import { foresee } from './foresee.js'
import { publish, receiptOf } from './publish.js'
import { seal } from './seal.js'
import { sealSupplement } from './seal-supplement.js'
import { stage } from './stage.js'
import { expectStaged } from './staged.js'
import { verify } from './verify.js'

// The casts of this file: programs without types pass anything, such as what JSON.parse gave them.

const data = sampleBytes(530)
const manifest = manifestOf([itemOf(data)])
const origin = originOf(planOf())
const at = virtualClock().now()

function world() {
  const repositories = { staging: memoryRepository([acmeAt, data]), stable: memoryRepository() }
  const asked = () => [...repositories.staging.calls, ...repositories.stable.calls]
  return { options: { origin, repositories, clock: virtualClock() }, asked }
}

/** The document with one field changed; `undefined` takes it away. */
function changed(document: object, path: string, value: unknown): never {
  const copy = structuredClone(document)
  const names = path.split('.')
  const last = names.pop() ?? ''
  // The cast: the test names a path that the document has.
  const holder = names.reduce<object>((node, name) => Reflect.get(node, name) as object, copy)
  if (value === undefined) Reflect.deleteProperty(holder, last)
  else Reflect.set(holder, last, value)
  return copy as never
}

const verbs: readonly (readonly [string, (given: never, options: ReturnType<typeof world>['options']) => Promise<unknown>])[] = [
  ['publish', publish],
  ['verify', verify],
  ['foresee', foresee],
  ['fetchStaged', async (given, options) => fetchStaged(given, { ...options, to: await temporaryFolder() })],
  ['expectStaged', expectStaged],
  ['approve', (given) => approve(given, { origin, now: at, by: 'somebody' })],
  ['sealSupplement', async (given) => sealSupplement(planOf(), given, [], { origin, now: at, target: 'x' })],
]

describe.each(verbs)('%s accepts a manifest from anywhere, and refuses an invalid one', (_, verb) => {
  test.each<[string, unknown]>([
    ['expiresAt', undefined],
    ['expiresAt', 'tomorrow'],
    ['targets', undefined],
    ['targets', {}],
    ['targets.0.artifacts.0.content.sha256', itemOf(data).content.sha256.toUpperCase()],
    ['targets.0.artifacts.0.content.size', '530'],
    ['targets.0.artifacts.0.content.size', 530n],
    ['targets.0.destinations', null],
    ['origin', undefined],
    ['kind', 'Receipt'],
    ['apiVersion', 'stagegate/v2'],
    ['extra', 1],
    ['targets.0.extra', () => 1],
    ['sealedAt', new Date()],
  ])('%s', async (path, value) => {
    const { options, asked } = world()
    const wrong = typeof value === 'function' ? { ...manifest, targets: [{ ...manifest.targets[0], extra: value }] } : undefined
    const error = await verb((wrong ?? changed(manifest, path, value)) as never, options).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(DocumentError)
    expect(error).toMatchObject({ code: 'document/invalid', path, message: expect.stringContaining('the release manifest') })
    expect(asked()).toEqual([])
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', '{}'],
    ['a list', []],
    ['a promise of one', Promise.resolve(manifest)],
    ['a Map', new Map(Object.entries(manifest))],
  ])('%s', async (_what, value) => {
    const { options, asked } = world()
    await expect(verb(value as never, options)).rejects.toMatchObject({ code: 'document/invalid' })
    expect(asked()).toEqual([])
  })

  test('one that holds itself', async () => {
    const round = { ...manifest, extra: {} }
    round.extra = round
    await expect(verb(round as never, world().options)).rejects.toMatchObject({ code: 'document/invalid' })
  })
})

test('a field that is undefined is left out, as in the text of the document', async () => {
  const loose = { ...manifest, supplements: undefined, targets: manifest.targets.map((target) => ({ ...target, tags: undefined })) }
  const receipt = await publish(loose as never, world().options)
  expect(receipt).toMatchObject({ manifest: digestOf(manifest), outcomes: [{ verdict: 'published' }] })
})

test('a manifest that is changed in the middle of a run changes nothing', async () => {
  const targets = [...structuredClone(manifest.targets)]
  const { options } = world()
  const receipt = await publish({ ...manifest, targets }, { ...options, onBegin: async () => void targets.splice(0) })
  expect(receipt).toMatchObject({ manifest: digestOf(manifest), outcomes: [{ verdict: 'published' }] })
})

describe('plans, records and receipts are validated like manifests', () => {
  const plan = planOf()
  const receipt = receiptOf(manifest, origin, [])

  test.each<[string, () => unknown, string, string]>([
    [
      'stage',
      () => stage(changed(plan, 'releases', undefined), { ...world().options, target: 'x', files: [] }),
      'the release plan',
      'releases',
    ],
    ['seal', () => seal(changed(plan, 'kinds', []), [], { origin, now: at }), 'the release plan', 'kinds'],
    ['seal', () => seal(plan, [{}] as never, { origin, now: at }), 'records.0', 'apiVersion'],
    ['verify', () => verify(manifest, { ...world().options, receipts: [{}] as never }), 'receipts.0', 'apiVersion'],
    ['verify', () => verify(manifest, { ...world().options, published: [changed(receipt, 'outcomes', 1)] }), 'published.0', 'outcomes'],
    ['publish', () => publish(manifest, { ...world().options, approval: {} as never }), 'the approval', 'apiVersion'],
  ])('%s', async (_, run, document, path) => {
    await expect((async () => run())()).rejects.toMatchObject({ code: 'document/invalid', file: document, path })
  })
})

describe('a missing or invalid origin is named', () => {
  test.each<[string, (origin: never) => unknown]>([
    ['publish', (wrong) => publish(manifest, { ...world().options, origin: wrong })],
    ['verify', (wrong) => verify(manifest, { ...world().options, origin: wrong })],
    ['foresee', (wrong) => foresee(manifest, { ...world().options, origin: wrong })],
    ['fetchStaged', (wrong) => fetchStaged(manifest, { ...world().options, to: '/nowhere', origin: wrong })],
    ['stage', (wrong) => stage(planOf(), { ...world().options, target: 'x', files: [], origin: wrong })],
    ['seal', (wrong) => seal(planOf(), [], { now: at, origin: wrong })],
    ['approve', (wrong) => approve(manifest, { now: at, by: 'x', origin: wrong })],
  ])('%s', async (_, verb) => {
    for (const wrong of [undefined, null, 'me', {}, { ...origin, commit: 'HEAD' }])
      await expect((async () => verb(wrong as never))()).rejects.toMatchObject({
        code: 'usage/options',
        message: expect.stringMatching(/^origin is not .*Nothing was done/s),
      })
  })
})
