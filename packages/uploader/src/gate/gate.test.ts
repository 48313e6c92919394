import { digestOf, instant, later, type Origin, type ReleaseManifest, sha256 } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { directoryRecords } from '../records/directory-records.js'
import type { RecordStore } from '../records/record-store.js'
import { itemOf, manifestOf, originOf, planOf, stable, temporaryFolder } from '../testing/fixtures.js'
import { type Admission, admit, recordSeal } from './gate.js'

const origin = originOf(planOf())
const item = itemOf(Buffer.from('a package'))
const manifest = manifestOf([item])
const now = instant(Date.parse('2026-01-31T12:00:00.000Z'))

const admitted = (overrides: Partial<Admission> = {}, of: ReleaseManifest = manifest) => admit(of, { origin, now, ...overrides })
const holding = (recorded: ReleaseManifest | undefined): RecordStore => ({
  find: async () => recorded,
  record: async (made) => recorded ?? made,
})

describe('a manifest is let through', () => {
  test('in its own pipeline, unaltered and in time', async () => {
    await expect(admitted({ approved: digestOf(manifest), records: holding(manifest) })).resolves.toBeUndefined()
  })
  test('in a later job of that pipeline', async () => {
    await expect(admitted({ origin: { ...origin, job: { id: 2, name: 'publish' } } })).resolves.toBeUndefined()
  })
  test('until the very end of its hold', async () => {
    await expect(admitted({ now: later(manifest.expiresAt, -0.001) })).resolves.toBeUndefined()
  })
})

describe('a manifest is refused', () => {
  test.each<[string, Partial<Origin>]>([
    ['on another instance', { instance: 'https://gitlab.other' }],
    ['in another project', { project: { id: 7, path: 'other/acme' } }],
    ['in a project of another number', { project: { id: 8, path: 'acme/acme' } }],
    ['in another pipeline', { pipeline: 101 }],
    ['at another commit', { commit: 'b'.repeat(40) }],
    ['for another tag', { ref: { tag: 'v1.2.4' } }],
    ['for a branch of the same name', { ref: { branch: 'v1.2.3' } }],
    ['with another plan', { plan: sha256('c'.repeat(64)) }],
    ['in another kind', { pipelineKind: 'branch' }],
    ['in a rehearsal, when it is of a real pipeline', { rehearsal: true }],
  ])('%s', async (_what, other) => {
    await expect(admitted({ origin: { ...origin, ...other } })).rejects.toMatchObject({
      name: 'GateError',
      code: 'gate/manifest',
      where: 'the release manifest of acme 1.2.3',
      next: expect.stringContaining('Nothing was published'),
    })
  })

  test('that is not the one that was approved', async () => {
    const approved = sha256('d'.repeat(64))
    await expect(admitted({ approved })).rejects.toMatchObject({ code: 'gate/altered', message: expect.stringContaining(approved) })
  })

  test('that was changed by hand after it was sealed, be it in one destination', async () => {
    const changed = manifestOf([item], { destinations: [{ ...stable, advisory: true }] })
    await expect(admitted({ records: holding(manifest) }, changed)).rejects.toMatchObject({
      name: 'GateError',
      code: 'gate/altered',
      message: expect.stringContaining(digestOf(manifest)),
    })
  })

  test('whose hold was made longer by hand', async () => {
    const changed = { ...manifest, expiresAt: later(manifest.expiresAt, 86_400) }
    await expect(admitted({ records: holding(manifest) }, changed)).rejects.toMatchObject({ code: 'gate/altered' })
  })

  test('that nobody recorded', async () => {
    await expect(admitted({ records: holding(undefined) })).rejects.toMatchObject({ name: 'GateError', code: 'gate/not-sealed' })
  })

  test('whose record cannot be read: unknown is not "not sealed", nor sealed', async () => {
    const records: RecordStore = { ...holding(manifest), find: () => Promise.reject(new Error('EIO')) }
    await expect(admitted({ records })).rejects.toThrow('EIO')
  })

  test('when its hold is over', async () => {
    await expect(admitted({ now: manifest.expiresAt })).rejects.toMatchObject({ name: 'GateError', code: 'gate/expired' })
  })
})

describe.each([
  ['a directory', async () => directoryRecords(await temporaryFolder())],
  [
    'memory',
    async () => {
      let recorded: ReleaseManifest | undefined
      return {
        find: async () => recorded,
        record: async (made: ReleaseManifest) => {
          recorded ??= made
          return recorded
        },
      }
    },
  ],
])('sealing, with records in %s', (_where, open) => {
  test('records the manifest, and then lets it through', async () => {
    const records = await open()
    expect(await recordSeal(manifest, records)).toEqual(manifest)
    await expect(admitted({ records })).resolves.toBeUndefined()
  })

  test('again with the same artifacts, by a retried job, gives the first manifest back', async () => {
    const records = await open()
    await recordSeal(manifest, records)
    const again: ReleaseManifest = {
      ...manifest,
      origin: { ...origin, job: { id: 9, name: 'seal: [acme]' } },
      targets: manifest.targets.map((target) => ({ ...target, record: sha256('e'.repeat(64)) })),
      sealedAt: later(manifest.sealedAt, 60),
      expiresAt: later(manifest.expiresAt, 60),
    }
    expect(await recordSeal(again, records)).toEqual(manifest)
  })

  test.each<[string, ReleaseManifest, string]>([
    ['with other artifacts', manifestOf([itemOf(Buffer.from('another package'))]), 'with other artifacts'],
    ['with an artifact more', manifestOf([item, itemOf(Buffer.from('more'))]), 'with other artifacts'],
    ['by another pipeline', manifestOf([item], { origin: { ...origin, pipeline: 101 } }), 'by pipeline 100 for tag v1.2.3'],
    ['for other destinations', manifestOf([item], { destinations: [] }), 'with the same artifacts'],
  ])('again %s is refused, and the first stays', async (_what, other, said) => {
    const records = await open()
    await recordSeal(manifest, records)
    await expect(recordSeal(other, records)).rejects.toMatchObject({
      name: 'GateError',
      code: 'gate/sealed-before',
      message: expect.stringContaining(said),
    })
    await expect(recordSeal(other, records)).rejects.toThrow(digestOf(manifest))
    expect(await records.find('acme', '1.2.3')).toEqual(manifest)
  })
})
